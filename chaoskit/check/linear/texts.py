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
from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.judged import Bad, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.kv import KeyValue

BEGINNING = -1  # stands for the write of what was there at first, before all calls
NOWHERE = -2
READINGS = 16  # so many are tried; where there are more, one

Got = list[tuple[object, list[int]]]  # what was got, and by whom


class Block(NamedTuple):
    """Calls that stand together: when the first of them ended, when the last began, and by when both is known."""

    ended: int
    began: int
    known: int
    head: int

    @property
    def is_divided(self) -> bool:
        """Had one of them ended when another began?"""
        return self.ended < self.began


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
    pieces = sorted([*(puts | appends), *([spec.initial] if spec.initial else ())])
    if any(longer.startswith(piece) for piece, longer in pairwise(pieces)):
        return None
    text = _Text(calls, spec.initial, puts, appends)
    got = [(calls.values[number], rows) for number, rows in gets.items()]
    got.sort(key=lambda each: len(each[0]) if isinstance(each[0], str) else 0, reverse=True)
    return text.judged(got)


class _Text:
    """The calls on one key, and the readings of what was got."""

    def __init__(self, calls: Rows, initial: str | None, puts: dict[str, list[int]], appends: dict[str, list[int]]) -> None:
        self.began: list[int] = calls.began.tolist()
        self.ended: list[int] = calls.ended.tolist()
        self.horizon = calls.horizon
        self.initial = initial
        self.puts = puts
        self.appends = appends
        self.lengths = sorted({len(piece) for pieces in (puts, appends) for piece in pieces})

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
        for text, gets in got:
            if isinstance(text, str) and not (self.initial and text.startswith(self.initial)):
                readers.setdefault(self.piece_at(text, 0), []).extend(gets)
        heads: dict[str, list[int]] = {}
        is_sure = True
        for piece, gets in readers.items():
            last = max([self.ended[row] for row in gets])
            found = [row for row in self.puts.get(piece, ()) if self.began[row] < last]
            if not self.initial and (not piece or any(self.began[row] < last for row in self.appends.get(piece, ()))):
                found.append(BEGINNING)
            heads[piece] = found or [NOWHERE]
            is_sure &= len(found) <= 1 or len(gets) == 1
        return heads, is_sure

    def piece_at(self, text: str, place: int) -> str:
        """The piece that stands there, nothing when there is none."""
        for length in self.lengths:
            piece = text[place : place + length]
            if piece in self.puts or piece in self.appends:
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

    def judged(self, got: Got) -> Good | Bad:
        """The verdict on this reading."""
        for text, gets in got:
            write = self._last_of(text)
            if write == NOWHERE:
                self._fail(min([self.ended[row] for row in gets]))
            self.gets[write] = gets
        if self.fails_by < self.text.horizon:
            return Bad(self.fails_by)
        seen = {write for chain in self.chains.values() for write in chain}
        for writers in (self.text.puts, self.text.appends):
            for rows in writers.values():
                for row in rows:
                    if row not in seen and self.ended[row] < self.text.horizon:
                        self.chains[row] = [row]
        order: list[int] = []
        for head in self._in_order([self._block(head, chain) for head, chain in self.chains.items()]):
            for write in self.chains[head]:
                if write != BEGINNING:
                    order.append(write)
                order += self.gets.get(write, ())
        return Bad(self.fails_by) if self.fails_by < self.text.horizon else Good(np.array(order, dtype=np.int64))

    def _fail(self, by: int) -> None:
        self.fails_by = min(self.fails_by, by, self.text.horizon - 1)

    def _last_of(self, text: object) -> int:
        """The write that a text ends with; NOWHERE for what cannot have been there."""
        initial = self.text.initial
        if text is None and initial is None:
            return BEGINNING
        if not isinstance(text, str) or (not text and initial is None):
            return NOWHERE
        if initial and text.startswith(initial):
            head, place = BEGINNING, len(initial)
        else:
            piece = self.text.piece_at(text, 0)
            head = self.heads[piece] if piece or not text else NOWHERE
            place = 0 if head == BEGINNING else len(piece)
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
        """The calls of a block, none of which may have ended before one began that comes before it."""
        shown = self.text.horizon
        shows: list[int] = []  # by write from the last on: when it was known to be there
        for write in reversed(chain):
            shown = min([shown, *(self.ended[row] for row in self.gets.get(write, ()))])
            shows.append(shown)
        ended, known_ended = self.text.horizon + 1, -1
        began, known_began = -1, -1
        for write, shown in zip(chain, reversed(shows), strict=True):
            if write == BEGINNING:
                ended = -1
            else:
                known = shown if len(chain) > 1 else min(shown, self.ended[write])
                if self.ended[write] < began:
                    self._fail(max(known, known_began))
                if self.ended[write] < ended:
                    ended, known_ended = self.ended[write], known
                if self.began[write] > began:
                    began, known_began = self.began[write], known
            before, known_before = began, known_began
            for row in self.gets.get(write, ()):
                if self.ended[row] < before:
                    self._fail(max(self.ended[row], known_before))
                if self.ended[row] < ended:
                    ended, known_ended = self.ended[row], self.ended[row]
                if self.began[row] > began:
                    began, known_began = self.began[row], self.ended[row]
        return Block(ended, began, max(known_ended, known_began), head)

    def _in_order(self, blocks: Iterable[Block]) -> list[int]:
        """Blocks in an order in which none comes before one that has to come before it; fails where two have to both."""
        divided: list[Block] = []
        moments: list[tuple[int, int]] = []
        others: list[Block] = []
        for block in blocks:
            (divided if block.is_divided else others).append(block)
        divided.sort()
        for one, two in pairwise(divided):
            if two.ended < one.began:
                self._fail(max(one.known, two.known))
        moments = [(2 * block.began, block.head) for block in divided]
        ends = [block.ended for block in divided]
        for block in others:
            around = bisect_left(ends, block.began) - 1
            outer = divided[around] if around >= 0 else None
            if outer is None or block.began > outer.began:
                moments.append((2 * block.began, block.head))
                continue
            if block.ended < outer.began:
                self._fail(max(block.known, outer.known))
            moments.append((2 * outer.began + 1, block.head))
        return [head for _, head in sorted(moments)]
