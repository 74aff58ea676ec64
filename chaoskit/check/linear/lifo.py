"""Last in, first out: elements lie inside each other like brackets, or apart.

Whatever was pushed and popped between two moments at which the same elements were in for certain is a *block*: nothing from
outside need come between, so that it can be judged alone and then left out. Blocks within blocks are judged first. What is left
of one needs an element that encloses all others: pushed before the first is in for certain, popped after the last may go. Any
that can will do; it is left out, and so on. Where none can, there must be a gap, when none is in for certain: both sides are
judged.

An element that can be popped at the moment when it is pushed is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.elements import AFTER, SPACING, Against, Elements, Points, Staircase, judge
from chaoskit.check.linear.judged import Clue, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.stack import Stack

SPREAD = 0x9E3779B97F4A7C15  # of the numbers by which sets of elements are recognized
WORD = (1 << 64) - 1
PAIRS_TOLD = 2_000  # among up to so many elements two are looked for that show what is wrong


def judge_lifo(calls: Rows, spec: Stack) -> Judged:
    """The verdict on one stack of distinct values."""
    return judge(calls, spec, LastInFirstOut())


class LastInFirstOut:
    """The element that came last may leave."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        return _Brackets(elements).arrange()

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        under = Staircase(left.end)  # of elements pushed before: by when their pops began, and had ended
        by_end = np.argsort(taken.put_ended, kind="stable").tolist()
        put_ended, began, ended = taken.put_ended.tolist(), taken.take_began.tolist(), taken.take_ended.tolist()
        found = np.full(len(left.put), left.end)
        next_one = 0
        for element in np.argsort(left.put_began, kind="stable").tolist():
            while next_one < len(by_end) and put_ended[by_end[next_one]] < left.put_began[element]:
                under.add(began[by_end[next_one]], ended[by_end[next_one]])
                next_one += 1
            found[element] = under.least_from(int(left.put_ended[element]))
        return found


class _Core:
    """Elements of which those that enclose all others are left out one by one; of what falls apart the smaller part is split off.

    So each element is looked at once for every time that its part is at most half of what it was in.
    """

    def __init__(self, brackets: _Brackets, elements: list[int]) -> None:
        self.inside = dict.fromkeys(elements)
        self._certain, self._leaving = brackets.certain, brackets.leaving
        self._began, self._gone = brackets.began, brackets.gone
        self._by_began = sorted(elements, key=self._began.__getitem__, reverse=True)  # the next at the end
        self._by_gone = sorted(elements, key=self._gone.__getitem__)
        self._met: dict[int, None] = {}  # those that can come in before all, or go after all
        self._ready: list[int] = []  # those that can do both
        self._onward = _Chain(sorted(elements, key=self._certain.__getitem__))
        self._backward = _Chain(sorted(elements, key=self._leaving.__getitem__, reverse=True))

    def hull(self) -> tuple[int, int]:
        """When the first is in for certain, and when the last may go."""
        return self._certain[self._onward.first], self._leaving[self._backward.first]

    def enclosing(self, begin: int, end: int) -> int | None:
        """An element that can be in around all that are left; None when there is none."""
        while self._by_began and self._began[self._by_began[-1]] < begin:
            self._meet(self._by_began.pop())
        while self._by_gone and self._gone[self._by_gone[-1]] > end:
            self._meet(self._by_gone.pop())
        while self._ready:
            element = self._ready.pop()
            if element in self.inside:
                return element
        return None

    def _meet(self, element: int) -> None:
        if element in self._met:
            self._ready.append(element)
        self._met[element] = None

    def leave_out(self, element: int) -> None:
        del self.inside[element]
        self._onward.remove(element)
        self._backward.remove(element)

    def part(self) -> list[int] | None:
        """The elements before the first gap or behind the last, whichever are found sooner; None when there is no gap."""
        left, right = [self._onward.first], [self._backward.first]
        end, begin = self._leaving[left[0]], self._certain[right[0]]
        while True:
            after, before = self._onward.next[left[-1]], self._backward.next[right[-1]]
            if after < 0 or before < 0:
                return None
            if self._certain[after] > end:
                return left
            if self._leaving[before] < begin:
                return right
            end, begin = max(end, self._leaving[after]), min(begin, self._certain[before])
            left.append(after)
            right.append(before)


class _Chain:
    """Elements in an order, any of which can be removed at once."""

    def __init__(self, elements: list[int]) -> None:
        self.first = elements[0]
        self.next = dict(zip(elements, [*elements[1:], -1], strict=True))
        self._previous = dict(zip(elements, [-1, *elements[:-1]], strict=True))

    def remove(self, element: int) -> None:
        after, before = self.next.pop(element), self._previous.pop(element)
        if before < 0:
            self.first = after
        else:
            self.next[before] = after
        if after >= 0:
            self._previous[after] = before


class _Brackets:
    """The elements of a stack, each of which gets the moments at which it comes and goes."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.began, self.certain = elements.put_began.tolist(), elements.put_ended.tolist()
        self.leaving, self.gone = elements.take_began.tolist(), elements.take_ended.tolist()
        stays = elements.stays
        above = stays[np.argsort(-elements.put_ended[stays], kind="stable")].tolist()
        for place, element in enumerate(above):  # at the very end, what was pushed last could be popped first
            self.leaving[element] = elements.end + 2 + place
            self.gone[element] = elements.end + 3 + len(above)
        self.put = [0] * len(self.began)
        self.take = [0] * len(self.began)
        self.depth = [0] * len(self.began)
        self.wrong: list[list[int]] = []

    def arrange(self) -> Points | Against:
        passing = [element for element, leaves in enumerate(self.leaving) if leaves < self.certain[element]]
        for element in passing:
            self.put[element] = self.take[element] = self.leaving[element] * SPACING + AFTER
        for block in self._blocks():
            self._judge(block)
        if self.wrong:
            return min(map(self._against, self.wrong), key=lambda against: against.position)
        depth = np.array(self.depth, dtype=np.int64)
        deepest = int(depth.max(initial=0)) + 1
        points = np.array(self.put, dtype=np.int64), np.array(self.take, dtype=np.int64)
        return Points(points[0], depth, points[1], 2 * deepest - depth)

    def _blocks(self) -> Iterator[list[int]]:
        """Blocks, the inner before the outer ones: their elements, without those of blocks inside."""
        kept = [element for element, leaves in enumerate(self.leaving) if leaves > self.certain[element]]
        events = [(self.certain[element], element) for element in kept]
        events += [(self.leaving[element], element) for element in kept]
        events.sort()
        code, seen = 0, {0: 0}
        codes = [0]  # before the first of these events, and after each
        events_left: list[int] = []  # elements
        for _, element in events:
            code ^= (element + 1) * SPREAD & WORD
            events_left.append(element)
            place = seen.get(code)
            if place is not None:
                inside = events_left[place:]
                if 2 * len(set(inside)) == len(inside):
                    yield list(dict.fromkeys(inside))
                    for other in codes[place + 1 :]:
                        seen.pop(other, None)
                    del events_left[place:], codes[place + 1 :]
                    continue
            codes.append(code)
            seen[code] = len(events_left)
        if events_left:
            yield list(dict.fromkeys(events_left))

    def _judge(self, block: list[int]) -> None:
        """Places the elements of a block, or those that can be."""
        waiting = [(block, 0)]
        while waiting:
            elements, depth = waiting.pop()
            if len(elements) == 1:
                self._place(elements[0], self.certain[elements[0]], self.leaving[elements[0]], depth)
                continue
            core = _Core(self, elements)
            while core.inside:
                begin, end = core.hull()
                around = core.enclosing(begin, end)
                if around is not None:
                    self._place(around, begin, end, depth)
                    depth += 1
                    core.leave_out(around)
                    continue
                part = core.part()
                if part is None:
                    self.wrong.append(sorted(core.inside, key=self.certain.__getitem__))
                    break
                for element in part:
                    core.leave_out(element)
                waiting.append((part, depth))

    def _place(self, element: int, begin: int, end: int, depth: int) -> None:
        """Just before one is in for certain, until just after the last may go."""
        self.put[element], self.take[element] = begin * SPACING - AFTER, end * SPACING + AFTER
        self.depth[element] = depth

    def _against(self, together: list[int]) -> Against:
        lower, upper = self._crossing(together)
        if lower >= 0:
            return Against(self.gone[lower], self.gone[upper], self._told(lower, upper))
        ends = [self.gone[element] for element in together if self.gone[element] <= self.elements.end]
        position = max(ends, default=self.elements.end)
        return Against(position, position)

    def _crossing(self, together: list[int]) -> tuple[int, int]:
        """Two elements of which the lower was popped while the upper was on it, the first to be popped so; -1 for none."""
        if len(together) > PAIRS_TOLD:
            return -1, -1
        columns = self.began, self.certain, self.leaving, self.gone
        began, certain, leaving, gone = (np.array([column[each] for each in together]) for column in columns)
        on_top = (certain[:, None] < began) & (certain < leaving[:, None]) & (gone[:, None] < leaving)
        never = gone.max() + 1
        lower = int(np.argmin(np.where(on_top.any(axis=1), gone, never)))
        upper = int(np.argmin(np.where(on_top[lower], gone, never)))
        return (together[lower], together[upper]) if on_top[lower, upper] else (-1, -1)

    def _told(self, lower: int, upper: int) -> Clue | None:
        rows = self.elements.put.tolist(), self.elements.taken.tolist()
        if rows[0][lower] < 0:
            return None
        came = (
            rows[0][lower],
            " ended before ",
            rows[0][upper],
            " began, which had ended when ",
            rows[1][lower],
            " began: it was on top.",
        )
        if rows[1][upper] < 0:
            return Clue(
                "another was on top of it", (came, (rows[1][lower], " popped what was below, and nobody popped what was on top."))
            )
        went = (
            rows[1][lower],
            " popped what was below, and ended before ",
            rows[1][upper],
            " began, which popped what was on top.",
        )
        return Clue("another was on top of it", (came, went))
