"""Registers judged by blocks: as by brute force, down to the first failing completion; and every planted mistake is seen."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from planting import planted

from chaoskit.check import Linearizable
from chaoskit.check.linear import blocks
from chaoskit.check.linear.brute import first_failure
from chaoskit.check.linear.columns import NO_VALUE, Columns
from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.linear.witness import prove_registers
from chaoskit.core.errors import InternalError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget
from chaoskit.spec import UNKNOWN, CompleteSpec, Label, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of, small_problems

HORIZON = 20
SPEC = complete(spec_from_text("cas-register"))
SPECS = ("cas-register", "cas-register:initial=1", "cas-register:failed-cas=observe", "cas-register:nil-read=unknown")
CHOICES: tuple[Choice, ...] = (
    (Label(f="read", output=None), True),
    (Label(f="read", output=1), True),
    (Label(f="read", output=2), True),
    (Label(f="write", input=1, output=None), True),
    (Label(f="write", input=2, output=UNKNOWN), False),
    (Label(f="cas", input=[1, 2], output=None), True),
    (Label(f="cas", input=[2, 3], output=UNKNOWN), False),
    (Label(f="read", output=3), True),
    (Label(f="cas", input=[3, 1], output=None), True),
    (Label(f="write", input=None, output=None), True),
    (Label(f="write", input=3, output=None), True),
)
HARD = (  # chosen calls and their intervals: what four calls by three clients do not show
    ([3, 1, 1, 4, 2, 2], [(0, 1), (2, 3), (8, 9), (4, 20), (5, 6), (10, 11)]),  # an unanswered write seen between old reads
    ([3, 4, 2, 6, 7, 1], [(0, 1), (2, 20), (3, 4), (5, 20), (6, 7), (8, 9)]),
    ([4, 2, 3, 2], [(0, 20), (1, 2), (3, 4), (5, 6)]),  # seen before and after a write of something else
    ([3, 10, 5], [(0, 1), (2, 3), (4, 5)]),  # a cas of what was overwritten
    ([0, 3, 9, 0], [(0, 1), (2, 3), (4, 5), (6, 7)]),  # the first value comes back
    ([4, 6, 7, 3, 1], [(0, 20), (1, 20), (2, 3), (4, 5), (6, 7)]),  # two unanswered calls, the first seen only by the second
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.integers(1, 4), max_size=3 * blocks.CHAINS_AT_ONCE), st.randoms(use_true_random=False))
@example([2] * 2 * blocks.CHAINS_AT_ONCE, Random(1))  # all end at one step
def test_chains_are_walked_to_their_ends_however_many_there_are(lengths: list[int], random: Any) -> None:
    """Many are walked a step of all together, the rest one by one; either may be none."""
    numbers = list(range(sum(lengths)))
    random.shuffle(numbers)
    chains = [[numbers.pop() for _ in range(length)] for length in lengths]
    following = np.full(sum(lengths), -1, dtype=np.int64)
    for chain in chains:
        for value, after in itertools.pairwise(chain):
            following[value] = after
    found, of_chain = blocks._walk(np.array([chain[0] for chain in chains], dtype=np.int64), following)
    assert found.tolist() == [value for chain in chains for value in chain]
    assert of_chain.tolist() == [number for number, chain in enumerate(chains) for _ in chain]

@st.composite
def mostly_distinct(draw: st.DrawFn) -> History:
    """Registers x and y, four slots; most values are written once, most reads return one of the last few."""
    builder = HistoryBuilder()
    written: dict[str, list[Any]] = {"x": [None], "y": [None]}
    opened: dict[int, tuple[int, str, str, Any]] = {}
    generation = [0] * 4
    for slot in draw(st.lists(st.integers(0, 3), min_size=4, max_size=24)):
        process = slot + 4 * generation[slot]
        if slot not in opened:
            f, key = draw(st.sampled_from(("read", "read", "write", "cas"))), draw(st.sampled_from("xxy"))
            recent = written[key][-4:]
            value = draw(st.sampled_from((*[len(builder)] * 9, recent[-1])))
            opened[slot] = process, f, key, {"read": None, "write": value, "cas": [draw(st.sampled_from(recent)), value]}[f]
            builder.append("invoke", *opened[slot])
            written[key] += [] if f == "read" else [value]
            continue
        process, f, key, value = opened.pop(slot)
        kind = draw(st.sampled_from(("ok", "ok", "ok", "ok", "info", "fail")))
        if f == "read" and kind == "ok":
            value = draw(st.sampled_from(written[key][-4:]))
        builder.append(kind, process, f, key, value)
        generation[slot] += kind == "info"
    return builder.build()


@settings(deadline=None, derandomize=True, max_examples=250)
@given(mostly_distinct(), st.sampled_from(SPECS))
def test_without_a_search_registers_are_judged_as_by_brute_force(history: History, name: str) -> None:
    """By key: valid, or invalid at the same completion; histories that do not qualify are searched, and come out right too."""
    spec = complete(spec_from_text(name))
    expected = {problem.key: first_failure(problem, spec) for problem in problems(history, spec)}
    verdict = Linearizable(spec, search_up_to=0, witness=True).check(history, budget=Budget())
    found = {violation.keys[0]: violation.data["op"] for violation in verdict.violations}
    assert found == {key: failing for key, failing in expected.items() if failing is not None}
    assert {each["key"] for each in verdict.results.get("witness", ())} == expected.keys() - found.keys()


@settings(deadline=None, derandomize=True, max_examples=150)
@given(mostly_distinct())
def test_a_violation_found_without_a_search_is_of_the_same_kind_and_shown_by_the_same_calls(history: History) -> None:
    """Evidence does not depend on who found it."""
    quick = Linearizable(SPEC, search_up_to=0).check(history, budget=Budget())
    searched = Linearizable(SPEC, search_up_to=1000).check(history, budget=Budget())
    assert [(each.kind, each.ops) for each in quick.violations] == [(each.kind, each.ops) for each in searched.violations]


def columns_of(problem: Problem) -> Columns:
    """A small problem in columns; its values are numbers, nil is 0."""

    def numbers(column: list[int]) -> Any:
        return np.array(column, dtype=np.int64)

    labels = [problem.label(call) for call in problem.calls]
    seen = [label.output if label.f == "read" else label.input[0] if label.f == "cas" else NO_VALUE for label in labels]
    written = [NO_VALUE if label.f == "read" else label.input[1] if label.f == "cas" else label.input for label in labels]
    return Columns(
        began=numbers([call.began for call in problem.calls]),
        ended=numbers([min(call.ended, HORIZON) for call in problem.calls]),
        key=numbers([0] * len(labels)),
        seen=numbers([value or 0 for value in seen]),
        written=numbers([value or 0 for value in written]),
        horizon=HORIZON,
        initial=0,
        values=4,
    )


def is_wrong(module: types.ModuleType, problem: Problem, spec: CompleteSpec) -> bool:
    """Does it decide otherwise than brute force, or offer an order that is none?"""
    calls, failing = columns_of(problem), first_failure(problem, spec)
    try:
        judged = module.Blocks(calls, 1)
        if not judged.decided[0]:
            return False
        if judged.bad[0] != (failing is not None):
            return True
        if failing is None:
            prove_registers(calls, judged.order(), ~judged.bad)
            return False
        found = module.first_failure(calls, int(judged.fails_by[0]))
    except (InternalError, IndexError, ValueError):
        return True
    return found is not None and found.position != failing


def small() -> Iterator[Problem]:
    """The hard ones, then all of up to three calls by two clients."""
    for chosen, intervals in HARD:
        yield problem_of(SPEC, CHOICES, chosen, [(began, sys.maxsize if ended == 20 else ended) for began, ended in intervals])
    for calls, choices in ((1, CHOICES), (2, CHOICES), (3, CHOICES[:7])):
        yield from small_problems(SPEC, choices, calls=calls, clients=2)


def larger() -> Iterator[Problem]:
    """Those, and all of four calls by two clients."""
    yield from small()
    yield from small_problems(SPEC, CHOICES[:9], calls=4, clients=2)


def test_blocks_agree_with_brute_force_on_every_small_history() -> None:
    """Exhaustive up to names; unanswered calls included."""
    assert not any(is_wrong(blocks, problem, SPEC) for problem in small())


def test_most_small_histories_of_distinct_values_are_decided() -> None:
    """The precondition is honest, and no more than is needed."""
    chosen = small_problems(SPEC, CHOICES[:3] + CHOICES[4:5], calls=3, clients=2)
    decided = [bool(blocks.Blocks(columns_of(problem), 1).decided[0]) for problem in chosen]
    assert sum(decided) > 0.9 * len(decided)


MUTANTS: dict[str, tuple[str, str]] = {
    "reads need no write": ("self._fail(calls.key[phantoms]", "self._fail(calls.key[phantoms[:0]]"),
    "blocks are in order within": ("self._check_within()\n", "self._check_within(); self.bad[:] = False\n"),
    "divided blocks may overlap": ("self._fail_between(one[wrong], two[wrong])", "pass"),
    "a block may lie inside another": ("self._fail_between(others[wrong], outer[wrong])", "pass"),
    "a cas glues nothing": ("if not len(cas):\n            self.values_in_order", "if True:\n            self.values_in_order"),
    "crashed calls never happen": ("keep[needed] = True", "pass"),
    "only what was seen by returned calls happened": ("needed.extend(wanting.pop(int(calls.seen[row]), ()))", "pass"),
    "doubled values are distinct": ("if counts.max() <= 1:", "if True:"),
    "a hope is a proof": ("self.decided &= ~(self.bad & (self.fails_by >= self.hopes_from))", "pass"),
    "what failed late had failed before": ("(self.fails_by >= self.hopes_from)", "(self.fails_by < self.hopes_from)"),
    "the first value was written by nobody": ("counts[self.first :] += 1", "pass"),
    "reads come before their write": ("rank[reads] += 1", "rank[reads] -= 1"),
    "the last read of a value is its first": ("= calls.began[reads]  #", "= calls.began[reads][::-1]  #"),
    "a block's end is its last": ("np.minimum.reduceat(ended, starts)", "np.maximum.reduceat(ended, starts)"),
    "a block's beginning is its first": ("np.maximum.reduceat(began, starts)", "np.minimum.reduceat(began, starts)"),
}


@pytest.mark.quality
@pytest.mark.mutants
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_small_histories_show_a_mistake_planted_in_the_blocks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the laws are worth something. Method: change one line, and look for a small history that shows it."""
    old, new = MUTANTS[name]
    mutant = planted(monkeypatch, blocks, old, new)
    assert any(is_wrong(mutant, problem, SPEC) for problem in larger()), f"nothing shows that {name}"
