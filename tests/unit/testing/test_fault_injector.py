"""The seeded fault injector: its seed is always told, and gives the same schedule again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.testing.injector import FaultInjector

pytest_plugins = ["pytester"]

PROGRAM = """
from chaoskit.testing.injector import FaultInjector
injector = FaultInjector()
print(*(int(injector.should_fail(0.3, "send", "n1")) for _ in range(40)), sep="")
"""


def quiet(seed: int | None = None, environment: Mapping[str, str] | None = None) -> FaultInjector:
    return FaultInjector(seed, environment=environment or {}, tell=lambda _: None)


def decided(injector: FaultInjector, *place: str, probability: float = 0.3, count: int = 400) -> list[bool]:
    return [injector.should_fail(probability, *place) for _ in range(count)]


def test_row_98_the_seed_is_told_whichever_it_is() -> None:
    """The argument's, CHAOSKIT_SEED's, TEST_SEED's, or 1: in this order, and always in the same words."""
    told: list[str] = []
    both = {"CHAOSKIT_SEED": "0x1f", "TEST_SEED": "7"}
    for seed, environment in ((5, both), (None, both), (None, {"TEST_SEED": "7"}), (None, {"TEST_SEED": ""}), (None, {})):
        FaultInjector(seed, environment=environment, tell=told.append)
    assert told == [f"[FaultInjector] Using seed: {seed}" for seed in (5, 31, 7, 1, 1)]


def test_row_98_a_seed_gives_the_same_schedule_again() -> None:
    """Decision for decision; another seed gives another, and so does another place."""
    first, again, other = quiet(7), quiet(7), quiet(8)
    assert decided(first, "send") == decided(again, "send") != decided(other, "send")
    assert decided(first, "receive") != decided(again, "send")
    assert first.schedule[:400] == again.schedule[:400]
    assert [decision.number for decision in first.schedule] == [*range(400), *range(400)]


def test_row_98_a_seed_gives_the_same_schedule_in_every_process() -> None:
    """Whatever the hash seed, by the environment's variable, and printed where nobody asked for it."""
    lines = set()
    for hash_seed in ("0", "1", "77"):
        environment = {**os.environ, "TEST_SEED": "7", "CHAOSKIT_SEED": "", "PYTHONHASHSEED": hash_seed}
        run = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
        lines.add(run.stdout)
    expected = "".join(str(int(fails)) for fails in decided(quiet(7), "send", "n1", count=40))
    assert lines == {f"[FaultInjector] Using seed: 7\n{expected}\n"}


def test_what_is_asked_elsewhere_changes_nothing() -> None:
    """The decisions of a place are the same, whoever else asks in between."""
    alone, among = quiet(7), quiet(7)
    expected = decided(alone, "send", count=50)
    got = []
    for turn in range(50):
        decided(among, "receive", count=turn % 3)
        got += decided(among, "send", count=1)
    assert got == expected


@pytest.mark.parametrize("probability", [0, 0.001, 0.3, 0.5, 1])
def test_a_probability_is_kept(probability: float) -> None:
    """Never at 0, always at 1, and within four standard deviations between them over 20,000 decisions."""
    count = 20_000
    failed = sum(decided(quiet(3), probability=probability, count=count))
    assert abs(failed - probability * count) <= 4 * (count * probability * (1 - probability)) ** 0.5


def test_what_is_no_probability_or_seed_is_refused() -> None:
    """By name."""
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(UsageError, match=rf"^expected a probability between 0 and 1 but got probability={wrong}\.$"):
            quiet(1).should_fail(wrong)
    with pytest.raises(UsageError, match=r"^TEST_SEED: expected a seed, a whole number or 0x…, but got 'seven'\.$"):
        quiet(None, {"TEST_SEED": "seven"})


def test_row_98_pytest_tells_the_seed_of_every_test_that_injects(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of those that pass, and with -q; the flag and the environment choose it."""
    monkeypatch.delenv("CHAOSKIT_SEED", raising=False)
    monkeypatch.setenv("TEST_SEED", "9")
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:randomly\n")
    pytester.makepyfile(
        test_mine="def test_it(fault_injector):\n    assert not fault_injector.should_fail(0)\n\ndef test_none():\n    pass\n"
    )
    for flags, seed in (([], 9), (["--chaoskit-seed=0x10"], 16)):
        result = pytester.runpytest("-q", *flags)
        result.assert_outcomes(passed=2)
        lines = [line for line in result.outlines if "FaultInjector" in line]
        assert lines == [f"[FaultInjector] Using seed: {seed} in test_mine.py::test_it"]


def test_a_marked_tests_injector_has_its_seed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its items injects by its own."""
    monkeypatch.delenv("CHAOSKIT_SEED", raising=False)
    monkeypatch.setenv("TEST_SEED", "9")
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:randomly\n")
    pytester.makepyfile(
        test_mine=(
            "import pytest\n\n"
            "@pytest.mark.chaoskit(model='abd', nodes=3, ops=5, nemesis='none', seeds=[3, 4])\n"
            "def test_it(fault_injector, chaoskit_seed):\n    assert fault_injector.seed == chaoskit_seed\n"
        )
    )
    result = pytester.runpytest("-q")
    result.assert_outcomes(passed=2)
    told = [line.partition(" in ")[0] for line in result.outlines if line.startswith("[FaultInjector]")]
    assert told == ["[FaultInjector] Using seed: 3", "[FaultInjector] Using seed: 4"]
