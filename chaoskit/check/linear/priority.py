"""The best comes out first: each element as soon as nothing better is in for certain.

An element may come out at any moment of its take at which nothing better is in for certain. Each takes the first such moment:
what keeps it until then keeps worse ones as long, so that none is in the way of a worse one for longer than need be.
"""

from __future__ import annotations

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.elements import AFTER, SPACING, Against, Elements, Points, Staircase, judge
from chaoskit.check.linear.judged import Clue, Judged
from chaoskit.check.linear.rows import Rows, numbers_of
from chaoskit.check.linear.skyline import Skyline
from chaoskit.spec.priority_queue import PriorityQueue, priority_of

INTEGERS_BELOW = 2**63  # that numpy has


def judge_priority(calls: Rows, spec: PriorityQueue) -> Judged:
    """The verdict on one queue of distinct values; None when one has no priority, which the spec will complain of."""
    used = np.unique(calls.asked[calls.doing(spec.putting)]).tolist()
    found = list(map(priority_of, [*map(calls.values.__getitem__, used), *spec.initial]))
    known = [priority for priority in found if priority is not None]
    if len(known) < len(found):
        return None
    ranks = np.full(len(calls.values) + len(spec.initial) + 1, -1, dtype=np.int64)
    ranks[[*used, *numbers_of(calls.values, spec.initial)]] = _ranks(known) * (1 if spec.first == "smallest" else -1)
    return judge(calls, spec, BestFirst(), ranks)


def _ranks(priorities: list[int | float]) -> Numbers:
    """The places of priorities among all different ones, the smallest first."""
    if {int}.issuperset(map(type, priorities)) and max(map(abs, priorities), default=0) < INTEGERS_BELOW:
        return np.unique(np.array(priorities, dtype=np.int64), return_inverse=True)[1].reshape(-1)
    places = {priority: place for place, priority in enumerate(sorted(set(priorities)))}
    return np.array([places[priority] for priority in priorities], dtype=np.int64)


class BestFirst:
    """The element of the best rank may leave; of equal ones any."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        firsts = _certain(elements, rank).free_from(elements.take_began, rank)
        wrong = np.flatnonzero((firsts >= elements.take_ended) & (elements.taken >= 0))
        if len(wrong):
            which = int(wrong[np.argmin(elements.take_ended[wrong])])
            ended = int(elements.take_ended[which])
            better = np.flatnonzero((rank < rank[which]) & (elements.put_ended < elements.take_began[which]))
            better = better[elements.take_began[better] > ended]  # in the way all the time
            if not len(better):
                return Against(ended, ended)
            first = int(better[np.argmin(elements.take_ended[better])])
            return Against(ended, int(elements.take_ended[first]), _kept_back(elements, first, which))
        place = np.empty(len(rank), dtype=np.int64)
        place[np.argsort(rank, kind="stable")] = np.arange(len(rank))
        take = firsts * SPACING + AFTER
        at_once = elements.put_ended > firsts  # it may come in at the moment when it comes out
        put = np.where(at_once, take, elements.put_ended * SPACING - AFTER)
        return Points(put, np.where(at_once, 2 * place, 0), take, 2 * place + 1)

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        certain = _certain(taken, ranks[0])
        first = certain.free_from(taken.take_began, ranks[0]).tolist()
        last = certain.free_up_to(taken.take_ended - 1, ranks[0]).tolist()
        worse = Staircase(left.end)
        found = np.full(len(left.put), left.end)
        waiting = np.argsort(ranks[0], kind="stable").tolist()  # the worst is the next
        taken_rank, left_rank, came = ranks[0].tolist(), ranks[1].tolist(), left.put_ended.tolist()
        for element in np.argsort(-ranks[1], kind="stable").tolist():
            while waiting and taken_rank[waiting[-1]] > left_rank[element]:
                one = waiting.pop()
                worse.add(first[one], last[one] + 1)
            found[element] = worse.least_from(came[element])
        return found


def _certain(elements: Elements, rank: Numbers) -> Skyline:
    """What is in for certain, by the moments after events."""
    return Skyline(elements.put_ended, elements.take_began, rank)


def _kept_back(elements: Elements, better: int, which: int) -> Clue:
    """One element alone was in the way of a take all the time."""
    put, taken, took = int(elements.put[better]), int(elements.taken[better]), int(elements.taken[which])
    came: tuple[str | int, ...] = (
        (put, " had ended before ", took, " began") if put >= 0 else ("Something better was there at first",)
    )
    gone: tuple[str | int, ...] = (
        (", and ", taken, " took that out only later.") if taken >= 0 else (", and nothing took that out.",)
    )
    return Clue(
        "something better was there all the time", ((*came, *gone), (took, " took what comes behind it: a contradiction."))
    )
