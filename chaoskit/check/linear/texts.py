"""Texts under a key, of pieces that were written: what a get returned says what was appended to what, in which order.

When no piece is the beginning of another, a text falls apart in one way: what was there at first or put, and what was
appended since. So the calls fall into blocks, each of which stands together in any linearization: a put, or the beginning, with
all that was seen appended to it, and every get behind the last piece that it has. A piece that nobody saw is a block of its own:
it may stand at the end of any text. Blocks are put in order as those of registers are; see `blocks`.

The gets are taken as they ended, so that the blocks are at any time those of what had happened by then: the first get that has no
place is the first completion up to which there is no linearization. (A write that ends takes nobody's place: whatever is told of
the others began before.)

Where a piece was written more than once, there are several readings of who wrote what was seen. One that is good is enough; none
is, when there are few and all are bad, or when one is bad already where there was no other. All readings of gets that begin with
what was put more than once are not tried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise, permutations, product
from math import factorial, prod
from typing import Any

import numpy as np

from chaoskit.check.linear.judged import Bad, Good, Judged
from chaoskit.check.linear.rows import Rows
from chaoskit.spec.kv import KeyValue

BEGINNING = -1  # stands for the write of what was there at first, before all calls
NOWHERE = -2
READINGS = 16  # so many are tried; where there are more, one


def judge_text(calls: Rows, spec: KeyValue) -> Judged:
    """The verdict on one text; None when a piece is the beginning of another, or no text, or was written too often."""
    putting, getting = calls.functions.index("put"), calls.functions.index("get")
    puts: dict[str, list[int]] = {}
    appends: dict[str, list[int]] = {}
    gets: list[int] = []
    for row, (f, asked) in enumerate(zip(calls.f.tolist(), calls.asked.tolist(), strict=True)):
        if f == getting:
            gets.append(row)
            continue
        piece = calls.values[asked]
        if type(piece) is not str or not piece:
            return None
        (puts if f == putting else appends).setdefault(piece, []).append(row)
    text = _Text(calls, spec.initial, puts, appends)
    return None if text.is_ambiguous() else text.judged(gets)


class _Text:
    """The calls on one key, and the readings of what was got."""

    def __init__(self, calls: Rows, initial: str | None, puts: dict[str, list[int]], appends: dict[str, list[int]]) -> None:
        self.began: list[int] = calls.began.tolist()
        self.ended: list[int] = calls.ended.tolist()
        self.got: list[int] = calls.got.tolist()  # numbers
        self.values: list[Any] = calls.values
        self.horizon = calls.horizon
        self.initial = initial
        self.puts = puts
        self.appends = appends
        self.pieces = puts | appends
        self.lengths = sorted(set(map(len, self.pieces)))
        self.completions: list[int] = []  # rows of calls that returned, as they ended
        self.ends: list[int] = []  # and when
        self.beginnings: dict[int, str] = {}  # by number of what was got: the piece it begins with

    def is_ambiguous(self) -> bool:
        """Is a piece the beginning of another?"""
        pieces = sorted([*self.pieces, self.initial] if self.initial else self.pieces)
        return True in [longer.startswith(piece) for piece, longer in pairwise(pieces)]

    def judged(self, gets: list[int]) -> Judged:
        """The verdict."""
        gets.sort(key=self.ended.__getitem__)
        self.completions = [row for row, ended in enumerate(self.ended) if ended < self.horizon]
        self.completions.sort(key=self.ended.__getitem__)
        self.ends = [self.ended[row] for row in self.completions]
        heads, is_sure, sure_before = self._heads(gets)
        repeated = {piece: rows for piece, rows in self.appends.items() if len(rows) > 1}
        for rows in repeated.values():
            sure_before = min(sure_before, self.began[rows[1]])
        first = _Reading(self, {piece: writes[0] for piece, writes in heads.items()}, self.appends).judged(gets)
        if isinstance(first, Good) or first.near < sure_before:
            return first
        count = prod(map(len, heads.values())) * prod(factorial(min(len(rows), READINGS)) for rows in repeated.values())
        if count > READINGS:
            return None
        found = self._judged_anyhow(gets, heads, repeated)
        return found if isinstance(found, Good) or is_sure else None

    def _judged_anyhow(self, gets: list[int], heads: dict[str, list[int]], repeated: dict[str, list[int]]) -> Good | Bad:
        """The verdict on all readings: it is bad where the last of them is."""
        fails_at = -1
        orders_of = [map(list, permutations(rows)) for rows in repeated.values()]
        for chosen, *orders in product(map(list, product(*heads.values())), *orders_of):
            by_head, appends = dict(zip(heads, chosen, strict=True)), dict(zip(repeated, orders, strict=True))
            judged = _Reading(self, by_head, self.appends | appends).judged(gets)
            if isinstance(judged, Good):
                return judged
            fails_at = max(fails_at, judged.near)
        return Bad(fails_at, is_first=True)

    def _heads(self, gets: list[int]) -> tuple[dict[str, list[int]], bool, int]:
        """By the piece that texts begin with: who may have put it there, the first to begin before the others.

        Then whether one of them has for all of these texts; and until when nobody can have seen another than the first.
        """
        readers: dict[str, list[int]] = {}
        for row in gets:
            number = self.got[row]
            piece = self.beginnings.get(number)
            if piece is None:
                piece = self.beginnings[number] = self._beginning_of(self.values[number])
            readers.setdefault(piece, []).append(row)
        heads: dict[str, list[int]] = {}
        is_sure, sure_before = True, self.horizon
        for piece, rows in readers.items():
            last = self.ended[rows[-1]]
            found = [(self.began[row], row) for row in self.puts.get(piece, ()) if self.began[row] < last]
            if not self.initial:
                found += [(self.began[row], BEGINNING) for row in self.appends.get(piece, ())[:1] if self.began[row] < last]
            found.sort()
            heads[piece] = [write for _, write in found] or [NOWHERE]
            if len(found) > 1:
                is_sure &= len(rows) == 1
                sure_before = min(sure_before, found[1][0])
        return heads, is_sure, sure_before

    def _beginning_of(self, text: object) -> str:
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


class _Block:
    """A put, or the beginning, what was appended to it, and the gets behind each: as far as was seen until now."""

    def __init__(self, head: int, text: str, *, first: int, latest: int) -> None:
        self.chain = [head]
        self.text = text  # of the whole chain
        self.places = {len(text): 0}  # by length of a text: the place in the chain of the write that it ends with
        self.gets: list[list[int]] = [[]]  # by place
        self.firsts = [first]  # by place: when the first ended of the write and the gets behind it
        self.first = first  # when the first of all ended
        self.latest = latest  # when the last of all began
        self.swept = NOWHERE  # of a divided one: what ended until then stands apart from it

    def append(self, write: int, length: int, *, began: int, ended: int) -> None:
        """It was seen that this write made it so long."""
        self.places[length] = len(self.chain)
        self.chain.append(write)
        self.gets.append([])
        self.firsts.append(ended)
        self.first = min(self.first, ended)
        self.latest = max(self.latest, began)


class _Reading:
    """Who wrote what was got: of a piece that gets begin with one call, and of appends of one piece one after the other."""

    def __init__(self, text: _Text, heads: dict[str, int], appends: dict[str, list[int]]) -> None:
        self.text = text
        self.began, self.ended = text.began, text.ended
        self.heads = heads
        self.appends = appends
        self.used: dict[str, int] = {}  # by piece: how many of its appends
        self.blocks: dict[int, _Block] = {}  # by head
        self.owners: list[_Block | None] = [None] * len(text.began)  # by row, of what was seen
        self.known: dict[int, tuple[_Block, int]] = {}  # by number of what was got: block and place
        self.divided: list[_Block] = []  # those in which a call ended before another began, one wholly after the other
        self.divided_since: list[int] = []  # when the first of each ended

    def judged(self, gets: list[int]) -> Good | Bad:
        """The verdict on this reading: gets by when they ended."""
        for row in gets:
            if not self._has_place(row):
                return Bad(self.ended[row], is_first=True)
        order: list[int] = []
        for write in self._in_order():
            block = self.blocks.get(write)
            if block is None:
                order.append(write)
                continue
            for each, behind in zip(block.chain, block.gets, strict=True):
                if each != BEGINNING:
                    order.append(each)
                order += behind
        return Good(np.array(order, dtype=np.int64))

    def _has_place(self, get: int) -> bool:
        """Is there an order of all that ended until now? The gets before this one have a place."""
        number = self.text.got[get]
        found = self.known.get(number)
        if found is None:
            found = self._found(self.text.values[number], self.text.beginnings[number], self.ended[get])
            if found is None:
                return False
            self.known[number] = found
        block, place = found
        began, ended = self.began[get], self.ended[get]
        for later in range(place + 1, len(block.chain)):
            if block.firsts[later] < began:
                return False
        block.gets[place].append(get)
        block.firsts[place] = min(block.firsts[place], ended)
        block.first = min(block.first, ended)
        block.latest = max(block.latest, began)
        self.owners[get] = block
        return self._stands_apart(block)

    def _found(self, text: object, piece: str, now: int) -> tuple[_Block, int] | None:
        """Where a get belongs that ends now with this text, which begins with this piece; None for what cannot be there."""
        initial = self.text.initial
        if not isinstance(text, str) or not text:
            if text != initial or type(text) is not type(initial):
                return None
            return self._block(BEGINNING, ""), 0
        head = self.heads[piece] if piece else BEGINNING if initial and text.startswith(initial) else NOWHERE
        if head == NOWHERE or (head != BEGINNING and self.began[head] > now):
            return None
        block = self._block(head, piece)
        if len(text) <= len(block.text):
            place = block.places.get(len(text), NOWHERE)
            return (block, place) if place != NOWHERE and block.text.startswith(text) else None
        return (block, len(block.chain) - 1) if text.startswith(block.text) and self._goes_on(block, text, now) else None

    def _block(self, head: int, piece: str) -> _Block:
        """The block that begins so."""
        block = self.blocks.get(head)
        if block is None:
            if head == BEGINNING:
                block = _Block(head, self.text.initial or "", first=-1, latest=-1)
            else:
                block = _Block(head, piece, first=self.ended[head], latest=self.began[head])
                self.owners[head] = block
            self.blocks[head] = block
        return block

    def _goes_on(self, block: _Block, text: str, now: int) -> bool:
        """Is the rest of this text of appends that had begun, none of which ended before what comes before it began?"""
        end = len(block.text)
        while end < len(text):
            piece = self.text.piece_at(text, end)
            rows, used = self.appends.get(piece, ()), self.used.get(piece, 0)
            if used >= len(rows):
                return False
            self.used[piece] = used + 1
            write = rows[used]
            end += len(piece)
            if self.began[write] > now or self.ended[write] < block.latest:
                return False
            block.append(write, end, began=self.began[write], ended=self.ended[write])
            self.owners[write] = block
        block.text = text
        return True

    def _stands_apart(self, block: _Block) -> bool:
        """Is there no other block that would have to come before this one and after it?"""
        first, latest = block.first, block.latest
        around = bisect_left(self.divided_since, first)
        if around:
            before = self.divided[around - 1]
            if first < before.latest and before.first < latest:
                return False
        if latest < first:
            return True
        if block.swept == NOWHERE:
            self.divided_since.insert(around, first)
            self.divided.insert(around, block)
            block.swept = first
        return self._sweep(block, first, latest)

    def _sweep(self, block: _Block, first: int, latest: int) -> bool:
        """Has nothing that ended within a divided block to come after its first call as well?

        What ended further back was asked already, and is asked again when more is seen of it.
        """
        ends, completions = self.text.ends, self.text.completions
        place = bisect_right(ends, block.swept)
        block.swept = latest
        while ends[place] < latest:
            row = completions[place]
            place += 1
            owner = self.owners[row]
            if owner is not block and first < (self.began[row] if owner is None else owner.latest):
                return False
        return True

    def _in_order(self) -> list[int]:
        """The heads of the blocks in an order in which none comes before one that has to come before it."""
        moments = [(self._moment(block.first, block.latest), head) for head, block in self.blocks.items()]
        unseen = [row for row in self.text.completions if self.owners[row] is None]
        moments += [(self._moment(self.ended[row], self.began[row]), row) for row in unseen]
        moments.sort()
        return [head for _, head in moments]

    def _moment(self, first: int, latest: int) -> int:
        """When a block stands for all: as its last call begins, or right behind a divided one that is under way then."""
        if first < latest:
            return 2 * latest
        around = bisect_left(self.divided_since, latest) - 1
        if around >= 0 and latest < self.divided[around].latest:
            return 2 * self.divided[around].latest + 1
        return 2 * latest
