"""Texts under a key, of pieces that were written: what a get returned says what was appended to what, in which order.

When no piece is the beginning of another, a text falls apart in one way: what was there at first or put, and what was appended
since. So the calls fall into blocks, each of which stands together in any linearization: a put, or the beginning, with all that was
seen appended to it, and every get behind the last piece that it has. A piece that nobody saw is a block of its own: it may stand
at the end of any text. Blocks are put in order as those of registers are; see `blocks`.

Where a piece was written more than once, there are several readings of who wrote what was seen. One that is good is enough; none
is, when there are few and all are bad. All readings of gets that begin with what was put more than once are not tried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise, permutations, product
from math import factorial, prod
from operator import itemgetter
from typing import Any

import numpy as np

from chaoskit.check.linear.judged import Bad, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.kv import KeyValue

BEGINNING = -1  # stands for the write of what was there at first, before all calls
NOWHERE = -2
READINGS = 16  # so many are tried; where there are more, one

Got = list[tuple[object, str, list[int]]]  # what was got, the piece it begins with, and by whom
Block = tuple[int, int, int]  # when the first of its calls ended, when the last of them began, and its head


def judge_text(calls: Rows, spec: KeyValue) -> Judged:
    """The verdict on one text; None when a piece is the beginning of another, or no text, or was written too often."""
    putting, getting = calls.functions.index("put"), calls.functions.index("get")
    puts: dict[str, list[int]] = {}
    appends: dict[str, list[int]] = {}
    gets: dict[int, list[int]] = {}  # by number of what they got
    for row, (f, asked, got) in enumerate(zip(calls.f.tolist(), calls.asked.tolist(), calls.got.tolist(), strict=True)):
        if f == getting:
            gets.setdefault(got, []).append(row)
            continue
        piece = calls.values[asked]
        if type(piece) is not str or not piece:
            return None
        (puts if f == putting else appends).setdefault(piece, []).append(row)
    text = _Text(calls, spec.initial, puts, appends)
    if text.is_ambiguous():
        return None
    got = [(value, text.beginning_of(value), gets[number]) for number, value in _longest_first(calls.values, gets)]
    return text.judged(got)


def _longest_first(values: list[Any], numbers: Iterable[int]) -> list[tuple[int, Any]]:
    found = [(len(value) if isinstance(value, str) else 0, number, value) for number in numbers for value in (values[number],)]
    found.sort(key=itemgetter(0), reverse=True)
    return [(number, value) for _, number, value in found]


class _Text:
    """The calls on one key, and the readings of what was got."""

    def __init__(self, calls: Rows, initial: str | None, puts: dict[str, list[int]], appends: dict[str, list[int]]) -> None:
        self.began: list[int] = calls.began.tolist()
        self.ended: list[int] = calls.ended.tolist()
        self.horizon = calls.horizon
        self.initial = initial
        self.puts = puts
        self.appends = appends
        self.writes = [row for rows in (*puts.values(), *appends.values()) for row in rows]
        self.pieces = puts | appends
        self.lengths = sorted(set(map(len, self.pieces)))

    def judged(self, got: Got) -> Judged:
        """The verdict, of what was got by whom, the longest first."""
        heads, is_sure = self._heads(got)
        repeated = {piece: rows for piece, rows in self.appends.items() if len(rows) > 1}
        count = prod(map(len, heads.values())) * prod(factorial(min(len(rows), READINGS)) for rows in repeated.values())
        readings: Iterable[tuple[list[int], ...]]
        if count > READINGS:
            readings, is_sure = [([heads[piece][0] for piece in heads], *repeated.values())], False
        else:
            readings = product(map(list, product(*heads.values())), *(map(list, permutations(rows)) for rows in repeated.values()))
        fails_by = -1
        for chosen, *orders in readings:
            reading = _Reading(self, dict(zip(heads, chosen, strict=True)), self.appends | dict(zip(repeated, orders, strict=True)))
            judged = reading.judged(got)
            if isinstance(judged, Good):
                return judged
            fails_by = max(fails_by, judged.near)
        return Bad(fails_by) if is_sure else None

    def _heads(self, got: Got) -> tuple[dict[str, list[int]], bool]:
        """By the piece that texts begin with: who may have put it there, and whether one of them has for all of these texts."""
        readers: dict[str, list[int]] = {}
        for _, piece, gets in got:
            readers.setdefault(piece, []).extend(gets)
        heads: dict[str, list[int]] = {}
        is_sure = True
        for piece, gets in readers.items():
            last = max([self.ended[row] for row in gets])
            found = [row for row in self.puts.get(piece, ()) if self.began[row] < last]
            if not self.initial and [row for row in self.appends.get(piece, ()) if self.began[row] < last]:
                found.append(BEGINNING)
            heads[piece] = found or [NOWHERE]
            is_sure &= len(found) <= 1 or len(gets) == 1
        return heads, is_sure

    def is_ambiguous(self) -> bool:
        """Is a piece the beginning of another?"""
        pieces = sorted([*self.pieces, self.initial] if self.initial else self.pieces)
        return True in [longer.startswith(piece) for piece, longer in pairwise(pieces)]

    def beginning_of(self, text: object) -> str:
        """The piece that a text begins with; nothing for one that begins with what was there at first, or with none."""
        if not isinstance(text, str) or (self.initial and text.startswith(self.initial)):
            return ""
        return self.piece_at(text, 0)

    def piece_at(self, text: str, place: int) -> str:
        """The piece that stands there, nothing when there is none."""
        for length in self.lengths:
            piece = text[place : place + length]
            if piece in self.pieces:
                return piece
        return ""


class _Reading:
    """Who wrote what was got: of a piece that gets begin with one call, and of appends of one piece one after the other."""

    def __init__(self, text: _Text, heads: dict[str, int], appends: dict[str, list[int]]) -> None:
        self.text = text
        self.began, self.ended = text.began, text.ended
        self.fails_by = text.horizon
        self.heads = heads
        self.appends = appends
        self.used: dict[str, int] = {}  # by piece: how many of its appends
        self.chains: dict[int, list[int]] = {BEGINNING: [BEGINNING]}  # by head: it, and what was appended, in order
        self.longest: dict[int, tuple[str, dict[int, int]]] = {}  # by head: a text, and by length the write it ends with
        self.gets: dict[int, list[int]] = {}  # by write: those of what ends with it
        self.row_at: dict[int, int] = {}
        self.shown: dict[int, int] = {}

    def judged(self, got: Got) -> Good | Bad:
        """The verdict on this reading."""
        for text, piece, gets in got:
            write = self._last_of(text, piece)
            if write == NOWHERE:
                self._fail(min([self.ended[row] for row in gets]))
            self.gets[write] = gets
        if self.fails_by < self.text.horizon:
            return Bad(self.fails_by)
        blocks = [self._block(head, chain) for head, chain in self.chains.items()]
        seen = {write for chain in self.chains.values() for write in chain}
        for row in self.text.writes:
            if row not in seen and self.ended[row] < self.text.horizon:
                blocks.append((self.ended[row], self.began[row], row))
                self.chains[row] = [row]
        order: list[int] = []
        for head in self._in_order(blocks):
            for write in self.chains[head]:
                if write != BEGINNING:
                    order.append(write)
                if write in self.gets:
                    order += self.gets[write]
        return Bad(self.fails_by) if self.fails_by < self.text.horizon else Good(np.array(order, dtype=np.int64))

    def _fail(self, by: int) -> None:
        self.fails_by = min(self.fails_by, by, self.text.horizon - 1)

    def _last_of(self, text: object, piece: str) -> int:
        """The write that a text ends with, which begins with this piece; NOWHERE for what cannot have been there."""
        initial = self.text.initial
        if text is None or text == "" or not isinstance(text, str):
            return BEGINNING if text == initial and type(text) is type(initial) else NOWHERE
        if piece:
            head = self.heads[piece]
            place = 0 if head == BEGINNING else len(piece)
        else:
            head, place = (BEGINNING, len(initial)) if initial and text.startswith(initial) else (NOWHERE, 0)
        if head == NOWHERE:
            return NOWHERE
        known = self.longest.get(head)
        if known is not None:
            return known[1].get(len(text), NOWHERE) if known[0].startswith(text) else NOWHERE
        chain, ends = [head], {place: head}
        self.chains[head], self.longest[head] = chain, (text, ends)
        while place < len(text):
            write, place = self._append_at(text, place)
            if write == NOWHERE:
                return NOWHERE
            chain.append(write)
            ends[place] = write
        return chain[-1]

    def _append_at(self, text: str, place: int) -> tuple[int, int]:
        """Who appended the piece that stands there, and where it ends."""
        piece = self.text.piece_at(text, place)
        rows = self.appends.get(piece, ())
        used = self.used.get(piece, 0)
        self.used[piece] = used + 1
        return (rows[used] if used < len(rows) else NOWHERE), place + len(piece)

    def _block(self, head: int, chain: list[int]) -> Block:
        """A block, in which no call may have ended before one began that comes before it."""
        began, ended = self.began, self.ended
        first, latest = self.text.horizon + 1, -1
        for write in chain:
            if write == BEGINNING:
                first = -1
            else:
                if ended[write] < latest:
                    self._fail(self._known(began[write], latest))
                first, latest = min(first, ended[write]), max(latest, began[write])
            before = latest
            for row in self.gets.get(write, ()):
                if ended[row] < before:
                    self._fail(self._known(ended[row], before))
                if ended[row] < first:
                    first = ended[row]
                if began[row] > latest:
                    latest = began[row]
        return first, latest, head

    def _in_order(self, blocks: list[Block]) -> list[int]:
        """The heads in an order in which no block comes before one that has to come before it; fails where two have to both."""
        divided = sorted([block for block in blocks if block[0] < block[1]])  # an end before a beginning
        for one, two in pairwise(divided):
            if two[0] < one[1]:
                self._fail(self._known(*one[:2], *two[:2]))
        moments = [(2 * began, head) for _, began, head in divided]
        ends = [ended for ended, _, _ in divided]
        for block in blocks:
            ended, began, head = block
            if ended < began:
                continue
            around = bisect_left(ends, began) - 1
            if around >= 0 and began < divided[around][1]:  # where this begins, a divided one is under way
                if ended < divided[around][1]:
                    self._fail(self._known(ended, began, *divided[around][:2]))
                moments.append((2 * divided[around][1] + 1, head))
            else:
                moments.append((2 * began, head))
        moments.sort()
        return [head for _, head in moments]

    def _known(self, *positions: int) -> int:
        """By when the calls were known that began or ended then: a get by its end, a write when a get showed where it stands."""
        if not self.row_at:
            self.row_at, self.shown = self._rows_by_position(), self._known_by_gets()
        shown = self.shown
        rows = [self.row_at[position] for position in positions if position >= 0]
        return max((shown.get(row, self.ended[row]) for row in rows), default=-1)

    def _known_by_gets(self) -> dict[int, int]:
        """By write that was seen: when the first get ended that has it."""
        found: dict[int, int] = {}
        for chain in self.chains.values():
            shown = self.text.horizon
            for write in reversed(chain):
                for row in self.gets.get(write, ()):
                    shown = min(shown, self.ended[row])
                if shown < self.text.horizon:
                    found[write] = shown
        return found

    def _rows_by_position(self) -> dict[int, int]:
        """The call that began or ended at a position."""
        positions = {position: row for column in (self.began, self.ended) for row, position in enumerate(column)}
        positions.pop(self.text.horizon, None)
        return positions
