"""Stories of planted bugs: a slice that is quick. The rest is in tests/quality."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from chaoskit.core.plan import Invocation, Plan
from chaoskit.replay import replay
from chaoskit.run import draw, execute, judge
from chaoskit.session import Kept, run, shrink_kept
from chaoskit.settings import Settings
from chaoskit.shrink import ShrinkBudget
from chaoskit.shrink.plans import with_overrides
from chaoskit.story import Failure, Told, failure_of, tell
from chaoskit.story.causes import find_causes
from chaoskit.story.failure import seen_in

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "tests" / "cli" / "models_of_mine.py"
NAIVE = ROOT / "docs" / "how-to" / "examples" / "naive_store.py"
ACK_ON_APPEND = Settings(seed=2, bugs=("ack-on-append",))


@pytest.fixture(scope="module")
def failing() -> tuple[Plan, Failure]:
    """A run of Raft that fails because of a planted bug, and how."""
    outcome = execute(draw(ACK_ON_APPEND, "raft"))
    failure = failure_of(outcome, judge(outcome))
    assert failure is not None
    return outcome.plan, failure


@pytest.fixture(scope="module")
def told(failing: tuple[Plan, Failure]) -> Told:
    return tell(*failing)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The same run, kept with its story."""
    return run(ACK_ON_APPEND, "raft", root=tmp_path_factory.mktemp("root"), shrink=ShrinkBudget(runs=20))


def without_each(plan: Plan) -> list[Plan]:
    """The plan without one of its operations or faults, each in turn."""
    asked = plan.invocations or []
    fewer_ops = [msgspec.structs.replace(plan, invocations=[other for other in asked if other is not one]) for one in asked]
    fewer_faults = [
        msgspec.structs.replace(plan, faults=[other for other in plan.faults if other is not one]) for one in plan.faults
    ]
    return fewer_ops + fewer_faults


def test_a_story_is_small_and_fails_in_the_same_way(failing: tuple[Plan, Failure], told: Told) -> None:
    """The same fingerprint, and valid with the flag off."""
    _, failure = failing
    verdict = judge(execute(told.plan))
    assert verdict.fingerprint == failure.fingerprint
    assert judge(execute(msgspec.structs.replace(told.plan, bugs=[]))).is_valid
    after = told.shrinking.after
    assert after.ops <= 8
    assert after.faults <= 2
    assert after.decisions <= 10


def test_nothing_can_be_dropped_from_a_story(failing: tuple[Plan, Failure], told: Told) -> None:
    """Without any one operation or fault it is no longer this failure; the causes say so."""
    _, failure = failing
    assert not any(failure(plan).shows for plan in without_each(told.plan))
    assert all(flip.needed for flip in told.shrinking.flips)
    assert [flip.kind for flip in told.shrinking.flips].count("op") == told.shrinking.after.ops


def test_a_story_is_the_same_with_processes_and_when_it_is_told_again(failing: tuple[Plan, Failure], told: Told) -> None:
    """The number of processes decides nothing, and shrinking the shrunk does nothing."""
    plan, failure = failing
    with_two = tell(plan, failure, jobs=2)
    assert (with_two.plan, with_two.shrinking) == (told.plan, told.shrinking)
    assert tell(told.plan, failure).plan == told.plan


def test_what_a_failure_does_without_is_irrelevant(failing: tuple[Plan, Failure], told: Told) -> None:
    """One more operation, on a key of its own, is told apart from what is needed."""
    _, failure = failing
    plan = told.plan
    extra = Invocation(id=9999, slot=plan.cluster.clients - 1, f="read", key="elsewhere")
    asked = [*(plan.invocations or []), extra]
    causes = find_causes(msgspec.structs.replace(plan, invocations=asked), failure)
    assert {flip.name: flip.needed for flip in causes.flips if not flip.needed} == {"i9999": False}
    assert [flip.result for flip in causes.flips if not flip.needed] == [failure.fingerprint.kind]


def test_a_decision_is_told_by_what_it_decided(failing: tuple[Plan, Failure], told: Told) -> None:
    """A message by its type and by when it came, what it was sent for in words."""
    _, failure = failing
    outcome, verdict = failure.judged(told.plan)
    address = next(address for address in seen_in(outcome, verdict).decisions["packet"] if address.startswith("packet/i"))
    plan = with_overrides(told.plan, {**told.plan.overrides, address: told.plan.overrides.get("packet", 0)})
    [flip] = [flip for flip in find_causes(plan, failure).flips if flip.kind == "decision"]
    fate = r"the fate of message 1 from c\d to n\d because of .+ by c\d at \d\.\d{3} s \(Ask, there at once\)"
    assert re.fullmatch(fate, flip.about)


def test_a_failure_that_shows_without_the_bug_is_not_the_bugs(tmp_path: Path) -> None:
    """A client that lies, whatever is planted: no trial for the bug counts it, and its story does not ask for the flag."""
    (tmp_path / "mine.py").write_text(f"{MODELS.read_text()}\nguilty = dataclasses.replace(liar, name='guilty', bugs=abd.bugs)\n")
    settings = Settings(seed=1, ops=20, nodes=3, nemesis="none", bugs=("tie-without-id",))
    outcome = execute(draw(settings, f"{tmp_path / 'mine.py'}:guilty"))
    verdict = judge(outcome)
    assert verdict.fingerprint is not None
    of_the_bug = Failure(fingerprint=verdict.fingerprint, bugs=settings.bugs)(outcome.plan)
    assert (of_the_bug.shows, of_the_bug.result) == (False, "phantom-read also with bugs=[]")
    failure = failure_of(outcome, verdict)
    assert failure is not None
    assert failure(outcome.plan).shows


def test_the_nearest_passing_run_is_laid_beside(told: Told) -> None:
    """What it lacks, when the two part, and how each goes on."""
    parting = told.shrinking.parting
    assert parting is not None
    assert parting.without == "the planted bug ack-on-append"
    assert parting.failing != parting.passing
    assert any("sends Answer to" in line for line in parting.failing)


def test_a_run_in_which_nobody_looked_is_laid_beside_only_where_no_other_passes() -> None:
    """A protocol that is wrong by itself, struck by a partition: without the last read it passes, too, but that says nothing."""
    outcome = execute(draw(Settings(seed=3, nemesis="partition,kill"), str(NAIVE)))
    failure = failure_of(outcome, judge(outcome))
    assert failure is not None
    shrinking = tell(outcome.plan, failure).shrinking
    assert {flip.kind for flip in shrinking.flips if flip.result == "valid"} == {"op", "fault"}
    assert shrinking.parting is not None
    assert shrinking.parting.without.startswith("partition ")
    assert "is lost: cut by" in shrinking.parting.failing[0], "they part where the fault is felt, not where it begins"
    assert any("receives Update from n1" in line for line in shrinking.parting.passing)


def test_a_story_is_kept_within_its_run_and_replays_exactly(kept: Kept) -> None:
    """A run directory of its own, with the reason why it is no smaller; its reports and those of the run tell it."""
    assert kept.story is not None
    assert kept.story.shrinking is not None
    assert kept.story.shrinking.stopped == "the budget of 20 runs is spent"
    assert replay(kept.directory / "story").identical
    for report in (kept.directory / "report.txt", kept.directory / "story" / "report.txt"):
        assert "THE SMALLEST CASE" in report.read_text()


def test_shrinking_a_kept_run_goes_on_from_its_story(kept: Kept) -> None:
    """It gets smaller than a small budget let it, and says how large the original was."""
    further = shrink_kept(kept.directory)
    assert further.story is not None
    assert further.story.shrinking is not None
    assert kept.story is not None
    assert kept.story.shrinking is not None
    assert further.story.shrinking.stopped is None
    assert further.story.shrinking.before == kept.story.shrinking.before
    assert further.story.shrinking.runs > kept.story.shrinking.runs, "those of before count"
    assert further.story.shrinking.after.ops <= kept.story.shrinking.after.ops
    assert "ended early" not in Path(kept.directory / "report.txt").read_text()
