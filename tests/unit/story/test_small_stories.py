"""Stories of every model: nothing can be dropped from one, and it is the same however and wherever it is told."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec
import pytest

from chaoskit.core.plan import plan_to_json
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.shrink.plans import asked, asking, with_faults
from chaoskit.story import Failure, Told, failure_of, tell

CASES = {  # model → a bug, and a seed of short runs that finds it
    "raft": ("ack-on-append", 2),
    "abd": ("tie-without-id", 9),
    "primary_backup": ("async-failover", 4),
    "gossip": ("sum-merge", 1),
}
OPS = 40


@cache
def case_of(model: str) -> tuple[Failure, Told]:
    """A short run of the model that fails because of a planted bug: how, and its story."""
    bug, seed = CASES[model]
    outcome = execute(draw(Settings(seed=seed, ops=OPS, bugs=(bug,)), model))
    failure = failure_of(outcome, judge(outcome))
    assert failure is not None
    return failure, tell(outcome.plan, failure)


def digests() -> list[str]:
    """Stands for the stories of all models."""
    stories = [case_of(model)[1] for model in CASES]
    return [hashlib.sha256(plan_to_json(told.plan) + msgspec.json.encode(told.shrinking)).hexdigest() for told in stories]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Failure, Told]:
    return case_of(request.param)


def test_nothing_can_be_dropped(case: tuple[Failure, Told]) -> None:
    """The story fails in the same way, and without any one operation or fault it no longer does."""
    failure, told = case
    plan = told.plan
    assert judge(execute(plan)).fingerprint == failure.fingerprint
    fewer_ops = [asking(plan, [other for other in asked(plan) if other is not one]) for one in asked(plan)]
    fewer_faults = [with_faults(plan, [other for other in plan.faults if other is not one]) for one in plan.faults]
    assert fewer_ops
    assert not any(failure(less).shows for less in fewer_ops + fewer_faults)


def test_shrinking_the_shrunk_does_nothing(case: tuple[Failure, Told]) -> None:
    """The story is a fixed point of every pass."""
    failure, told = case
    assert told.shrinking.stopped is None
    assert tell(told.plan, failure).plan == told.plan


def test_a_story_is_the_same_in_another_process() -> None:
    """The same plan, runs and causes, whatever the process hashes strings with."""
    environment = {**os.environ, "PYTHONHASHSEED": "1234", "PYTHONPATH": str(Path(__file__).parent)}
    program = "import test_small_stories as own; print(*own.digests())"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == digests()
