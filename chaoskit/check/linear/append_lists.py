"""Lists that only grow, of elements appended once each: the reads say in which order.

Every read is a beginning of the longest one. So the calls are in order: an append, the reads that end with what it appended, the
next append; and at last the appends that returned and that nobody saw. It is a linearization, or else some call had ended before
another began that comes before it.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import compress
from typing import Any

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.judged import Bad, Clue, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.exact import all_exact


def judge_append_list(calls: Rows, spec: AppendList) -> Judged:
    """The verdict on one list; None when an element was appended twice, or a read returned no list."""
    first = exact_list(spec.initial)
    is_read = calls.doing("read")
    reads, appends = np.flatnonzero(is_read), np.flatnonzero(~is_read)
    lists = {number: calls.values[number] for number in np.unique(calls.got[reads]).tolist()}
    if not all(isinstance(value, list | tuple | None) for value in lists.values()):
        return None
    contents = {number: exact_list(value or ()) for number, value in lists.items()}
    elements = exact_list([calls.values[number] for number in calls.asked[appends].tolist()])
    appended = dict(zip(elements, appends.tolist(), strict=True))
    if len(appended) < len(elements) or not appended.keys().isdisjoint(first):
        return None
    longest = max(contents.values(), key=len, default=first)
    wrong = _not_beginnings(calls, reads, contents, longest if len(longest) > len(first) else first, first)
    wrong = wrong or _unheard_of(calls, reads, contents, appended, first)
    if wrong is not None:
        return wrong
    place = np.full(len(calls.began), len(longest) + 1, dtype=np.int64)  # how long the list is after the call
    lengths = {number: len(value) for number, value in contents.items()}
    place[reads] = [lengths[number] for number in calls.got[reads].tolist()]
    for at, element in enumerate(longest[len(first) :], start=len(first) + 1):
        place[appended[element]] = at
    rows = np.flatnonzero((place <= len(longest)) | (calls.ended < calls.horizon))
    return _in_turn(calls, rows[np.lexsort((calls.began[rows], is_read[rows], place[rows]))], _seen(calls, is_read, place))


def _in_turn(calls: Rows, order: Numbers, seen: Numbers) -> Good | Bad:
    """Good when this order, the only one there can be, respects real time. `seen`: when the place of a call is known."""
    latest = np.maximum.accumulate(calls.began[order])
    wrong = np.flatnonzero(calls.ended[order] < latest)
    if not len(wrong):
        return Good(order)
    later = order[wrong]
    leaders = np.maximum.accumulate(np.where(calls.began[order] == latest, np.arange(len(order)), 0))
    before = order[leaders[wrong]]
    by = np.maximum(np.maximum(seen[later], seen[before]), calls.ended[later])
    return Bad(min(int(by.min()), calls.horizon - 1))


def exact_list(values: Any) -> tuple[Hashable, ...]:
    """The elements of a list, exact."""
    return tuple(all_exact(values))




def _not_beginnings(
    calls: Rows,
    reads: Numbers,
    contents: dict[int, tuple[Hashable, ...]],
    longest: tuple[Hashable, ...],
    first: tuple[Hashable, ...],
) -> Bad | None:
    """Reads that do not begin with what was there at first, or are no beginning of the longest."""
    ended: dict[int, tuple[int, int]] = {}  # by list: its first read to end
    for row, number, end in zip(reads.tolist(), calls.got[reads].tolist(), calls.ended[reads].tolist(), strict=True):
        ended[number] = min(ended.get(number, (end, row)), (end, row))
    strange = [ended[number] for number, value in contents.items() if value[: len(first)] != first]
    if strange:
        by, row = min(strange)
        story = ((row, " does not begin with what was there at first: a contradiction."),)
        return Bad(by, Clue("it does not begin with what was there at first", story))
    wrong = [ended[number] for number, value in contents.items() if value != longest[: len(value)]]
    if not wrong:
        return None
    last = min(ended[number] for number, value in contents.items() if value == longest)
    return Bad(max(min(wrong)[0], last[0]))


def _unheard_of(
    calls: Rows,
    reads: Numbers,
    contents: dict[int, tuple[Hashable, ...]],
    appended: dict[Hashable, int],
    first: tuple[Hashable, ...],
) -> Bad | None:
    """Reads with an element that nobody appended, or with one twice."""
    strange = set()
    for number, value in contents.items():
        added = value[len(first) :]
        if not appended.keys() >= set(added) or len(set(added)) < len(added):
            strange.add(number)
    if not strange:
        return None
    wrong = np.array(list(compress(reads.tolist(), (number in strange for number in calls.got[reads].tolist()))))
    return Bad(int(calls.ended[wrong].min()))


def _seen(calls: Rows, is_read: np.ndarray, place: Numbers) -> Numbers:
    """By call: a position by which its place is known: that of a read with it for an append, else its own end."""
    shown = np.full(int(place.max(initial=0)) + 2, calls.horizon, dtype=np.int64)
    np.minimum.at(shown, place[is_read], calls.ended[is_read])
    shown = np.minimum.accumulate(shown[::-1])[::-1]
    return np.where(is_read, calls.ended, np.where(shown[place] < calls.horizon, shown[place], calls.ended))
