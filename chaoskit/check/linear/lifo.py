"""Last in, first out: elements lie inside each other like brackets, or apart.

Whatever was pushed and popped between two moments at which the same elements were in for certain is a *block*: nothing from outside
need come between, so that it can be judged alone and then left out. Blocks within blocks are judged first. In what is left of one,
the elements that are in for certain without a gap need one that encloses them: pushed before the first is in for certain, popped
after the last has to be. Any that can will do; it is left out, and so on.

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
PAIRS_TOLD = 500  # up to so many elements two are looked for that show what is wrong


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
        if len(block) == 1:
            self._place(block[0], self.certain[block[0]], self.leaving[block[0]], 0)
            return
        waiting = [(sorted(block, key=self.certain.__getitem__), 0)]
        while waiting:
            elements, depth = waiting.pop()
            for together, end in self._without_gaps(elements):
                begin = self.certain[together[0]]
                around = [each for each in together if self.began[each] < begin and self.gone[each] > end]
                if not around:
                    self.wrong.append(together)
                    continue
                for place, element in enumerate(around):
                    self._place(element, begin, end, depth + place)
                enclosing = set(around)
                rest = [each for each in together if each not in enclosing]
                if rest:
                    waiting.append((rest, depth + len(around)))

    def _place(self, element: int, begin: int, end: int, depth: int) -> None:
        """Just before one is in for certain, until just after the last may go."""
        self.put[element], self.take[element] = begin * SPACING - AFTER, end * SPACING + AFTER
        self.depth[element] = depth

    def _without_gaps(self, elements: list[int]) -> Iterator[tuple[list[int], int]]:
        """Elements, and when the last may go: those that are in for certain together or in turn, without a gap."""
        together: list[int] = []
        end = 0
        for element in elements:
            if together and self.certain[element] > end:
                yield together, end
                together = []
            end = max(end, self.leaving[element]) if together else self.leaving[element]
            together.append(element)
        if together:
            yield together, end

    def _against(self, together: list[int]) -> Against:
        ends = [self.gone[element] for element in together if self.gone[element] <= self.elements.end]
        position = max(ends, default=self.elements.end)
        return Against(position, self._crossing(together))

    def _crossing(self, together: list[int]) -> Clue | None:
        """Two elements of which the lower was popped while the upper was on it, if there are such."""
        if len(together) > PAIRS_TOLD:
            return None
        pairs = (
            (lower, upper)
            for lower in together
            for upper in together
            if self.certain[lower] < self.began[upper]
            and self.certain[upper] < self.leaving[lower]
            and self.gone[lower] < self.leaving[upper]
        )
        lower, upper = next(pairs, (-1, -1))
        rows = self.elements.put.tolist(), self.elements.taken.tolist()
        if lower < 0 or rows[0][lower] < 0:
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
