"""Elements that were put in once each, and taken out at most once: stacks and all kinds of queues, judged without a search.

What differs between them is a *discipline*, a file of its own: which element may leave. Here is what they share: whose put
belongs to whose take, when a queue was found empty, and takes that nobody answered. An element is in for certain from the end of
its put to the beginning of its take. A put that nobody answered and nobody took out never needs to have happened; one that was
taken out had ended by then. A take that nobody answered may have taken an element that nobody else took. Such an element has a
*deadline* if it must be gone by then for certain: there must be enough unanswered takes in time. With them given to elements in
the order of the deadlines the discipline decides; what it has against such a choice proves nothing: then nothing is decided.

Sources: Henzinger, Sezgin and Vafeiadis 2013; Bouajjani, Emmi, Enea and Hamza 2015; Lee and Mathur 2025 (decrease and conquer).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple, Protocol

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE, Numbers
from chaoskit.check.linear.judged import Bad, Clue, Good, Judged
from chaoskit.check.linear.rows import Rows, numbers_of
from chaoskit.spec.collection import Collection

SPACING = 4  # points between two events, for calls that take effect there
AFTER, EMPTY, LATER = 1, 2, 3  # points after an event: what it let happen, who found nothing, what had to wait for that


class Elements(NamedTuple):
    """Elements and their positions among the events; those of what was there at first are negative."""

    value: Numbers  # its number
    put_began: Numbers
    put_ended: Numbers  # or when its take ended, if that was sooner
    take_began: Numbers  # or when its put began, if that was later; `end + 2` when nothing took it
    take_ended: Numbers
    put: Numbers  # the row of its put, -1 for what was there at first
    taken: Numbers  # that of its take, -1 for none
    empty: Numbers  # rows of the takes that found nothing, with
    empty_began: Numbers
    empty_ended: Numbers
    end: int

    def take(self, chosen: Numbers) -> Elements:
        """Some of the elements."""
        return self._replace(
            value=self.value[chosen],
            put_began=self.put_began[chosen],
            put_ended=self.put_ended[chosen],
            take_began=self.take_began[chosen],
            take_ended=self.take_ended[chosen],
            put=self.put[chosen],
            taken=self.taken[chosen],
        )

    @property
    def stays(self) -> Numbers:
        """Those that nothing took."""
        return np.flatnonzero(self.taken < 0)


class Points(NamedTuple):
    """When every put and take has its effect: by these, and where they are equal by the ties."""

    put: Numbers
    put_tie: Numbers
    take: Numbers
    take_tie: Numbers


class Against(NamedTuple):
    """Why there is no linearization; what happened up to this position shows it, or nearly.

    `later` is the same where unanswered takes may have taken whatever nobody else took until then.
    """

    position: int
    later: int
    clue: Clue | None = None


class Discipline(Protocol):
    """Which element may leave. Elements have a `rank` for those that have an order of their own, else it is empty."""

    def arrange(self, elements: Elements, rank: Numbers, moments: Numbers) -> Points | Against:
        """Points for all, with nothing inside at the moments just after these events; or why there are none."""
        ...

    def deadlines(self, taken: Elements, left: Elements, ranks: tuple[Numbers, Numbers]) -> Numbers:
        """By element left over: the position by which it must be gone for certain, `end` or more for none."""
        ...


def judge(calls: Rows, spec: Collection, discipline: Discipline, ranks: Numbers | None = None) -> Judged:
    """The verdict on one object. `ranks`: by number of a value, for a discipline that wants them."""
    found = _elements(calls, spec)
    if found is None or isinstance(found, Bad):
        return found
    chosen = found[0].value if ranks is None else ranks[found[0].value]
    return _Judge(calls, found, chosen, discipline).judge()


class _Judge:
    """Judges the elements of one object.

    `waiting` are the rows of takes that nobody answered; `own`, by element, is one that took it if it happened at all.
    """

    def __init__(self, calls: Rows, found: tuple[Elements, Numbers, Numbers], rank: Numbers, discipline: Discipline) -> None:
        self.calls, self.rank, self.discipline = calls, rank, discipline
        self.elements, self.own, self.waiting = found

    def judge(self) -> Judged:
        elements = self.elements
        left = elements.stays
        if not len(left) or not (len(self.waiting) or (self.own[left] >= 0).any()):
            return self._completed(elements)
        taken = np.flatnonzero(elements.taken >= 0)
        certain = elements.take(taken)  # whoever leaves out what nothing took has an easier history
        sure = self._arranged(certain, self.rank[taken])
        if isinstance(sure, Against):
            return Bad(sure.later if len(self.waiting) else sure.position, sure.clue)
        over = elements.take(left)
        deadlines = self.discipline.deadlines(certain, over, (self.rank[taken], self.rank[left]))
        deadlines = np.minimum(deadlines, _deadlines_by_emptiness(certain, over))
        own = self.own[left]
        by_own = np.flatnonzero((deadlines < elements.end) & (own >= 0) & (self.calls.began[own] < deadlines))
        forced = np.flatnonzero((deadlines < elements.end) & ((own < 0) | (self.calls.began[own] >= deadlines)))
        forced = forced[np.argsort(deadlines[forced], kind="stable")]
        late = _too_late(deadlines[forced], self.calls.began[self.waiting])
        if late is not None:
            deadline = min(int(deadlines[forced[late]]), self.calls.horizon - 1)
            return Bad(deadline, self._not_enough(over, forced[: late + 1], deadline))
        others = np.setdiff1d(np.arange(len(left)), np.concatenate([by_own, forced]))
        others = others[own[others] < 0][: len(self.waiting) - len(forced)]  # they may have been taken, too
        for given in (forced, np.concatenate([forced, others])):
            takes = np.concatenate([own[by_own], self.waiting[: len(given)]])
            found = self._completed(self._given(left[np.concatenate([by_own, given])], takes), decides=False)
            if found is not None:
                return found
        return None

    def _given(self, places: Numbers, takes: Numbers) -> Elements:
        """The elements, with these taken by these unanswered takes."""
        elements = self.elements
        take_began, take_ended, taken = (column.copy() for column in (elements.take_began, elements.take_ended, elements.taken))
        take_began[places] = np.maximum(self.calls.began[takes], elements.put_began[places])
        take_ended[places], taken[places] = elements.end + 1, takes
        return elements._replace(take_began=take_began, take_ended=take_ended, taken=taken)

    def _completed(self, elements: Elements, *, decides: bool = True) -> Judged:
        """The verdict when all takes of elements are known."""
        found = self._arranged(elements, self.rank)
        if isinstance(found, Against):
            return Bad(found.position, found.clue) if decides else None
        points, moments = found
        put, taken = elements.put >= 0, elements.taken >= 0
        rows = np.concatenate([elements.put[put], elements.taken[taken], elements.empty])
        point = np.concatenate([points.put[put], points.take[taken], moments * SPACING + EMPTY])
        tie = np.concatenate([points.put_tie[put], points.take_tie[taken], np.zeros_like(moments)])
        return Good(rows[np.lexsort((tie, point))])

    def _arranged(self, elements: Elements, rank: Numbers) -> tuple[Points, Numbers] | Against:
        """Points for all, and after which event each take that found nothing did so."""
        first, _, covered = free_moments(elements)
        if len(covered):
            which = int(covered[np.argmin(elements.empty_ended[covered])])
            ended = int(elements.empty_ended[which])
            return Against(ended, _latest_around(elements, which), _never_empty(elements, which))
        points = self.discipline.arrange(elements, rank, np.unique(first))
        return points if isinstance(points, Against) else (points, first)

    def _not_enough(self, left: Elements, forced: Numbers, deadline: int) -> Clue | None:
        in_time = self.waiting[self.calls.began[self.waiting] < deadline].tolist()
        puts = [row for row in left.put[forced].tolist() if row >= 0]
        if not puts or len(puts) < len(forced) or len(forced) > CALLS_TOLD or len(in_time) > CALLS_TOLD:
            return None
        there = (*_listed(puts), " put in what had to be out by then, and nobody is known to have taken it.")
        took = (*_listed(in_time), " could have taken one, and no other.") if in_time else ("Nobody could have taken it.",)
        return Clue("something that had to be out by then was still there", (there, took))


CALLS_TOLD = 8
SPARSE = 8  # with so many more values in a history than calls on an object, arrays by value would be too large


def _listed(rows: list[int]) -> list[str | int]:
    pieces: list[str | int] = [rows[0]]
    for row in rows[1:]:
        pieces += [", ", row]
    return pieces


def _elements(calls: Rows, spec: Collection) -> tuple[Elements, Numbers, Numbers] | Bad | None:
    """The elements; by element an unanswered take of it, -1 for none; and the unanswered takes of nobody knows what."""
    known = np.array(numbers_of(calls.values, spec.initial), dtype=np.int64)
    calls, first, names = _numbered_here(calls, known)
    nil, end, size = calls.nil, calls.horizon, len(names)
    is_take = calls.doing(spec.taking)
    answered = calls.ended < calls.horizon
    puts, takes = np.flatnonzero(~is_take), np.flatnonzero(is_take & answered & (calls.got != nil))
    if len(np.unique(first)) < len(first) or (calls.asked[puts] == nil).any():
        return None
    times_taken = np.bincount(calls.got[takes], minlength=size)
    puts = puts[answered[puts] | (times_taken[calls.asked[puts]] > 0)]
    times_put = np.bincount(np.concatenate([calls.asked[puts], first]), minlength=size)
    if (times_put > 1).any():
        return None
    wrong = _impossible(calls, takes, times_put, times_taken, puts)
    if wrong is not None:
        return wrong
    take_of = np.full(size, -1, dtype=np.int64)
    take_of[calls.got[takes]] = takes
    value = np.concatenate([first, calls.asked[puts]])
    taken = take_of[value]
    before = 2 * np.arange(-len(first), 0)  # one after the other
    put_began = np.concatenate([before, calls.began[puts]])
    put_ended = np.concatenate([before + 1, calls.ended[puts]])
    is_taken = np.flatnonzero(taken >= 0)
    take_began, take_ended = np.full((2, len(value)), end + 2, dtype=np.int64)
    take_began[is_taken] = np.maximum(calls.began[taken[is_taken]], put_began[is_taken])
    take_ended[is_taken] = calls.ended[taken[is_taken]]
    empty = np.flatnonzero(is_take & answered & (calls.got == nil))
    elements = Elements(
        value=names[value],
        put_began=put_began,
        put_ended=np.minimum(put_ended, take_ended),
        take_began=take_began,
        take_ended=take_ended,
        put=np.concatenate([np.full(len(first), -1), puts]),
        taken=taken,
        empty=empty,
        empty_began=calls.began[empty],
        empty_ended=calls.ended[empty],
        end=end,
    )
    open_takes = np.flatnonzero(is_take & ~answered)
    own = np.full(size, -1, dtype=np.int64)
    known = open_takes[(calls.got[open_takes] != nil) & (calls.got[open_takes] != NO_VALUE)][::-1]
    own[calls.got[known]] = known  # of several the first
    return elements, own[value], open_takes[calls.got[open_takes] == NO_VALUE]


def _numbered_here(calls: Rows, first: Numbers) -> tuple[Rows, Numbers, Numbers]:
    """The calls and what was there at first, values numbered anew when they are few of many; and the number of each before."""
    size = len(calls.values) + len(first) + 1
    if size < SPARSE * (len(calls.began) + SPARSE):
        return calls, first, np.arange(size)
    used = np.concatenate([[NO_VALUE, calls.nil], first, calls.asked, calls.got])
    names, places = np.unique(used, return_inverse=True)
    places = places.reshape(-1) - 1  # NO_VALUE comes first, and stays what it is
    ends = np.cumsum([2, len(first), len(calls.began)])
    first, asked, got = places[2 : ends[1]], places[ends[1] : ends[2]], places[ends[2] :]
    return calls._replace(asked=asked, got=got, nil=int(places[1])), first, names[1:]


def _impossible(calls: Rows, takes: Numbers, times_put: Numbers, times_taken: Numbers, puts: Numbers) -> Bad | None:
    """The first take to end of what nobody had put in, or somebody else took."""
    put_began = np.full(len(times_put), calls.horizon, dtype=np.int64)
    put_began[calls.asked[puts]] = calls.began[puts]
    there_at_first = times_put > 0
    there_at_first[calls.asked[puts]] = False
    put_began[there_at_first] = -1
    got = calls.got[takes]
    ended = calls.ended[takes]
    phantom = put_began[got] > ended
    by_end = np.lexsort((ended, got))
    again = np.zeros(len(takes), dtype=bool)
    again[by_end[1:]] = got[by_end[1:]] == got[by_end[:-1]]
    wrong = ended[phantom | again]
    return Bad(int(wrong.min())) if len(wrong) else None


def free_moments(elements: Elements) -> tuple[Numbers, Numbers, Numbers]:
    """By take that found nothing: after which events first and last nothing was in for certain; and who has no such moment."""
    began, ended = elements.empty_began, elements.empty_ended
    starts, ends = _merged(elements)
    if not len(starts):
        return began, ended - 1, began[:0]
    around = np.searchsorted(starts, began) - 1
    first = np.where((around >= 0) & (ends[around] > began), ends[around], began)
    around = np.searchsorted(starts, ended) - 1
    last = np.where((around >= 0) & (ends[around] > ended), starts[around] - 1, ended - 1)
    return first, last, np.flatnonzero(first > ended)


def put_points(began: Numbers, ended: Numbers, moments: Numbers) -> Numbers:
    """Points for puts, as early as can be: behind the beginning, and behind the last moment before the end when nothing is in."""
    points = began * SPACING + AFTER
    if not len(moments):
        return points
    passed = np.searchsorted(moments, ended)
    return np.where(passed > 0, np.maximum(points, moments[passed - 1] * SPACING + LATER), points)


class Staircase:
    """Limits at places: the least limit beyond any place. Limits that a lower one stands behind are forgotten."""

    def __init__(self, otherwise: int) -> None:
        self._places: list[int] = []
        self._limits: list[int] = []  # ascending, too
        self._otherwise = otherwise

    def add(self, place: int, limit: int) -> None:
        at = bisect_left(self._places, place)
        if at < len(self._limits) and self._limits[at] <= limit:
            return
        first = bisect_left(self._limits, limit, 0, at)
        self._places[first:at] = [place]
        self._limits[first:at] = [limit]

    def least_from(self, place: int) -> int:
        """The least limit at this place or behind it."""
        at = bisect_left(self._places, place)
        return self._limits[at] if at < len(self._limits) else self._otherwise


def _merged(elements: Elements) -> tuple[Numbers, Numbers]:
    """When something was certainly in: beginnings and ends of the times, which do not touch."""
    inside = np.flatnonzero(elements.put_ended < elements.take_began)
    inside = inside[np.argsort(elements.put_ended[inside], kind="stable")]
    starts, ends = elements.put_ended[inside], np.maximum.accumulate(elements.take_began[inside])
    fresh = np.concatenate([[True], starts[1:] > ends[:-1]]) if len(starts) else np.zeros(0, dtype=bool)
    places = np.flatnonzero(fresh)
    return starts[places], ends[np.concatenate([places[1:] - 1, [len(ends) - 1]])] if len(places) else ends


def _deadlines_by_emptiness(taken: Elements, left: Elements) -> Numbers:
    """By when an element must be gone because somebody found nothing after it had come in."""
    first, last, _ = free_moments(taken)
    by_first = np.argsort(first, kind="stable")
    limits = np.concatenate([suffix_minimum(last[by_first] + 1), [left.end]])
    return limits[np.searchsorted(first[by_first], left.put_ended)]


def suffix_minimum(numbers: Numbers) -> Numbers:
    """The least of each number and all behind it."""
    return np.minimum.accumulate(numbers[::-1])[::-1]


def _too_late(deadlines: Numbers, began: Numbers) -> int | None:
    """The first of these ascending deadlines that the unanswered takes, by beginning, cannot meet; None when all can be met."""
    enough = min(len(deadlines), len(began))
    missed = np.flatnonzero(began[:enough] >= deadlines[:enough])
    if len(missed):
        return int(missed[0])
    return enough if len(deadlines) > enough else None


def _latest_around(elements: Elements, which: int) -> int:
    """When the takes of what was in for certain during a take that found nothing had all ended, as far as they did."""
    began, ended = elements.empty_began[which], elements.empty_ended[which]
    inside = (elements.put_ended < ended) & (elements.take_began > began) & (elements.taken >= 0)
    return int(elements.take_ended[inside].max(initial=ended))


def _never_empty(elements: Elements, which: int) -> Clue | None:
    """A chain of elements of which one was in at any moment of a take that found nothing."""
    at, end = int(elements.empty_began[which]), int(elements.empty_ended[which])
    story: list[tuple[str | int, ...]] = []
    while at < end:
        covers = np.flatnonzero((elements.put_ended <= at) & (elements.take_began > at))
        if not len(covers) or len(story) == CALLS_TOLD:
            return None
        longest = int(covers[np.argmax(elements.take_began[covers])])
        at = int(elements.take_began[longest])
        put, taken = int(elements.put[longest]), int(elements.taken[longest])
        came: tuple[str | int, ...] = (put, " had ended by then") if put >= 0 else ("It was there at first",)
        story.append(
            (*came, ", and what it put in was there until ", taken, " began.")
            if taken >= 0
            else (*came, ", and nothing had taken it out.")
        )
    story.append((int(elements.empty[which]), " found nothing, while something was there all the time: a contradiction."))
    return Clue("something was there all the time", tuple(story))
