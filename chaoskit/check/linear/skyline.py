"""When nothing better is in: intervals with ranks, the best rank among those that cover each place, and the next free place.

A place is free for a rank when no interval of a lower (better) rank covers it. The best rank by place is found by painting each
interval as two overlapping ones whose length is a power of two; the next free place by climbing a tree that knows the highest
number below each of its knots. All questions are answered at once, in columns.
"""

from __future__ import annotations

import numpy as np

from chaoskit.check.linear.columns import Numbers

NOTHING = np.iinfo(np.int64).max  # the rank where no interval is


class Skyline:
    """The best rank that covers each place. Nothing covers the places before and after all intervals."""

    def __init__(self, begin: Numbers, until: Numbers, rank: Numbers) -> None:
        """Intervals cover the places from `begin` to just before `until`; those that cover none are allowed."""
        inside = np.flatnonzero(begin < until)
        begin, until, rank = begin[inside], until[inside], rank[inside]
        self._first = int(begin.min(initial=0)) - 1
        self._size = int(until.max(initial=0)) - self._first + 1
        best = _lowest(begin - self._first, until - self._first, rank, self._size)
        self._onward, self._backward = _Highest(best), _Highest(best[::-1])

    def free_from(self, places: Numbers, rank: Numbers) -> Numbers:
        """For each rank, the first of the places from the given one on that is free for it."""
        asked = np.clip(places - self._first, 0, self._size - 1)
        found = self._onward.first_from(asked, rank)
        return np.where(found == asked, places, found + self._first)

    def free_up_to(self, places: Numbers, rank: Numbers) -> Numbers:
        """For each rank, the last of the places up to the given one that is free for it."""
        asked = np.clip(places - self._first, 0, self._size - 1)
        found = self._size - 1 - self._backward.first_from(self._size - 1 - asked, rank)
        return np.where(found == asked, places, found + self._first)


def _lowest(begin: Numbers, until: Numbers, rank: Numbers, size: int) -> Numbers:
    """By place: the lowest rank of the intervals that cover it."""
    power = np.frexp((until - begin).astype(np.float64))[1] - 1  # of two: the largest that fits
    lowest = np.full(size, NOTHING, dtype=np.int64)
    for exponent in range(int(power.max(initial=0)), -1, -1):
        chosen = np.flatnonzero(power == exponent)
        np.minimum.at(lowest, begin[chosen], rank[chosen])
        np.minimum.at(lowest, until[chosen] - (1 << exponent), rank[chosen])
        if exponent:  # each place now stands for itself and those behind it; halve that
            half = 1 << exponent - 1
            lowest[half:] = np.minimum(lowest[half:], lowest[:-half])
    return lowest


class _Highest:
    """Numbers by place, the last of them the highest possible: which is the next that is at least so high?"""

    def __init__(self, numbers: Numbers) -> None:
        assert numbers[-1] == NOTHING, "there is always a next one"
        self._leaves = 1 << (len(numbers) - 1).bit_length()
        self._tree = np.full(2 * self._leaves, NOTHING, dtype=np.int64)  # knot k is above 2k and 2k + 1
        self._tree[self._leaves : self._leaves + len(numbers)] = numbers
        row = self._leaves
        while row > 1:
            below = self._tree[row : 2 * row]
            row //= 2
            self._tree[row : 2 * row] = np.maximum(below[0::2], below[1::2])

    def first_from(self, places: Numbers, wanted: Numbers) -> Numbers:
        knots = places + self._leaves
        low = np.flatnonzero(self._tree[knots] < wanted)
        while len(low):  # what is left of a knot's end and too low is passed
            at = knots[low]
            knots[low] = at = np.where(at & 1, at + 1 >> 1, at + 1)
            low = low[self._tree[at] < wanted[low]]
        high = np.flatnonzero(knots < self._leaves)
        while len(high):
            at = 2 * knots[high]
            knots[high] = at = at + (self._tree[at] < wanted[high])
            high = high[at < self._leaves]
        return knots - self._leaves
