"""Planted mistakes in the search, each of which the oracle of small histories must see."""

from __future__ import annotations

import types
from collections.abc import Iterator

import pytest
from planting import planted

from chaoskit.check.linear import layout as layout_module
from chaoskit.check.linear import moves as moves_module
from chaoskit.check.linear import search as search_module
from chaoskit.check.linear.brute import first_failure
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.core.errors import InternalError
from chaoskit.spec import UNKNOWN, CompleteSpec, Label, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of, small_problems

LIMIT = 2_000  # a mistake may make the search wander

SEARCH, LAYOUT, MOVES = search_module, layout_module, moves_module
MUTANTS: dict[str, tuple[types.ModuleType, str, str]] = {
    "a read is placed in any state": (MOVES, ".reads if self.after(label, state)]", ".reads]"),
    "a new read is taken for placed": (MOVES, "burden |= bit\n", "pass\n"),
    "a new write is taken for placed": (MOVES, "burden | stop.fresh_open, path", "burden, path"),
    "a mover keeps its bit when it is given back": (MOVES, "mask ^= stop.bit", "pass"),
    "a write that is used up keeps its bit when it is given back": (MOVES, "burden ^= stop.bit", "pass"),
    "a mover passes unplaced": (MOVES, "return bool(configuration[2] & stop.bit)", "return True"),
    "a write passes unplaced": (MOVES, "return not configuration[3] & stop.open_bit and", "return"),
    "a hidden write is never seen": (MOVES, "return stop.kind == WRITE and", "return False and"),
    "writes hide what is not open": (MOVES, "left = burden ^ hidden", "left = 0"),
    "a write can be used again and again": (
        MOVES,
        "if burden & bit or (twin and not burden & twin)",
        "if (twin and not burden & twin)",
    ),
    "the younger twin of two writes goes first": (MOVES, "(twin and not burden & twin)", "(twin and burden & twin)"),
    "after an unseen write no crashed call follows": (
        MOVES,
        "if stop.crashed:\n",
        "if stop.crashed and configuration[5] != UNSEEN_WRITE:\n",
    ),
    "after a seen write no write follows": (
        MOVES,
        "burden ^ closing, path, NOWHERE, late",
        "burden ^ closing, path, configuration[5], late",
    ),
    "the younger twin goes first": (MOVES, "(twin and not mask & twin)", "(twin and mask & twin)"),
    "an unanswered write of what is there already hides nothing": (MOVES, "(new != state or hidden)", "new != state"),
    "a crashed call before any other is waste": (
        MOVES,
        "return unseen >= 0 and self._waste and new in self.after(label, unseen)",
        "return unseen >= 0",
    ),
    "crashed calls never happen": (MOVES, "        if stop.crashed:\n", "        if False:\n"),
    "crashed calls happen as often as wanted": (MOVES, "burden ^ hidden | bit, node", "burden ^ hidden, node"),
    "a crashed call hides what is no write": (
        MOVES,
        "hidden = burden & stop.open_writes if is_write else 0",
        "hidden = burden & stop.open_writes",
    ),
    "only the first pending call is tried": (MOVES, "in stop.movers:", "in stop.movers[:1]:"),
    "only the first pending write is tried": (
        MOVES,
        "for bit, label, call, twin, _ in stop.writes:",
        "for bit, label, call, twin, _ in stop.writes[:1]:",
    ),
    "a hidden write is left out of the order": (MOVES, "if hidden & open_bit and other not in seen:", "if False:"),
    "a write that was hidden and then seen is in the order twice": (
        MOVES,
        "if hidden & open_bit and other not in seen:",
        "if hidden & open_bit:",
    ),
    "stop by stop, any burden dominates": (
        SEARCH,
        "if not other & ~burden:\n                    return\n",
        "if True:\n                    return\n",
    ),
    "stop by stop, the lighter burden makes way": (SEARCH, "if not burden & ~other]:", "if burden & ~other]:"),
    "stop by stop, one configuration is enough": (
        SEARCH,
        "        if visits.limit_met or not frontier:",
        "        frontier = dict([*frontier.items()][:1])\n        if visits.limit_met or not frontier:",
    ),
    "stop by stop, only calls without crashed ones before them": (SEARCH, "used += 1\n", "return behind\n"),
    "any visited burden dominates": (
        SEARCH,
        "if not other & ~burden:\n                    return False",
        "if True:\n                    return False",
    ),
    "the larger burden dominates": (
        SEARCH,
        "if not other & ~burden:\n                    return False",
        "if not burden & ~other:\n                    return False",
    ),
    "visited configurations forget the mask": (SEARCH, "state << self._mask_bits | mask", "state << self._mask_bits"),
    "visited configurations forget the state": (SEARCH, "state << self._mask_bits | mask", "mask"),
    "crashed calls share bits with reads": (LAYOUT, "first_bit=self._most_open()", "first_bit=0"),
    "equal calls are not told apart by their return": (
        LAYOUT,
        "self._movers.add(calls[number].ended,",
        "self._movers.add(calls[number].began,",
    ),
    "reads of the stop before are new again": (LAYOUT, "            fresh.clear()\n", ""),
    "writes of the stop before are new again": (LAYOUT, "            fresh_open = 0\n", ""),
    "writes of the stop before can still be hidden": (LAYOUT, "open_writes &= ~open_bit", "pass"),
    "crashed calls are forgotten": (LAYOUT, "self._crashed.add(calls[number].label, number, is_write=kind == WRITE)", "pass"),
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
FURTHER: tuple[Choice, ...] = (  # of the hard ones alone
    *CHOICES,
    (Label(f="write", input=3, output=None), True),
    (Label(f="read", output=3), True),
    (Label(f="cas", input=[2, 1], output=None), True),
    (Label(f="cas", input=[2, 3], output=None), True),
    (Label(f="cas", input=[1, 3], output=UNKNOWN), False),
)
HARD: tuple[tuple[list[int], list[tuple[int, int]]], ...] = (  # found by chance
    ([2, 3, 4, 6, 5, 5], [(0, 3), (1, 4), (2, NEVER), (5, NEVER), (6, 9), (7, 8)]),  # burdened ones are visited before a free one
    ([3, 5, 4, 3, 5], [(0, 7), (1, 2), (3, NEVER), (4, 8), (5, 6)]),  # a twin that returns late has to wait
    ([6, 4, 7, 7, 5], [(0, NEVER), (1, NEVER), (2, 3), (4, 5), (6, 7)]),
    ([3, 6, 5, 7, 1, 2], [(0, 1), (2, NEVER), (3, 5), (4, 8), (6, 9), (7, 10)]),
    ([3, 10, 5], [(0, 1), (2, 4), (3, 5)]),
    ([8, 2, 4, 7], [(0, 6), (1, 5), (2, NEVER), (3, 4)]),
    ([3, 9, 5, 11, 7, 5, 5], [(0, 3), (1, 5), (2, 10), (4, NEVER), (6, 9), (7, 11), (8, 12)]),
    ([4, 6, 5, 10], [(0, NEVER), (1, NEVER), (2, 5), (3, 4)]),
    ([3, 5, 5, 4, 5, 3, 6, 6, 1], [(0, 2), (1, 3), (4, 11), (5, NEVER), (6, 8), (7, 9), (10, NEVER), (12, NEVER), (13, 14)]),
    ([3, 5, 3, 1, 5, 2, 2, 5], [(0, 1), (2, 6), (3, 9), (4, 5), (7, 14), (8, 10), (11, 12), (13, 15)]),
    ([3, 3, 3, 2], [(0, 2), (1, 6), (3, 4), (5, 7)]),
    ([3, 5, 4, 3, 10, 8], [(0, 1), (2, 3), (4, NEVER), (5, 8), (6, 7), (9, 10)]),  # what is there already is written to hide
)


def histories(spec: CompleteSpec) -> Iterator[Problem]:
    """The hard ones, then all small ones."""
    yield from (problem_of(spec, FURTHER, chosen, intervals) for chosen, intervals in HARD)
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
@pytest.mark.mutants
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_small_histories_kill_a_planted_mistake(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the oracle is worth something. Method: change one line of the search, and look for a history that shows it."""
    module, old, new = MUTANTS[name]
    mutant = planted(monkeypatch, module, old, new)
    if module is MOVES:
        monkeypatch.setattr(SEARCH, "Moves", mutant.__dict__["Moves"])
    search = mutant if module is SEARCH else SEARCH
    layout = mutant if module is LAYOUT else LAYOUT
    spec = complete(spec_from_text("cas-register"))
    assert any(is_wrong(search, layout, problem, spec) for problem in histories(spec)), f"nothing shows that {name}"


def test_the_search_as_it_is_passes_the_histories_that_kill_mistakes() -> None:
    """The hard histories show mistakes only where there are some."""
    spec = complete(spec_from_text("cas-register"))
    problems = [problem_of(spec, FURTHER, chosen, intervals) for chosen, intervals in HARD]
    assert not any(is_wrong(SEARCH, LAYOUT, problem, spec) for problem in problems)
