"""Mutants judged, without evidence: is this one linearizable?

Registers go many at a time through blocks, each mutant as a key of its own; objects that have a path go through it one by one.
What these cannot decide, and other objects, are searched, within a limit of configurations. What a mutant changes is little, so
that the columns of its object are made once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chaoskit.check.clock import Alarm
from chaoskit.check.linear.blocks import Blocks
from chaoskit.check.linear.columns import NO_VALUE, Columns
from chaoskit.check.linear.judged import Bad, Good, Judged
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.search import Found, GaveUp, Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.check.power.linearization import Linearization, linearization
from chaoskit.check.power.pages import Page, has_page
from chaoskit.check.power.replay import Changes, mutated
from chaoskit.core.verdict import Status
from chaoskit.spec import FAILED, CompleteSpec, Label
from chaoskit.spec.cas_register import CasRegister, cas_pair
from chaoskit.spec.exact import exact
from chaoskit.spec.register import Register, observes

ROWS_AT_ONCE = 100_000  # calls of mutants that are judged together
CONFIGURATIONS_PER_CALL = 16  # of one search
CONFIGURATIONS_AT_LEAST = 1_000
INITIAL = 0  # the number of the first value


class Mutant(NamedTuple):
    """An object's story, and what is answered otherwise."""

    told: Linearization
    changes: Changes


class Judge:
    """Judges the objects of one spec and their mutants. Searches may visit only so many configurations as they are allowed."""

    def __init__(self, spec: CompleteSpec, *, out_of_time: Alarm | None = None) -> None:
        self._spec = spec
        self._left = 0
        self._out_of_time = out_of_time
        self._sheets: dict[int, _Sheet | None] = {}  # by where the calls of the object begin
        self._judged: dict[int, Blocks | None] = {}  # the same
        self._pages: dict[int, tuple[Page, Judged]] = {}  # the same; with what its path says of the object itself
        self._register = spec.original if isinstance(spec.original, Register | CasRegister) else None

    def allow(self, configurations: int) -> None:
        """From now on searches may visit so many; without any, nothing is searched."""
        self._left = configurations

    def tell(self, problem: Problem) -> Linearization | None:
        """A linearization of a problem; None where there is none, or none is found within the limits."""
        judged = self._by_blocks(problem)
        if judged is not None:
            return None if judged.bad[0] else linearization(problem, self._spec, judged.order().tolist())
        _, by_path = self._page(problem)
        if isinstance(by_path, Bad):
            return None
        if isinstance(by_path, Good):
            told = linearization(problem, self._spec, by_path.order.tolist())
            if told is not None:
                return told
        found, table = self._search(problem, limit=self._left)
        if not isinstance(found, Found):
            return None
        states = [table.states[state] for _, state in found.order]
        order = [call for call, _ in found.order]
        return Linearization(problem=problem, spec=self._spec, order=order, states=[self._spec.init(), *states])

    def is_quick(self, problem: Problem) -> bool:
        """Is this problem judged without a search?"""
        return self._by_blocks(problem) is not None or self._page(problem)[1] is not None

    def statuses(self, mutants: Sequence[Mutant]) -> list[Status]:
        """The verdict on each: valid where nothing shows, unknown where a limit was met."""
        found = [Status.UNKNOWN] * len(mutants)
        for sheet, numbers in self._batches(mutants):
            judged = Blocks(sheet.columns([mutants[number].changes for number in numbers]), len(numbers))
            for number, decided, bad in zip(numbers, judged.decided.tolist(), judged.bad.tolist(), strict=True):
                if decided:
                    found[number] = Status.INVALID if bad else Status.VALID
        for number, mutant in enumerate(mutants):
            if not mutant.changes:
                found[number] = Status.VALID
            elif found[number] is Status.UNKNOWN:
                found[number] = self._by_path(mutant) or self._searched(mutant)
        return found

    def _by_path(self, mutant: Mutant) -> Status | None:
        """What its path says of a mutant, None where it says nothing."""
        page, _ = self._page(mutant.told.problem)
        judged = page.judged(mutant.changes) if page is not None else None
        return None if judged is None else Status.VALID if isinstance(judged, Good) else Status.INVALID

    def _page(self, problem: Problem) -> tuple[Page, Judged] | tuple[None, None]:
        """An object that has a path, and what that says of it."""
        if not has_page(self._spec) or not problem.calls:
            return None, None
        first = problem.calls[0].began
        if first not in self._pages:
            page = Page(problem, self._spec)
            self._pages[first] = page, page.judged({})
        return self._pages[first]

    def _batches(self, mutants: Sequence[Mutant]) -> Iterator[tuple[_Sheet, list[int]]]:
        """The mutants of one object together, so many at a time."""
        by_object: dict[int, tuple[_Sheet, list[int]]] = {}
        for number, mutant in enumerate(mutants):
            sheet = self._sheet(mutant.told.problem)
            if sheet is not None and mutant.changes and not sheet.is_beyond(mutant.changes):
                by_object.setdefault(sheet.first, (sheet, []))[1].append(number)
        for sheet, numbers in by_object.values():
            size = max(1, ROWS_AT_ONCE // max(1, len(sheet)))
            for start in range(0, len(numbers), size):
                yield sheet, numbers[start : start + size]

    def _by_blocks(self, problem: Problem) -> Blocks | None:
        """What blocks say of a problem; None where they cannot decide it, or it is no register's."""
        sheet = self._sheet(problem)
        if sheet is None:
            return None
        if sheet.first not in self._judged:
            judged = Blocks(sheet.columns([{}]), 1)
            self._judged[sheet.first] = judged if judged.decided[0] else None
        return self._judged[sheet.first]

    def _sheet(self, problem: Problem) -> _Sheet | None:
        if self._register is None or not problem.calls:
            return None
        first = problem.calls[0].began
        if first not in self._sheets:
            self._sheets[first] = _sheet_of(problem, self._register)
        return self._sheets[first]

    def _searched(self, mutant: Mutant) -> Status:
        if self._left <= 0:
            return Status.UNKNOWN
        made = mutated(mutant.told.problem, self._spec, mutant.changes)
        found, _ = self._search(made, limit=max(CONFIGURATIONS_AT_LEAST, CONFIGURATIONS_PER_CALL * len(made.calls)))
        return Status.VALID if isinstance(found, Found) else Status.INVALID if isinstance(found, Stuck) else Status.UNKNOWN

    def _search(self, problem: Problem, *, limit: int) -> tuple[Found | Stuck | GaveUp | None, Table]:
        table = Table(self._spec, problem.labels, problem.is_read)
        if self._left <= 0:
            return None, table
        found = search(lay_out(problem), table, limit=min(limit, self._left), out_of_time=self._out_of_time)
        self._left -= found.configurations
        return found, table


class _Sheet:
    """A register's calls as numbers, and copies of them with changes. Times are places among the events of this object."""

    def __init__(self, problem: Problem, register: Register | CasRegister) -> None:
        self.first = problem.calls[0].began
        self._values: dict[Hashable, int] = {register.init(): INITIAL}
        effects = [self._effect(problem.label(call)) for call in problem.calls]
        self._seen = np.array([seen for seen, _ in effects], dtype=np.int64)
        self._written = np.array([written for _, written in effects], dtype=np.int64)
        times = sorted(time for call in problem.calls for time in (call.began, call.ended) if time != NEVER)
        places = {time: place for place, time in enumerate(times)}
        self._horizon = len(times)
        self._began = np.array([places[call.began] for call in problem.calls], dtype=np.int64)
        self._ended = np.array([places.get(call.ended, NEVER) for call in problem.calls], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._began)

    def is_beyond(self, changes: Changes) -> bool:
        """Does this touch calls that are no rows here, or become what columns cannot hold?"""
        return any(number >= len(self) or (label is not None and label.output is FAILED) for number, label in changes.items())

    def columns(self, mutants: Sequence[Changes]) -> Columns:
        """The calls of all these mutants, each a key; a key's times and values are its own."""
        count, size = len(mutants), len(self)
        seen, written = np.tile(self._seen, count), np.tile(self._written, count)
        kept = np.ones(count * size, dtype=bool)
        for place, changes in enumerate(mutants):
            for number, label in changes.items():
                row = place * size + number
                if label is None:
                    kept[row] = False
                else:
                    seen[row], written[row] = self._effect(label)
        key, end = np.repeat(np.arange(count), size), count * self._horizon
        ended = np.tile(self._ended, count)
        rows = Columns(
            began=np.tile(self._began, count) + key * self._horizon,
            ended=np.where(ended == NEVER, end, ended + key * self._horizon * (ended != NEVER)),
            key=key,
            seen=self._own(seen, key),
            written=self._own(written, key),
            horizon=end,
            initial=INITIAL,
            values=count * len(self._values) + 1,
        )
        return rows.take(kept)

    def _own(self, numbers: np.ndarray, key: np.ndarray) -> np.ndarray:
        """The numbers of a key's own values."""
        return np.where(numbers > INITIAL, numbers + key * len(self._values), numbers)

    def _effect(self, label: Label) -> tuple[int, int]:
        """The numbers of what a call saw and of what it wrote."""
        if label.f == "read":
            return self._number(label.output), NO_VALUE
        if label.f == "write":
            return NO_VALUE, self._number(label.input)
        old, new = cas_pair(label)
        return self._number(old), self._number(new)

    def _number(self, value: object) -> int:
        return self._values.setdefault(exact(value), len(self._values))


def _sheet_of(problem: Problem, register: Register | CasRegister) -> _Sheet | None:
    """None where a call is of a kind that columns cannot hold."""
    for call in problem.calls:
        label = problem.label(call)
        if label.output is FAILED or (label.f == "read" and not observes(label, nil_read=register.nil_read)):
            return None
        if label.f == "cas":
            cas_pair(label)
    return _Sheet(problem, register)
