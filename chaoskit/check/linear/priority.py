"""The best comes out first: one sweep over the elements, the best before the others.

An element may come out at any moment of its take at which nothing better is in for certain. Each takes the first such moment:
what keeps it until then keeps worse ones as long, so that none is in the way of a worse one for longer than need be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.elements import AFTER, SPACING, Against, Elements, Points, Staircase, judge
from chaoskit.check.linear.judged import Clue, Judged
from chaoskit.check.linear.rows import Rows, numbers_of
from chaoskit.spec.priority_queue import PriorityQueue, priority_of


def judge_priority(calls: Rows, spec: PriorityQueue) -> Judged:
    """The verdict on one queue of distinct values; None when one has no priority, which the spec will complain of."""
    used = np.unique(calls.asked[calls.doing(spec.putting)]).tolist()
    elements = [*(calls.values[number] for number in used), *spec.initial]
    found = [priority_of(element) for element in elements]
    known = [priority for priority in found if priority is not None]
    if len(known) < len(found):
        return None
    places = {priority: place for place, priority in enumerate(sorted(set(known), reverse=spec.first == "largest"))}
    ranks = np.full(len(calls.values) + len(spec.initial) + 1, -1, dtype=np.int64)
    ranks[[*used, *numbers_of(calls.values, spec.initial)]] = [places[priority] for priority in known]
    return judge(calls, spec, BestFirst(), ranks)


class BestFirst:
    """The element of the best rank may leave; of equal ones any."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        firsts, order, wrong = _first_free(elements, rank)
        if wrong:
            which = min(wrong, key=lambda element: int(elements.take_ended[element]))
            ended = int(elements.take_ended[which])
            better = np.flatnonzero((rank < rank[which]) & (elements.put_ended < elements.take_began[which]))
            better = better[elements.take_began[better] > ended]  # in the way all the time
            if not len(better):
                return Against(ended, ended)
            first = int(better[np.argmin(elements.take_ended[better])])
            return Against(ended, int(elements.take_ended[first]), _kept_back(elements, first, which))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        take = firsts * SPACING + AFTER
        at_once = elements.put_ended > firsts  # it may come in at the moment when it comes out
        put = np.where(at_once, take, elements.put_ended * SPACING - AFTER)
        return Points(put, np.where(at_once, 2 * place, 0), take, 2 * place + 1)

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        firsts, order, _ = _first_free(taken, ranks[0])
        lasts = _last_free(taken, ranks[0])
        worse = Staircase(left.end)
        found = np.full(len(left.put), left.end)
        waiting = order[::-1].tolist()  # the worst first
        taken_rank, first, last = ranks[0].tolist(), firsts.tolist(), lasts.tolist()
        next_one = 0
        for element in np.argsort(-ranks[1], kind="stable").tolist():
            while next_one < len(waiting) and taken_rank[waiting[next_one]] > ranks[1][element]:
                worse.add(first[waiting[next_one]], last[waiting[next_one]] + 1)
                next_one += 1
            found[element] = worse.least_from(int(left.put_ended[element]))
        return found


def _first_free(elements: Elements, rank: Numbers) -> tuple[Numbers, Numbers, list[int]]:
    """By element: after which event nothing better is in for certain, since its take began; the elements, the best first; and
    those for which that is after their take had ended."""
    shift = -min(int(elements.put_began.min(initial=0)), 0)
    began, ended = (elements.take_began + shift).tolist(), (elements.take_ended + shift).tolist()
    certain, taken, order = (elements.put_ended + shift).tolist(), elements.taken.tolist(), np.argsort(rank, kind="stable")
    firsts = [0] * len(began)
    wrong = []
    free = list(range(elements.end + shift + 4))  # by event: the next after which none of those seen so far is in
    for element, places in _by_rank(order, rank, free, certain, began):
        firsts[element] = _next(places, began[element])
        if firsts[element] >= ended[element] and taken[element] >= 0:
            wrong.append(element)
    return np.array(firsts, dtype=np.int64) - shift, order, wrong


def _last_free(elements: Elements, rank: Numbers) -> Numbers:
    """By element: after which event, of those before its take ended, nothing better was in for certain at last."""
    shift = -min(int(elements.put_began.min(initial=0)), 0)
    top = elements.end + shift + 3
    # time backwards: event e at top - e, the moment after it at top - e - 1
    begin, end = (top - elements.take_began - shift).tolist(), (top - elements.put_ended - shift).tolist()
    ended = (elements.take_ended + shift).tolist()
    lasts = [0] * len(ended)
    for element, places in _by_rank(np.argsort(rank, kind="stable"), rank, list(range(top + 2)), begin, end):
        lasts[element] = top - 1 - _next(places, top - ended[element])
    return np.array(lasts, dtype=np.int64) - shift


def _by_rank(
    order: Numbers, rank: Numbers, places: list[int], begin: list[int], end: list[int]
) -> Iterator[tuple[int, list[int]]]:
    """The elements, the best first, each with the places that no better one covers, from its begin to its end."""
    ranks = rank.tolist()
    equal: list[int] = []
    for element in order.tolist():
        if equal and ranks[equal[-1]] != ranks[element]:
            for better in equal:
                place, until = begin[better], end[better]
                while place < until:
                    following = places[place]
                    if following == place:
                        places[place] = until
                        place += 1
                    else:
                        place = following
            equal = []
        equal.append(element)
        yield element, places


def _next(places: list[int], place: int) -> int:
    """The next place that is not covered; the way to it is shortened."""
    while (following := places[place]) != place:
        places[place] = places[following]
        place = following
    return place


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
