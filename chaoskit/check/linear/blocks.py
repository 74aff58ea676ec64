"""Registers whose values were written once each: judged in the time of a sort, however many clients there are.

All calls on one value stand together in any linearization, and a cas glues the calls on two values: blocks. A block must come
before another when one of its calls ended before one of the other's began. Such demands can be met exactly when no two blocks
demand it of each other: when each block is in order within, the blocks that some moment divides (an end before a beginning) do
not overlap, and no other block lies inside one of them. `valid` is always proved: its order is replayed.

Sources: Gibbons and Korach, "Testing shared memories", 1997 (zones); joined by cas here. Held to brute force in tests/laws.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE, Columns, Flags, Numbers
from chaoskit.core.errors import InternalError

CHAINS_AT_ONCE = 64  # so many chains are worth a step of all together
NARROWINGS = 3  # so often a witness tells where to look for the first failure; then halves are tried


class Judged(NamedTuple):
    """By key: is it decided, and if so bad? For a bad one, a position by which it fails (`horizon` + 1: unknown)."""

    decided: Flags
    bad: Flags
    fails_by: Numbers
    order: Numbers  # rows of the calls placed, of good keys, key by key
    last: Numbers  # rows of the calls of which any may be the last to change the first key; -1 for its first value


def judge(calls: Columns, keys: int) -> Judged:
    """The verdict on every key, and a linearization of those that are good, replayed."""
    return _Blocks(calls, keys).judge()


class Failure(NamedTuple):
    """Where a bad key fails: a completion; rows of a linearization before; and rows of the calls one of which came last there."""

    position: int
    order: Numbers
    last: list[int]  # -1: none, it held its first value


def first_failure(calls: Columns, fails_by: int) -> Failure | None:
    """Where one bad key fails: the first completion up to which it has no linearization. None when a prefix cannot be decided."""
    good, bad = 0, min(fails_by, calls.horizon)
    before = None  # what is known of the longest good prefix
    for narrowing in range(2 * calls.horizon.bit_length() + NARROWINGS):
        if bad - good <= 1:
            break
        middle = bad - 1 if narrowing < NARROWINGS else (good + bad) // 2
        judged = judge(calls.before(middle + 1), 1)
        if not judged.decided[0]:
            return None
        if judged.bad[0]:
            bad = min(middle, int(judged.fails_by[0]))
        else:
            good, before = middle, judged
    if bad - good > 1 or (before is None and good):
        return None
    judged = before or judge(calls.before(bad), 1)
    rows = np.flatnonzero((calls.began < bad) & ((calls.ended < bad) | (calls.written != NO_VALUE)))  # of `calls.before(bad)`
    order, last = rows[judged.order], [int(rows[row]) if row >= 0 else -1 for row in judged.last.tolist()]
    unplaced = np.ones(len(calls.began), dtype=bool)
    unplaced[order] = False
    free = rows[(calls.seen[rows] == NO_VALUE) & (calls.ended[rows] > bad) & unplaced[rows]]  # open writes, which may come last
    return Failure(bad, np.concatenate([order, free]), list(dict.fromkeys([*last, *free.tolist()])))


def _walk(heads: Numbers, following: Numbers) -> tuple[Numbers, Numbers]:
    """The values of all chains from these heads on, chain by chain, and of each the number of its chain."""
    values, chains, steps = [heads], [np.arange(len(heads))], [np.zeros(len(heads), dtype=np.int64)]
    while len(values[-1]) > CHAINS_AT_ONCE:
        after = following[values[-1]]
        longer = np.flatnonzero(after >= 0)
        values.append(after[longer])
        chains.append(chains[-1][longer])
        steps.append(steps[-1][longer] + 1)
    after_value = following.tolist()
    for value, chain, step in zip(values[-1].tolist(), chains[-1].tolist(), steps[-1].tolist(), strict=True):
        rest = []
        while (value := after_value[value]) >= 0:
            rest.append(value)
        values.append(np.array(rest, dtype=np.int64))
        chains.append(np.full(len(rest), chain))
        steps.append(step + 1 + np.arange(len(rest)))
    found, chain_of, step_of = map(np.concatenate, (values, chains, steps))
    order = np.argsort(chain_of * (int(step_of.max(initial=0)) + 1) + step_of, kind="stable")
    return found[order], chain_of[order]


class _Blocks:
    """The blocks of all keys at once. A block's value has the number of its cluster: its own, or that of a key's first value."""

    def __init__(self, calls: Columns, keys: int) -> None:
        self.keys = keys
        self.decided = np.ones(keys, dtype=bool)
        self.hopeful = np.zeros(keys, dtype=bool)  # crashed calls were left out: good is sure, bad is not
        self.bad = np.zeros(keys, dtype=bool)
        self.fails_by = np.full(keys, calls.horizon + 1, dtype=np.int64)
        self.horizon = calls.horizon
        self.values = calls.values
        self.rows = np.arange(len(calls.began))
        self.calls = self._with_values_of_one_key(calls)

    def judge(self) -> Judged:
        self._leave_out_unseen_crashed()
        self._leave_out_undecided()
        if not self.decided.any():
            return Judged(self.decided, self.bad, self.fails_by, self.rows[:0], self.rows[:0])
        self._number_clusters()
        self._find_unwritten()
        self._join()
        self._check_within()
        self._check_between()
        self.decided &= ~(self.bad & self.hopeful)
        self.bad &= self.decided
        order = self._order()
        return Judged(self.decided, self.bad, self.fails_by, order, self._last())

    def _keep(self, chosen: Flags) -> None:
        if not chosen.all():
            self.calls, self.rows = self.calls.take(chosen), self.rows[chosen]

    def _fail(self, keys: Numbers, by: Numbers | int) -> None:
        self.bad[keys] = True
        np.minimum.at(self.fails_by, keys, by)

    def _with_values_of_one_key(self, calls: Columns) -> Columns:
        """Numbers values by key where one was written to several keys; the first value of every key has a number of its own."""
        writes = calls.written != NO_VALUE
        lowest, highest = np.full(calls.values, self.keys), np.full(calls.values, -1)
        np.minimum.at(lowest, calls.written[writes], calls.key[writes])
        np.maximum.at(highest, calls.written[writes], calls.key[writes])
        seen, written, beyond = calls.seen, calls.written, calls.values
        is_initial = seen == calls.initial, written == calls.initial
        shared = (lowest < highest).any()
        if shared:
            both = np.concatenate([seen, written])
            codes = np.where(both == NO_VALUE, NO_VALUE, both * self.keys + np.tile(calls.key, 2))
            found, places = np.unique(codes, return_inverse=True)
            places = np.where(codes == NO_VALUE, NO_VALUE, places.reshape(-1))
            seen, written, beyond = places[: len(seen)], places[len(seen) :], len(found)
        else:
            strange = (seen != NO_VALUE) & (lowest[seen] != calls.key)  # only another key has this value
            seen = np.where(strange, beyond, seen)
            beyond += 1
        self.first = beyond  # the first value of key k is first + k
        seen = np.where(is_initial[0], self.first + calls.key, seen)
        written = np.where(is_initial[1], self.first + calls.key, written)
        self.values = beyond + self.keys
        return calls._replace(seen=seen, written=written)

    def _leave_out_unseen_crashed(self) -> None:
        """A crashed call is needed only if something saw its value and had not ended when it began."""
        calls = self.calls
        crashed = np.flatnonzero(calls.ended == self.horizon)
        if not len(crashed):
            return
        last_seen = np.full(self.values, -1, dtype=np.int64)
        returned = (calls.ended < self.horizon) & (calls.seen != NO_VALUE)
        np.maximum.at(last_seen, calls.seen[returned], calls.ended[returned])
        wanting: dict[int, list[int]] = {}
        needed: list[int] = []
        for row, value, seen_at, began in zip(
            crashed.tolist(),
            calls.written[crashed].tolist(),
            last_seen[calls.written[crashed]].tolist(),
            calls.began[crashed].tolist(),
            strict=True,
        ):
            if seen_at > began:
                needed.append(row)
            else:
                wanting.setdefault(value, []).append(row)
        for row in needed:  # grows: a crashed cas that happened saw what it replaced
            needed.extend(wanting.pop(int(calls.seen[row]), ()))
        keep = calls.ended < self.horizon
        keep[needed] = True
        self._keep(keep)

    def _leave_out_undecided(self) -> None:
        """Keys with a value that was written twice; a write of it that crashed is left out, in the hope that it can be."""
        calls = self.calls
        writes = calls.written != NO_VALUE
        counts = np.bincount(calls.written[writes], minlength=self.values)
        counts[self.first :] += 1
        doubled = writes & (counts[calls.written] > 1)
        if not doubled.any():
            return
        left_out = doubled & (calls.ended == self.horizon)
        self.hopeful[calls.key[left_out]] = True
        counts -= np.bincount(calls.written[left_out], minlength=self.values)
        self.decided[calls.key[writes & ~left_out & (counts[calls.written] > 1)]] = False
        self._keep(~left_out & self.decided[calls.key])

    def _number_clusters(self) -> None:
        """By value: when its write began and ended, when the last read of it began and the first ended, and what replaced it."""
        calls, horizon = self.calls, self.horizon
        self.key_of = np.full(self.values, -1, dtype=np.int64)  # -1: nothing wrote it
        self.write_began = np.full(self.values, -1, dtype=np.int64)
        self.write_ended = np.full(self.values, -1, dtype=np.int64)
        self.read_began = np.full(self.values, -1, dtype=np.int64)
        self.read_ended = np.full(self.values, horizon, dtype=np.int64)
        writes = np.flatnonzero(calls.written != NO_VALUE)
        reads = np.flatnonzero(calls.written == NO_VALUE)
        written, seen = calls.written[writes], calls.seen[reads]
        self.key_of[self.first :] = np.where(self.decided, np.arange(self.keys), -1)
        self.key_of[written] = calls.key[writes]
        self.write_began[written], self.write_ended[written] = calls.began[writes], calls.ended[writes]
        np.maximum.at(self.read_began, seen, calls.began[reads])
        np.minimum.at(self.read_ended, seen, calls.ended[reads])
        self.known = np.full(horizon + 2, horizon + 1, dtype=np.int64)  # by beginning: when the call had happened for certain
        cas = writes[calls.seen[writes] != NO_VALUE]
        seen_ended = self.read_ended.copy()
        np.minimum.at(seen_ended, calls.seen[cas], calls.ended[cas])
        self.known[calls.began[reads]] = calls.ended[reads]
        self.known[calls.began[writes]] = np.minimum(calls.ended[writes], seen_ended[written])
        self.known[self.known == horizon] = horizon + 1
        self.known[-1] = -1  # the first value's own beginning

    def _find_unwritten(self) -> None:
        calls = self.calls
        phantoms = np.flatnonzero((calls.seen != NO_VALUE) & (self.key_of[calls.seen] < 0))
        self._fail(calls.key[phantoms], np.where(calls.ended[phantoms] < self.horizon, calls.ended[phantoms], self.horizon + 1))

    def _join(self) -> None:
        """Puts the values in the order of their blocks: `chain`, the number of the block, ascends along `values_in_order`."""
        calls = self.calls
        exist = np.flatnonzero(self.key_of >= 0)
        cas = np.flatnonzero((calls.seen != NO_VALUE) & (calls.written != NO_VALUE) & (self.key_of[calls.seen] >= 0))
        if not len(cas):
            self.values_in_order, self.chain = exist, np.arange(len(exist))
            return
        old, new = calls.seen[cas], calls.written[cas]
        twice = np.bincount(old, minlength=self.values)[old] > 1
        for key in np.unique(calls.key[cas[twice]]).tolist():
            self._fail(np.array([key]), self._second_taking(cas[twice & (calls.key[cas] == key)]))
        following = np.full(self.values, -1, dtype=np.int64)
        following[old] = new
        follows = np.zeros(self.values, dtype=bool)
        follows[new] = True
        heads = exist[~follows[exist]]
        self.values_in_order, self.chain = _walk(heads, following)
        if len(self.values_in_order) < len(exist):  # values that replaced each other in a circle, or were taken twice
            missing = np.ones(self.values, dtype=bool)
            missing[self.values_in_order] = False
            self._fail(np.unique(self.key_of[exist[missing[exist]]]), self.horizon + 1)

    def _second_taking(self, rows: Numbers) -> int:
        """When two cas had taken one value for certain."""
        calls = self.calls
        known = self.known[calls.began[rows]]
        order = np.lexsort((known, calls.seen[rows]))
        same = calls.seen[rows][order][:-1] == calls.seen[rows][order][1:]
        return int(known[order][1:][same].min())

    def _check_within(self) -> None:
        """No call of a block may have ended before a call began that comes before it."""
        order, chain, stride = self.values_in_order, self.chain, self.horizon + 2
        began = np.maximum(self.write_began[order], self.read_began[order])
        latest = np.maximum.accumulate(chain * stride + began + 1)
        before = np.concatenate([[0], latest[:-1]])
        before = np.maximum(before - chain * stride - 1, -1)
        for ended, latest_before in (
            (self.write_ended[order], before),
            (self.read_ended[order], np.maximum(before, self.write_began[order])),
        ):
            wrong = np.flatnonzero(ended < latest_before)
            self._fail(self.key_of[order[wrong]], np.maximum(ended[wrong], self.known[latest_before[wrong]]))
        starts = np.flatnonzero(np.diff(chain, prepend=-1))
        ended = np.minimum(self.write_ended[order], self.read_ended[order])
        self.block_ended = np.minimum.reduceat(ended, starts) if len(starts) else ended
        self.block_began = np.maximum.reduceat(began, starts) if len(starts) else began
        self.block_key = self.key_of[order[starts]]

    def _check_between(self) -> None:
        """No two blocks may each have to come before the other. Leaves a moment for each block, by which they can be ordered."""
        stride = self.horizon + 2
        place = self.block_key * stride
        divided = np.flatnonzero(self.block_ended < self.block_began)
        divided = divided[np.argsort((place + self.block_ended)[divided], kind="stable")]
        one, two = divided[:-1], divided[1:]
        wrong = np.flatnonzero((self.block_ended[two] < self.block_began[one]) & (self.block_key[one] == self.block_key[two]))
        self._fail_between(one[wrong], two[wrong])
        others = np.flatnonzero(self.block_ended >= self.block_began)
        around = np.searchsorted((place + self.block_ended)[divided], (place + self.block_began)[others]) - 1
        inside = np.zeros(len(others), dtype=bool)
        if len(divided):
            outer = divided[np.maximum(around, 0)]
            inside = (around >= 0) & (self.block_key[outer] == self.block_key[others])
            inside &= self.block_began[others] < self.block_began[outer]
            wrong = np.flatnonzero(inside & (self.block_ended[others] < self.block_began[outer]))
            self._fail_between(others[wrong], outer[wrong])
        self.moment = 2 * self.block_began  # of a divided block its end; of another its beginning, or when what is around it ends
        if inside.any():
            self.moment[others[inside]] = 2 * self.block_began[outer[inside]] + 1

    def _fail_between(self, one: Numbers, two: Numbers) -> None:
        by = np.maximum(self.known[self.block_began[one]], self.known[self.block_began[two]])
        self._fail(self.block_key[one], by)

    def _last(self) -> Numbers:
        """Who may have written last to the first key: the last calls of its blocks that need not come before another."""
        of_first = np.flatnonzero(self.block_key == 0)
        if not len(of_first):
            return self.rows[:0]
        began = np.sort(self.block_began[of_first])
        other = np.where(self.block_began[of_first] == began[-1], began[-2] if len(began) > 1 else -1, began[-1])
        blocks = of_first[self.block_ended[of_first] >= other]
        values = self.values_in_order[np.searchsorted(self.chain, blocks, side="right") - 1]
        row_of = np.full(self.values, -1, dtype=np.int64)
        writes = np.flatnonzero(self.calls.written != NO_VALUE)
        row_of[self.calls.written[writes]] = self.rows[writes]
        return row_of[values]

    def _order(self) -> Numbers:
        """A linearization of every good key, replayed; rows of the calls."""
        calls = self.calls
        good = self.decided & ~self.bad
        keep = good[calls.key]
        place = np.zeros(self.values, dtype=np.int64)
        stride = 2 * self.horizon + 4
        by_moment = np.argsort(self.block_key * stride + self.moment, kind="stable")
        rank = np.empty(len(by_moment), dtype=np.int64)
        rank[by_moment] = np.arange(len(by_moment))
        along = np.arange(len(self.chain)) - np.searchsorted(self.chain, self.chain)
        lengths = np.bincount(self.chain, minlength=len(rank))
        begins = np.concatenate([[0], np.cumsum(lengths[by_moment])[:-1]]) if len(rank) else rank
        place[self.values_in_order] = begins[rank[self.chain]] + along
        is_read = calls.written == NO_VALUE
        value = np.where(is_read, calls.seen, calls.written)
        weight = (2 * place[value] + is_read) * (self.horizon + 1) + calls.began
        order = np.flatnonzero(keep)
        order = order[np.argsort(weight[order], kind="stable")]
        self._replay(order)
        return self.rows[order]

    def _replay(self, order: Numbers) -> None:
        """Raises `InternalError` when this is no linearization: a proof apart from what led to it."""
        calls, stride = self.calls.take(order), self.horizon + 2
        latest = np.maximum.accumulate(calls.key * stride + calls.began) - calls.key * stride
        in_time = bool((calls.ended >= latest).all() and (np.diff(calls.key) >= 0).all())
        writes = np.where(calls.written != NO_VALUE, np.arange(len(order)), -1)
        last = np.concatenate([[-1], np.maximum.accumulate(writes)[:-1]]) if len(order) else writes
        known = (last >= 0) & (calls.key[np.maximum(last, 0)] == calls.key)
        state = np.where(known, calls.written[np.maximum(last, 0)], self.first + calls.key)
        if not in_time or not ((calls.seen == NO_VALUE) | (calls.seen == state)).all():
            raise InternalError("the blocks of a register were put in an order that is no linearization.")
