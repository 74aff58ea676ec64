"""Counters: a read is bounded by the adds that had ended before it began, and by those that had begun before it ended.

When all adds are of one amount they differ only in time, and a read says how many came before it. Each add then has a first and a
last place in line, by the reads around it, and who must be first goes first: that is decided exactly. With adds of several
amounts only a read out of bounds is decided; the rest would be to find sums, and is left to the search.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from chaoskit.check.linear.columns import Flags, Numbers
from chaoskit.check.linear.judged import Bad, Clue, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.counter import Counter

LARGEST = 2**62  # no total may be larger, lest it overflow


def judge_counter(calls: Rows, spec: Counter) -> Judged:
    """The verdict on one counter; None for adds of several amounts with all reads in bounds, or of no whole number."""
    is_read = calls.doing("read")
    numbers = np.where(is_read, calls.got, calls.asked)
    used = {number: calls.values[number] for number in np.unique(numbers).tolist()}
    asked = [used[number] for number in np.unique(calls.asked[~is_read]).tolist()]
    if not all(type(amount) is int for amount in asked):
        return None
    strange = np.isin(numbers, [number for number, value in used.items() if type(value) is not int])
    if strange.any():  # a read of what is no number
        return Bad(int(calls.ended[strange].min()))
    if (abs(spec.initial) + max(map(abs, used.values()), default=0)) * (len(numbers) + 1) > LARGEST:
        return None
    by_number = np.zeros(max(used, default=0) + 1, dtype=np.int64)
    for number, value in used.items():
        by_number[number] = value
    values = np.where(is_read, by_number[numbers] - spec.initial, by_number[numbers])
    amount = asked[0] if asked else 1
    outside = _out_of_bounds(calls, is_read, values)
    if outside is not None or len(asked) > 1 or not amount:
        return outside
    odd = np.flatnonzero(is_read & (values % amount != 0))
    if len(odd):
        return Bad(int(calls.ended[odd].min()))
    return _in_line(calls, np.flatnonzero(is_read), values[is_read] // amount, np.flatnonzero(~is_read))


def _out_of_bounds(calls: Rows, is_read: Flags, values: Numbers) -> Bad | None:
    """The first read to end of a total that no choice among the adds under way could give."""
    reads, adds = np.flatnonzero(is_read), np.flatnonzero(~is_read)
    by_end = adds[np.argsort(calls.ended[adds], kind="stable")]

    def sums(rows: Numbers, events: Numbers, places: Numbers, *, positive: bool) -> Numbers:
        parts = np.maximum(values[rows], 0) if positive else np.minimum(values[rows], 0)
        return np.concatenate([[0], np.cumsum(parts)])[np.searchsorted(events, places)]

    bounds = []
    for certain, open_ in ((True, False), (False, True)):  # what had happened pushes one way, what was under way the other
        had_happened = sums(by_end, calls.ended[by_end], calls.began[reads], positive=certain)
        bounds.append(had_happened + sums(adds, calls.began[adds], calls.ended[reads], positive=open_))
    wrong = (values[reads] < bounds[0]) | (values[reads] > bounds[1])
    return Bad(int(calls.ended[reads[wrong]].min())) if wrong.any() else None


def _fell_back(calls: Rows, reads: Numbers, counts: Numbers, place: int) -> Bad:
    """A read that counts as many adds as this, and had ended when one began that counts less."""
    more = reads[counts >= place]
    earlier = int(more[np.argmin(calls.ended[more])])
    less = reads[(counts < place) & (calls.began[reads] > calls.ended[earlier])]
    later = int(less[np.argmin(calls.ended[less])])
    story = (
        (earlier, " ended before ", later, " began."),
        (later, " counts fewer adds, and nothing is ever taken away: a contradiction."),
    )
    return Bad(int(calls.ended[later]), Clue("more adds had been counted before", story))


def _in_line(calls: Rows, reads: Numbers, counts: Numbers, adds: Numbers) -> Good | Bad:
    """Adds in line, each between the reads that count less and those that count it."""
    last = int(counts.max(initial=0))
    after = np.full(last + 2, -1, dtype=np.int64)  # by place in line: when the last read that counts less began
    before = np.full(last + 2, calls.horizon, dtype=np.int64)  # and when the first that counts as many ended
    np.maximum.at(after, counts + 1, calls.began[reads])
    np.minimum.at(before, counts, calls.ended[reads])
    after = np.maximum.accumulate(after)[1:]
    before = np.minimum.accumulate(before[::-1])[::-1][1 : last + 1]
    if (after[:last] > before).any():
        return _fell_back(calls, reads, counts, int(np.argmax(after[:last] > before)) + 1)
    earliest = np.searchsorted(before, calls.began[adds], side="right") + 1
    latest = np.searchsorted(after, calls.ended[adds])
    waiting = sorted(
        zip(earliest.tolist(), latest.tolist(), calls.ended[adds].tolist(), adds.tolist(), strict=True), reverse=True
    )
    ready: list[tuple[int, int, int]] = []
    placed = []
    for place in range(1, last + 1):
        while waiting and waiting[-1][0] <= place:
            heappush(ready, waiting.pop()[1:])
        if not ready or ready[0][0] < place:
            return Bad(calls.horizon - 1)
        placed.append(heappop(ready)[2])
    rest = [(row, limit, end) for limit, end, row in ready] + [(row, limit, end) for _, limit, end, row in waiting]
    certain = sorted((row, limit) for row, limit, end in rest if end < calls.horizon)
    if any(limit <= last for _, limit in certain):
        return Bad(calls.horizon - 1)
    rows = np.concatenate([reads, np.array(placed, dtype=np.int64)])
    places = np.concatenate([2 * counts + 1, 2 * np.arange(1, last + 1)])
    order = rows[np.lexsort((rows, places))]
    return Good(np.concatenate([order, np.array([row for row, _ in certain], dtype=np.int64)]))
