"""The power of histories of which it is known, and what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from chaoskit.check import Linearizable, run_checkers
from chaoskit.check.linear.normalise import problems
from chaoskit.check.power import Effort, Power, WithPower, measure
from chaoskit.check.power.figures import Figures, figures
from chaoskit.check.power.measure import ASKED, CHEAP
from chaoskit.check.power.telling import advice, share
from chaoskit.core.errors import UsageError
from chaoskit.core.history import History
from chaoskit.core.op import INVOKE, OK, Op
from chaoskit.core.verdict import Budget
from chaoskit.spec import UNKNOWN, Illegal, Label, State, Step, complete, spec_from_text
from chaoskit.testing.histories import h

SEQUENTIAL = " ".join(f"0:w{number} 1:r{number}" for number in range(1, 31))
UNREAD = " ".join(f"0:w{number}" for number in range(1, 31))


def found(power: Power) -> dict[str, tuple[int, int]]:
    """Noticed and tried, by kind."""
    return {kind.name: (kind.noticed, kind.tried) for kind in power.kinds}


def power_of(text: str, spec: str, *, effort: Effort = ASKED) -> dict[str, tuple[int, int]]:
    """The power of a line."""
    return found(measure(h(text), spec_from_text(spec), effort=effort))


def test_where_nothing_overlaps_and_all_is_read_everything_is_noticed() -> None:
    """Each stale read, each lost write but none; twice applied ones as well, for the next read sees them."""
    noticed = power_of(SEQUENTIAL, "register")
    assert noticed["stale-read"] == (30, 30)
    assert noticed["lost-write"] == (30, 30)
    assert noticed["duplicate-apply"] == (29, 29)
    assert noticed["out-of-order"] == (29, 29)
    assert noticed["swapped-answers"] == (29, 29)


def test_writes_that_nobody_reads_are_lost_unnoticed() -> None:
    """All of them, and the advice is to read."""
    power = measure(h(UNREAD), spec_from_text("register"))
    assert found(power)["lost-write"] == (0, 30)
    assert [kind.unseen for kind in power.kinds] == [kind.tried for kind in power.kinds]
    assert power.advice == ("ask for more reads, so that fewer changes go unseen (0 % of the operations read)",)
    assert power.kinds[0].example == "w0 (write 1) could have been lost"


def test_what_overlaps_explains_everything() -> None:
    """Reads that are open as long as the writes which they see might as well have come first."""
    line = " ".join(f"0(w{number} 1(r{number} 0) 1){number}" for number in range(1, 21))
    power = measure(h(line), spec_from_text("register"))
    assert found(power)["stale-read"] == (0, 20)
    assert power.figures.open_at_once == 1.5


@pytest.mark.parametrize(
    ("spec", "line", "kind", "expected"),
    [
        ("cas-register", "0:w1 1:c1>2 2:r2 1:c2>3 2:r3", "lost-write", (3, 3)),
        ("set", "0:a1 1:r[1] 0:a2 1:r[1,2] 0:m1 1:r[2]", "lost-write", (3, 3)),
        ("counter", "0:a1 1:r1 0:a2 1:r3", "off-by-one", (2, 2)),
        ("counter", "0(a1 1:r1 2:r1 0)", "off-by-one", (2, 2)),
        ("counter", "0(a1 1(a2 2:r0 0) 1)", "off-by-one", (0, 1)),
        ("fifo-queue", "0:e1 0:e2 1:d1 1:d2", "lost-element", (2, 2)),
        ("fifo-queue", "0:e1 0:e2 1:d1 1:d2", "duplicate-delivery", (1, 2)),
        ("fifo-queue", "0:e1 0:e2 1:d1 1:d2", "out-of-order", (2, 3)),
        ("mutex", "0:l 1:l! 0:u 1:l", "double-grant", (1, 1)),
        ("mutex", "0:l 0(u 1:l! 0)", "double-grant", (0, 1)),
    ],
)
def test_other_objects_have_kinds_of_their_own(spec: str, line: str, kind: str, expected: tuple[int, int]) -> None:
    """Histories of which the power can be counted by hand."""
    assert power_of(line, spec)[kind] == expected


def test_a_read_that_was_right_before_as_well_is_no_site() -> None:
    """There is no staler answer than the first value, and a value that was written again is not stale."""
    assert "stale-read" not in power_of("0:rnil 1:rnil", "register")
    assert power_of("0:w1 1:r1 0:w1 1:r1", "register")["stale-read"] == (2, 2)


def test_updates_that_overlap_are_not_taken_to_have_an_order() -> None:
    """To apply them the other way round would be no fault."""
    assert "out-of-order" not in power_of("0(w1 1(w2 0) 1) 2:r2", "register")


def test_large_registers_and_searched_ones_are_judged_alike() -> None:
    """By blocks alone nothing else is noticed, where all values are distinct."""
    assert power_of(SEQUENTIAL, "register", effort=CHEAP) == power_of(SEQUENTIAL, "register")


def test_values_that_repeat_are_measured_only_when_asked() -> None:
    """A search may take long: beside a verdict nothing is said."""
    repeated = h("0:w1 1:r1 0:w1 1:r1")
    spec = spec_from_text("register")
    assert measure(repeated, spec, effort=CHEAP).reason == "no object can be judged again quickly enough"
    assert "power" not in WithPower(Linearizable(spec)).check(repeated, budget=Budget()).results
    assert "power" in WithPower(Linearizable(spec), asked=True).check(repeated, budget=Budget()).results


def test_how_much_is_tried_is_decided_in_operations() -> None:
    """So many that the operations of all mutants stay below the limit; with fewer than twenty, nothing is said."""
    history, spec = h(SEQUENTIAL), spec_from_text("register")
    some = measure(history, spec, effort=Effort(looked_at=1000, judged=60 * 5 * 25))
    assert {kind.tried for kind in some.kinds} == {25}
    assert measure(history, spec, effort=Effort(looked_at=1000, judged=60 * 5 * 19)).reason == (
        "no object can be judged again quickly enough"
    )
    few = Effort(looked_at=1000, judged=0, searched=100, searched_per_object=100, configurations=1000)
    assert measure(h("0:w1 1:r1 0:w5 1:r5"), MaxRegister(), effort=few).reason == "4 operations are too many to judge 20 times"


def test_an_object_too_large_to_be_judged_often_is_left_out() -> None:
    """The others are measured all the same."""
    line = f"{SEQUENTIAL} {' '.join(f'2:wx={number} 3:rx={number}' for number in range(100, 105))}"
    power = measure(h(line), spec_from_text("register"), effort=Effort(looked_at=1000, judged=59 * 5 * 20))
    assert (power.figures.objects, power.figures.operations) == (1, 10)


def test_of_many_objects_some_are_drawn() -> None:
    """Whole ones, as long as they have no more operations than are looked at."""
    lines = [f"0:wk{key}={number} 1:rk{key}={number}" for key in range(30) for number in range(1, 11)]
    power = measure(h(" ".join(lines)), spec_from_text("register"), effort=Effort(looked_at=100, judged=10**6))
    assert (power.figures.objects, power.figures.operations) == (5, 100)
    assert found(power)["stale-read"] == (50, 50)


def test_a_budget_that_is_used_up_leaves_mutants_undecided() -> None:
    """They are counted, and the share is said to be the least. A queue of values that come twice is searched."""
    wide = " ".join(f"{process}(e{max(process, 1)}" for process in range(5))
    ends = " ".join(f"{process})" for process in range(5))
    effort = Effort(looked_at=1000, judged=10**6, searched=10**6, searched_per_object=100, configurations=400)
    power = measure(h(f"{wide} {ends} 8:d3 8:d1 8:d4"), spec_from_text("fifo-queue"), effort=effort)
    undecided = [kind for kind in power.kinds if kind.undecided]
    assert undecided
    assert all(kind.sentence.startswith("at least ") and "undecided)" in kind.sentence for kind in undecided)


def test_a_verdict_stays_what_it_is() -> None:
    """Valid with power, invalid and unknown without; all else the same."""
    spec = spec_from_text("register")
    for line in ("0:w1 1:r1", "0:w1 0:w2 1:r1"):
        alone = Linearizable(spec).check(h(line), budget=Budget())
        told = WithPower(Linearizable(spec), asked=True).check(h(line), budget=Budget())
        assert (told.status, told.violations, told.reason) == (alone.status, alone.violations, alone.reason)
        assert {**told.results, "power": None} == {**alone.results, "power": None}
        assert ("power" in told.results) is alone.is_valid
    with pytest.raises(UsageError):
        WithPower(Linearizable(spec)).check(h("0:a1"), budget=Budget())


def test_results_are_json() -> None:
    """As they are kept in a verdict."""
    results = measure(h(SEQUENTIAL), spec_from_text("register")).results()
    assert json.loads(json.dumps(results)) == results
    assert results["kinds"][0]["sentence"] == "100 % of one-step-stale reads would have been noticed (of 30 tried)"


class MaxRegister:
    """A person's own spec: it holds the largest number written."""

    name = "max-register"
    functions = frozenset({"write", "read"})

    def init(self) -> State:
        return 0

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, int)
        if label.f == "write":
            return (max(state, label.input),)
        return (state,) if not isinstance(label.output, int) or label.output == state else Illegal("other")

    def is_read(self, label: Label) -> bool:
        return label.f == "read"


def test_a_spec_of_ones_own_is_measured_by_answers_that_were_given() -> None:
    """Nobody knows what it would have answered but by what it did; where that says nothing, nothing is tried."""
    power = measure(h("0:w1 1:r1 0:w5 1:r5"), MaxRegister())
    assert found(power) == {"stale-read": (1, 1), "lost-write": (1, 1), "swapped-answers": (1, 1)}


class Touchy(MaxRegister):
    """A person's own spec that raises when it is asked what never happened."""

    def step(self, state: State, label: Label) -> Step:
        if label.f == "write" and label.output is UNKNOWN:
            raise ValueError("never heard of")
        return super().step(state, label)


@pytest.mark.parametrize("asked", [True, False])
def test_what_goes_wrong_in_measuring_leaves_the_verdict_alone(asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Valid stays valid, and the reason stands where the shares would."""
    checker = WithPower(Linearizable(Touchy()), asked=asked)
    if not asked:  # a spec of one's own is searched, and that is not done without being asked
        checker = WithPower(Linearizable(spec_from_text("register")))
        monkeypatch.setattr("chaoskit.check.power.checker.measure", Touchy().step)
    verdict = run_checkers(h("0:w1 1:r1 0:w2 1:r2"), [checker]).parts[0]
    assert verdict.is_valid
    assert verdict.results["power"]["reason"].startswith("measuring raised ")


PROGRAM = """
import json, sys
from chaoskit.check.power import measure
from chaoskit.spec import spec_from_text
from chaoskit.testing.histories import h
line = " ".join(f"0(wk{n % 3}={n} 1:rk{n % 3}={n} 0)" for n in range(1, 400))
print(json.dumps([measure(h(line), spec_from_text("register")).results(),
                  measure(h("0:a1 0:a2 1:r[1,2] 0:m1 1:r[2] 0:a3 1:r[3,2]"), spec_from_text("set")).results()]))
"""


def test_every_process_draws_and_counts_the_same() -> None:
    """Whatever its hash seed is: shares, examples and all."""
    given = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(given) == 1
    assert '"tried": 200' in next(iter(given))


def test_the_figures_are_those_of_the_history() -> None:
    """Reads, operations an object, and how many were open when one began, itself among them."""
    history = h("0(wx=1 1(rx=1 0) 1)1 0:wy=2 1:wy=3?")
    assert figures(problems(history, complete(spec_from_text("register")))) == Figures(
        objects=2, operations=4, reads=1, open_at_once=1.2
    )


@pytest.mark.parametrize(
    ("noticed", "unseen", "reads", "open_at_once", "operations", "said"),
    [
        (95, 0, 10, 9.0, 100, []),
        (50, 50, 10, 9.0, 100, ["more reads"]),
        (50, 0, 10, 9.0, 100, ["fewer clients"]),
        (50, 25, 10, 9.0, 100, ["more reads", "fewer clients"]),
        (50, 50, 70, 9.0, 10, ["fewer keys"]),
        (50, 50, 70, 1.0, 100, ["let the history be longer"]),
    ],
)
def test_the_advice_follows_from_the_figures(
    noticed: int, unseen: int, reads: int, open_at_once: float, operations: int, said: list[str]
) -> None:
    """Nothing where enough is noticed; what nobody saw asks for reads, what is explained away for less at once."""
    given = Figures(objects=10, operations=10 * operations, reads=operations * reads // 10, open_at_once=open_at_once)
    advised = advice(given, tried=100, noticed=noticed, unseen=unseen)
    assert len(advised) == len(said)
    assert all(word in sentence for word, sentence in zip(said, advised, strict=True))


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    """99.5 % is not all, and a little is not nothing."""
    assert [share(noticed, 200) for noticed in (0, 1, 100, 199, 200)] == ["0 %", "<1 %", "50 %", "99 %", "100 %"]


def test_a_history_in_which_nothing_can_go_wrong_says_so() -> None:
    """Asked for it, a reason stands there."""
    history = History.of([Op(type=INVOKE, process=0, f="read"), Op(type=OK, process=0, f="read", value=None)])
    assert measure(history, spec_from_text("register")).reason == "nothing in it could have gone wrong so"
