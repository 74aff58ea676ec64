"""Sets that only grow, of elements added once each: the reads are nested, and say which elements came between them.

An element came after every call that did not see it began, and before every call that saw it ended. So the calls are in order:
the elements of the smallest read, that read, those that the next has besides. It is a linearization, or some call ended too soon.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.columns import Numbers
from chaoskit.check.linear.judged import Bad, Clue, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.exact import exact
from chaoskit.spec.set import Set, elements_read


def judge_set(calls: Rows, spec: Set) -> Judged:
    """The verdict on one set; None when something was removed, or added twice."""
    adds, reads, asking = (np.flatnonzero(calls.doing(f)) for f in ("add", "read", "contains"))
    added = {exact(calls.values[number]): row for row, number in zip(adds.tolist(), calls.asked[adds].tolist(), strict=True)}
    first = dict.fromkeys(map(exact, spec.initial))
    if calls.doing("remove").any() or len(added) < len(adds) or not added.keys().isdisjoint(first):
        return None
    levels = _levels(calls, reads, added, first)
    if not isinstance(levels, _Levels):
        return levels
    seen = _by_contains(calls, asking, added, first)
    if not isinstance(seen, _Seen):
        return seen
    return _in_levels(calls, reads, asking, adds, levels, seen)


class _Levels(NamedTuple):
    """How many smaller reads there are: by row, for reads and adds; for adds that no read has, as many as there are reads."""

    of: Numbers
    many: int


class _Seen(NamedTuple):
    """By row: the span of an add by those who asked for its element, and did somebody find it; the add that was asked for."""

    after: Numbers
    before: Numbers
    found: np.ndarray
    add: Numbers


def _levels(calls: Rows, reads: Numbers, added: dict[Hashable, int], first: dict[Hashable, None]) -> _Levels | Bad | None:
    sizes: dict[int, int] = {}  # one read is looked at after the other: together they may be as large as the history is long
    anything = added.keys() | first.keys()
    wrong = []
    for number in np.unique(calls.got[reads]).tolist():
        elements = elements_read(calls.values[number])
        if elements is None:
            return None
        sizes[number] = len(elements)
        if len(set(elements)) < len(elements) or not anything.issuperset(elements):
            wrong.append(number)
    if wrong:
        return Bad(int(calls.ended[reads[np.isin(calls.got[reads], wrong)]].min()))
    seen = set(first)
    level = np.full(len(calls.began), -1, dtype=np.int64)
    level_of: dict[int, int] = {}
    count = 0
    for number in sorted(sizes, key=sizes.__getitem__):
        new = [element for element in elements_read(calls.values[number]) or () if element not in seen]
        if sizes[number] - len(new) < len(seen):
            return _not_nested(calls, reads, number, max(level_of, key=level_of.__getitem__, default=None))
        count += bool(new) or not level_of
        level_of[number] = count - 1
        level[[added[element] for element in new]] = count - 1
        seen.update(new)
    level[reads] = [level_of[number] for number in calls.got[reads].tolist()]
    return _Levels(np.where(level < 0, count, level), count)


def _not_nested(calls: Rows, reads: Numbers, one: int, other: int | None) -> Bad:
    """Two reads of which each has what the other lacks; or one that lacks what was there at first."""
    first, *others = [
        int(reads[np.argmin(np.where(calls.got[reads] == number, calls.ended[reads], calls.horizon))])
        for number in (one, other)
        if number is not None
    ]
    if not others:
        return Bad(
            int(calls.ended[first]), Clue("it lacks what was there at first", ((first, " lacks what was there at first."),))
        )
    story = ((first, " and ", others[0], " each have an element that the other lacks: a contradiction."),)
    by = max(int(calls.ended[first]), int(calls.ended[others[0]]))
    return Bad(by, Clue("two reads disagree", story))


def _by_contains(calls: Rows, asking: Numbers, added: dict[Hashable, int], first: dict[Hashable, None]) -> _Seen | Bad | None:
    size = len(calls.began)
    seen = _Seen(calls.began.copy(), calls.ended.copy(), np.zeros(size, dtype=bool), np.full(size, -1, dtype=np.int64))
    wrong = []
    for row, asked, got in zip(asking.tolist(), calls.asked[asking].tolist(), calls.got[asking].tolist(), strict=True):
        element, answer = exact(calls.values[asked]), calls.values[got]
        if not isinstance(answer, bool):
            return None
        add = added.get(element, -1)
        if add < 0 and answer is not (element in first):
            wrong.append(int(calls.ended[row]))
        elif add >= 0 and answer:
            seen.before[add] = min(int(seen.before[add]), int(calls.ended[row]))
            seen.found[add] = True
        elif add >= 0:
            seen.after[add] = max(int(seen.after[add]), int(calls.began[row]))
        seen.add[row] = add
    return Bad(min(wrong)) if wrong else seen


def _in_levels(calls: Rows, reads: Numbers, asking: Numbers, adds: Numbers, levels: _Levels, seen: _Seen) -> Good | Bad:
    level = levels.of
    adds = adds[(level[adds] < levels.many) | seen.found[adds] | (calls.ended[adds] < calls.horizon)]
    came = np.full(levels.many + 1, -1, dtype=np.int64)  # by level: since when all its elements may be there
    np.maximum.at(came, level[adds], seen.after[adds])
    began = np.full(levels.many + 2, -1, dtype=np.int64)  # by level: when the last read of a smaller one began
    np.maximum.at(began, level[reads] + 1, calls.began[reads])
    began = np.maximum.accumulate(began)[:-1]
    before = np.maximum(began, np.concatenate([[-1], np.maximum.accumulate(came)[:-1]]))
    add_at = np.maximum(before[level[adds]], seen.after[adds])
    read_at = np.maximum(np.maximum(before, came)[level[reads]], calls.began[reads])
    if (add_at > seen.before[adds]).any() or (read_at > calls.ended[reads]).any():
        return Bad(_first_read(calls, reads, adds, levels))
    at = np.full(len(level) + 1, -1, dtype=np.int64)
    at[adds] = add_at
    is_there = np.array([calls.values[number] is True for number in calls.got[asking].tolist()], dtype=bool)
    ask_at = np.where(is_there, np.maximum(at[seen.add[asking]], calls.began[asking]), calls.began[asking])
    rows = np.concatenate([adds, reads, asking])
    last = 2 * levels.many + 2
    ties = np.concatenate([2 * level[adds], 2 * level[reads] + 1, np.where(is_there, last, -1)])
    return Good(rows[np.lexsort((ties, np.concatenate([add_at, read_at, ask_at])))])


def _first_read(calls: Rows, reads: Numbers, adds: Numbers, levels: _Levels) -> int:
    """A read that is wrong by itself or with one that ended before; a position after all when none is."""
    level, size = levels.of, levels.many + 2
    larger = np.full(size, calls.horizon, dtype=np.int64)  # by level: when the first call ended that is not in it, or has more
    np.minimum.at(larger, level[adds], calls.ended[adds])
    np.minimum.at(larger, level[reads], calls.ended[reads])
    larger = np.minimum.accumulate(larger[::-1])[::-1]
    wrong = larger[level[reads] + 1] < calls.began[reads]
    return int(calls.ended[reads[wrong]].min()) if wrong.any() else calls.horizon - 1
