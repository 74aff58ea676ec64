"""Laws of the weaker promises: what the fast checks say is what the definitions say, and stronger promises imply weaker ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.check.weak import LEVELS, Consistent, brute
from chaoskit.check.weak.order import Purse
from chaoskit.check.weak.registers import registers
from chaoskit.check.weak.sequential import Placed, sequential
from chaoskit.check.weak.staleness import bounds, staleness
from chaoskit.check.weak.zones import is_linearizable
from chaoskit.core.history import History
from chaoskit.core.op import INFO, INVOKE, OK, Op
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.spec import spec_from_text

IMPLIES = [  # Jepsen's lattice: who keeps the first keeps the second
    ("linearizable", "sequential"),
    ("sequential", "causal"),
    ("causal", "pram"),
    ("causal", "writes-follow-reads"),
    ("pram", "read-your-writes"),
    ("pram", "monotonic-reads"),
    ("pram", "monotonic-writes"),
]
LAW = settings(deadline=None, derandomize=True, max_examples=120)


@st.composite
def weak_histories(draw: st.DrawFn, *, operations: int = 7, twice: bool = False) -> History:
    """Reads and writes of two keys by up to four clients; every write has a value of its own, unless `twice`.

    Reads return nil or what some write of the key writes, before or after; some operations fail or are never answered.
    """
    clients = draw(st.integers(1, 4))
    events: list[list[Any]] = []  # type, process, f, key, value
    opened: dict[int, list[Any]] = {}
    process_of = list(range(clients))
    count = 0
    for client in draw(st.lists(st.integers(0, clients - 1), min_size=2, max_size=2 * operations)):
        if client not in opened:
            f, key = draw(st.sampled_from(["read", "write"])), draw(st.sampled_from("xy"))
            count += f == "write"
            value = None if f == "read" else draw(st.integers(1, 2)) if twice else count
            opened[client] = [process_of[client], f, key, value]
            events.append([INVOKE, *opened[client]])
            continue
        kind = draw(st.sampled_from([OK] * 8 + ["fail", INFO]))
        events.append([kind, *opened.pop(client)])
        process_of[client] += clients * (kind == INFO)
    written = {key: [event[4] for event in events if event[0] == INVOKE and event[2:4] == ["write", key]] for key in "xy"}
    for event in events:
        if event[0] == OK and event[2] == "read":
            event[4] = draw(st.sampled_from([None, *written[event[3]]]))
    return History.of(Op(type=type, process=process, f=f, key=key, value=value) for type, process, f, key, value in events)


def judge(level: str, history: History, *, looks_for_proof: bool = False) -> Verdict:
    """The verdict by the level's own rules, unless a linearizable history may pass without."""
    return Consistent(level, looks_for_proof=looks_for_proof).check(history, budget=Budget())


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_what_its_definition_says(level: str) -> None:
    """Compared with trying every order; with and without a look at linearizability first; never unknown."""

    @LAW
    @given(weak_histories())
    def law(history: History) -> None:
        expected = brute.keeps(level, history)
        assert judge(level, history).is_valid is expected
        assert judge(level, history).is_invalid is not expected
        assert judge(level, history, looks_for_proof=True).is_valid is expected

    law()


@LAW
@given(weak_histories())
def test_stronger_promises_imply_weaker_ones(history: History) -> None:
    """Along Jepsen's lattice, by the definitions and by the checks."""
    linearizable = Linearizable(spec_from_text("register")).check(history, budget=Budget()).is_valid
    kept = {level: judge(level, history).is_valid for level in LEVELS} | {"linearizable": linearizable}
    assert is_linearizable(registers(history)) is linearizable is brute.keeps("linearizable", history)
    for stronger, weaker in IMPLIES:
        assert kept[weaker] or not kept[stronger], (stronger, weaker)


@LAW
@given(weak_histories(operations=12), st.permutations(range(4)))
def test_names_of_processes_change_nothing(history: History, names: list[int]) -> None:
    """Renamed, as numbers or texts: the same verdict and the same kinds, of the same operations."""

    def renamed(op: Op) -> Op:
        client, generation = int(op.process) % 4, int(op.process) // 4
        return Op(type=op.type, process=f"p{names[client]}-{generation}", f=op.f, key=op.key, value=op.value)

    other = History.of(map(renamed, history))
    for level in LEVELS:
        before, after = judge(level, history), judge(level, other)
        assert before.status is after.status
        assert {(each.kind, *each.ops) for each in before.violations} == {(each.kind, *each.ops) for each in after.violations}


@LAW
@given(weak_histories(twice=True))
def test_values_written_twice_never_make_a_wrong_verdict(history: History) -> None:
    """Whatever is decided is what the definition says, with any writer of the value as the one that was seen."""
    for level in LEVELS:
        verdict = judge(level, history, looks_for_proof=True)
        if not verdict.is_unknown:
            assert verdict.is_valid is brute.keeps(level, history), level


@LAW
@given(weak_histories(operations=10))
def test_the_relation_never_decides_against_the_search(history: History) -> None:
    """Sequential consistency with and without the relation's rules."""
    found = registers(history)
    assume(not found.unwritten)
    pruned, plainly = (sequential(found, Purse(100_000), saturate=saturate) for saturate in (True, False))
    assert isinstance(pruned, Placed) is isinstance(plainly, Placed)


@LAW
@given(weak_histories(operations=10))
def test_every_violation_is_told_to_its_contradiction(history: History) -> None:
    """Sentences that end in one, operations of the history, and a summary."""
    for level in LEVELS:
        for violation in judge(level, history).violations:
            assert plain(violation.sentences[-1]).endswith("a contradiction.")
            assert violation.summary
            assert violation.ops
            assert all(history[op].is_invoke for op in violation.ops)


@settings(LAW, max_examples=500)
@given(weak_histories(operations=7))
def test_the_staleness_bound_is_the_smallest_k(history: History) -> None:
    """Compared with trying every order; 1 exactly for linearizable histories."""
    found, expected = staleness(history), brute.staleness(history)
    if registers(history).unwritten:
        assert found is None
        return
    assert (None if found is None else (found.lower, found.upper)) == (None if expected is None else (expected, expected))
    assert (expected == 1) is brute.keeps("linearizable", history)
    if not registers(history).unclear:
        assert bounds(registers(history), Purse(100_000), only_search=True) == found
