"""First in, first out: judged in the time of a sort, whatever the number of clients.

One element is ahead of another when it was put in wholly before, or taken out wholly before; no two may each be ahead of the
other. What is behind is put in after what is ahead of it: so an element's put ends, in effect, no later than the put of any that
is behind it. By these ends the elements are in an order that fits both their puts and their takes.
"""

from __future__ import annotations

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.elements import AFTER, SPACING, Against, Elements, Points, judge, put_points, suffix_minimum
from chaoskit.check.linear.judged import Clue, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.fifo_queue import FifoQueue


def judge_fifo(calls: Rows, spec: FifoQueue) -> Judged:
    """The verdict on one queue of distinct values."""
    return judge(calls, spec, FirstInFirstOut())


class FirstInFirstOut:
    """The element that came first may leave."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        by_take = np.argsort(elements.take_began, kind="stable")
        behind = np.searchsorted(elements.take_began[by_take], elements.take_ended, side="right")
        ends = np.concatenate([suffix_minimum(elements.put_ended[by_take]), [elements.end + 2]])
        latest_put = np.minimum(elements.put_ended, ends[behind])
        wrong = np.flatnonzero(latest_put < elements.put_began)
        if len(wrong):
            first = int(wrong[np.argmin(elements.take_ended[wrong])])
            others = by_take[behind[first] :]  # not taken until then, and some of them ahead
            others = others[elements.put_ended[others] < elements.put_began[first]]
            ahead = int(others[np.argmin(elements.take_ended[others])])
            ended = elements.take_ended[[first, ahead]].tolist()
            return Against(ended[0], ended[1], _overtaken(elements, ahead, first))
        order = np.lexsort((elements.take_ended, latest_put))
        put = np.maximum.accumulate(put_points(elements.put_began[order], latest_put[order], moments))
        take = np.maximum(np.maximum.accumulate(elements.take_began[order] * SPACING + AFTER), put)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return Points(put[place], place, take[place], place + len(order))

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        by_put = np.argsort(taken.put_began, kind="stable")
        ends = np.concatenate([suffix_minimum(taken.take_ended[by_put]), [left.end]])
        return ends[np.searchsorted(taken.put_began[by_put], left.put_ended)]


def _overtaken(elements: Elements, ahead: int, first: int) -> Clue | None:
    put, overtook = int(elements.put[ahead]), int(elements.put[first])
    taken, took = int(elements.taken[ahead]), int(elements.taken[first])
    if put < 0 or overtook < 0 or took < 0:
        return None
    came = (put, " ended before ", overtook, " began: its value is ahead.")
    if taken < 0:
        return Clue("another was ahead of it", (came, (took, " took out what was behind, and nobody took what was ahead.")))
    left = (took, " took out what was behind, and ended before ", taken, " began, which took what was ahead: a contradiction.")
    return Clue("what was behind had been taken out before", (came, left))
