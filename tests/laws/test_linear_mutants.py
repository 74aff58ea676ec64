"""Planted mistakes in the search, each of which the oracle of small histories must see."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.check.linear import layout as layout_module
from chaoskit.check.linear import search as search_module
from chaoskit.check.linear.brute import first_failure
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.core.errors import InternalError
from chaoskit.spec import UNKNOWN, CompleteSpec, Label, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of, small_problems

LIMIT = 2_000  # a mistake may make the search wander

SEARCH, LAYOUT = search_module, layout_module
MUTANTS: dict[str, tuple[types.ModuleType, str, str]] = {
    "a read is placed in any state": (SEARCH, "if burden & bit and self._after(label, state):", "if burden & bit:"),
    "a new read is taken for placed": (SEARCH, "burden |= bit\n", "pass\n"),
    "a slot keeps its bit when it is given back": (SEARCH, "                mask ^= stop.bit\n", "                pass\n"),
    "a bit survives the stop that placed it": (
        SEARCH,
        "return self._arrive((at + 1, state, mask if stop.is_read else mask ^ stop.bit",
        "return self._arrive((at + 1, state, mask",
    ),
    "a bit survives the stop that it had passed": (
        SEARCH,
        "            self._arrive((at + 1, state, mask if stop.is_read else mask ^ stop.bit",
        "            self._arrive((at + 1, state, mask",
    ),
    "stop by stop, any burden dominates": (SEARCH, "if any(not other & ~burden for other in burdens):", "if burdens:"),
    "stop by stop, the lighter burden makes way": (SEARCH, "if not burden & ~other]:", "if burden & ~other]:"),
    "stop by stop, one configuration is enough": (
        SEARCH,
        "frontier = self._next_frontier",
        "frontier = dict([*self._next_frontier.items()][:1])",
    ),
    "stop by stop, only calls without crashed ones before them": (SEARCH, "while used < len(self._waiting)", "while used < 1"),
    "any visited burden dominates": (SEARCH, "if not other & ~burden:", "if True:"),
    "the larger burden dominates": (SEARCH, "if not other & ~burden:", "if not burden & ~other:"),
    "the younger twin goes first": (SEARCH, "(twin and not mask & twin)", "(twin and mask & twin)"),
    "a crashed call before any other is waste": (
        SEARCH,
        "return before != NOWHERE and self._prunings.waste and new in self._after(label, before)",
        "return before != NOWHERE",
    ),
    "crashed calls never happen": (SEARCH, "in stop.crashed:", "in ():"),
    "crashed calls happen as often as wanted": (SEARCH, "burden | bit, (call", "burden, (call"),
    "visited configurations forget the mask": (SEARCH, "state << self._mask_bits | mask", "state << self._mask_bits"),
    "visited configurations forget the state": (SEARCH, "state << self._mask_bits | mask", "mask"),
    "only the first pending call is tried": (
        SEARCH,
        "for bit, label, call, twin in stop.movers:",
        "for bit, label, call, twin in stop.movers[:1]:",
    ),
    "crashed calls share bits with reads": (LAYOUT, "first_bit=_most_open_reads(events, problem, is_read)", "first_bit=0"),
    "equal calls are not told apart by their return": (LAYOUT, "(calls[number].ended, (mask", "(calls[number].began, (mask"),
    "reads of the stop before are new again": (LAYOUT, "        fresh.clear()\n", ""),
    "crashed calls are forgotten": (LAYOUT, "crashed.add(label, number)", "pass"),
}
CHOICES: tuple[Choice, ...] = (
    (Label(f="read", output=None), True),
    (Label(f="read", output=1), True),
    (Label(f="read", output=2), True),
    (Label(f="write", input=1, output=None), True),
    (Label(f="write", input=2, output=UNKNOWN), False),
    (Label(f="cas", input=[1, 2], output=None), True),
    (Label(f="cas", input=[2, 1], output=UNKNOWN), False),
)
HARD: tuple[
    tuple[list[int], list[tuple[int, int]]], ...
] = (  # found by chance: a burdened configuration is visited before a free one
    ([2, 3, 4, 6, 5, 5], [(0, 3), (1, 4), (2, NEVER), (5, NEVER), (6, 9), (7, 8)]),
    ([3, 5, 4, 3, 5], [(0, 7), (1, 2), (3, NEVER), (4, 8), (5, 6)]),  # a twin that returns late has to wait
)


def mutated(monkeypatch: pytest.MonkeyPatch, module: types.ModuleType, old: str, new: str) -> types.ModuleType:
    """A module like this one but for a piece of its source."""
    source = Path(str(module.__file__)).read_text()
    assert source.count(old) == 1, f"expected {old!r} once in {module.__name__}"
    mutant = types.ModuleType(f"{module.__name__}_mutant")
    monkeypatch.setitem(sys.modules, mutant.__name__, mutant)  # dataclasses look their module up
    exec(compile(source.replace(old, new), mutant.__name__, "exec"), mutant.__dict__)
    return mutant


def histories(spec: CompleteSpec) -> Iterator[Problem]:
    """The hard ones, then all small ones."""
    yield from (problem_of(spec, CHOICES, chosen, intervals) for chosen, intervals in HARD)
    for calls, clients in ((1, 1), (2, 2), (3, 2), (4, 3)):
        yield from small_problems(spec, CHOICES, calls=calls, clients=clients)


def is_wrong(search: types.ModuleType, layout: types.ModuleType, problem: Problem, spec: CompleteSpec) -> bool:
    """Does this search, in either order, say something else than brute force, or offer a linearization that is none?"""
    failing = first_failure(problem, spec)
    try:
        stops = layout.lay_out(problem)
        for explore in (search.depth_first, search.stop_by_stop):
            table = Table(spec, problem.labels, problem.is_read)
            found = explore(stops, table, limit=LIMIT)
            if isinstance(found, search.GaveUp):
                return True
            if isinstance(found, search.Found):
                prove(problem, spec, [(call, table.states[state]) for call, state in found.order])
            if failing != (None if isinstance(found, search.Found) else problem.calls[stops.stops[found.stop].call].ended):
                return True
    except (InternalError, IndexError, KeyError):
        return True
    return False


@pytest.mark.quality
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_small_histories_kill_a_planted_mistake(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the oracle is worth something. Method: change one line of the search, and look for a history that shows it."""
    module, old, new = MUTANTS[name]
    mutant = mutated(monkeypatch, module, old, new)
    search = mutant if module is SEARCH else SEARCH
    layout = mutant if module is LAYOUT else LAYOUT
    spec = complete(spec_from_text("cas-register"))
    assert any(is_wrong(search, layout, problem, spec) for problem in histories(spec)), f"nothing shows that {name}"


def test_the_search_as_it_is_passes_the_histories_that_kill_mistakes() -> None:
    """The hard histories show mistakes only where there are some."""
    spec = complete(spec_from_text("cas-register"))
    problems = [problem_of(spec, CHOICES, chosen, intervals) for chosen, intervals in HARD]
    assert not any(is_wrong(SEARCH, LAYOUT, problem, spec) for problem in problems)
