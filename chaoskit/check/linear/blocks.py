"""Registers whose values were written once each: judged in the time of a sort, however many clients there are.

All calls on one value stand together in any linearization, and a cas glues the calls on two values: blocks. A block must come
before another when one of its calls ended before one of the other's began. Such demands can be met exactly when no two blocks
demand it of each other: when each block is in order within, the blocks that some moment divides (an end before a beginning) do
not overlap, and no other block lies inside one of them.

Sources: Gibbons and Korach, "Testing shared memories", 1997 (zones); joined by cas here. Held to brute force in tests/laws.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE, Columns, Flags, Numbers

CHAINS_AT_ONCE = 64  # so many chains are worth a step of all together
NARROWINGS = 3  # so often a witness tells where to look for the first failure; then halves are tried


class Failure(NamedTuple):
    """Where a bad key fails: a completion; and rows of the calls one of which may have come last before it, -1 for none."""

    position: int
    last: list[int]
    before: Blocks  # of the calls that were known just before
    rows: Numbers  # of those calls
    free: Numbers  # rows of the open writes among them that nobody saw: any may come last

    def order(self, wanted: Flags) -> Numbers:
        """Of the wanted rows those that a linearization of what was known before has, in its order."""
        return np.concatenate([self.rows[self.before.order(wanted[self.rows])], self.free[wanted[self.free]]])


def first_failure(calls: Columns, fails_by: int) -> Failure | None:
    """Where one bad key fails: the first completion up to which it has no linearization. None when a prefix cannot be decided."""
    good, bad = 0, min(fails_by, calls.horizon)
    before = None  # what is known of the longest good prefix
    for narrowing in range(2 * calls.horizon.bit_length() + NARROWINGS):
        if bad - good <= 1:
            break
        middle = bad - 1 if narrowing < NARROWINGS else (good + bad) // 2
        judged = Blocks(calls.before(middle + 1), 1)
        if not judged.decided[0]:
            return None
        if judged.bad[0]:
            bad = min(middle, int(judged.fails_by[0]))
        else:
            good, before = middle, judged
    if bad - good > 1 or (before is None and good):
        return None
    before = before or Blocks(calls.before(bad), 1)
    rows = calls.known_before(bad)
    last = [int(rows[row]) if row >= 0 else -1 for row in before.last()]
    left_out = np.ones(len(rows), dtype=bool)
    left_out[before.rows] = False
    free = rows[np.flatnonzero(left_out)]
    free = free[(calls.seen[free] == NO_VALUE) & (calls.ended[free] > bad)]
    return Failure(bad, list(dict.fromkeys([*last, *free.tolist()])), before, rows, free)


def _walk(heads: Numbers, following: Numbers) -> tuple[Numbers, Numbers]:
    """The values of all chains from these heads on, chain by chain, and of each the number of its chain."""
    values, chains = heads, np.arange(len(heads))
    steps: list[tuple[Numbers, Numbers]] = []
    lengths = np.zeros(len(heads), dtype=np.int64)
    while len(values) > CHAINS_AT_ONCE:
        steps.append((values, chains))
        lengths[chains] += 1
        after = following[values]
        longer = np.flatnonzero(after >= 0)
        values, chains = after[longer], chains[longer]
    rests = {chain: list(_along(value, following)) for chain, value in zip(chains.tolist(), values.tolist(), strict=True)}
    for chain, rest in rests.items():
        lengths[chain] += len(rest)
    starts = np.cumsum(lengths) - lengths
    found = np.empty(int(lengths.sum()), dtype=np.int64)
    for step, (values, chains) in enumerate(steps):
        found[starts[chains] + step] = values
    for chain, rest in rests.items():
        begin = starts[chain] + len(steps)
        found[begin : begin + len(rest)] = rest
    return found, np.repeat(np.arange(len(heads)), lengths)


def _along(value: int, following: Numbers) -> Iterator[int]:
    while value >= 0:
        yield value
        value = int(following[value])


class Blocks:
    """The verdict on every key. A block's value has the number of its cluster: its own, or that of a key's first value.

    By key: `decided`, and if so `bad`? For a bad one, `fails_by` is a position by which it fails (`horizon` + 1: unknown).
    """

    def __init__(self, calls: Columns, keys: int) -> None:
        self.keys = keys
        self.decided = np.ones(keys, dtype=bool)
        self.hopes_from = np.full(keys, calls.horizon + 2, dtype=np.int64)  # from here on calls were left out: bad is not sure
        self.bad = np.zeros(keys, dtype=bool)
        self.fails_by = np.full(keys, calls.horizon + 1, dtype=np.int64)
        self.horizon = calls.horizon
        self.values = calls.values
        self.rows = np.arange(len(calls.began))
        self.calls = self._with_values_of_one_key(calls)
        self._leave_out_unseen_crashed()
        self._leave_out_undecided()
        if self.decided.any():
            self._number_clusters()
            self._find_unwritten()
            self._join()
            self._check_within()
            self._check_between()
            self.decided &= ~(self.bad & (self.fails_by >= self.hopes_from))  # what failed before they began is bad for certain
            self.bad &= self.decided

    def order(self, wanted: Flags | None = None) -> Numbers:
        """Rows of a linearization of every good key, key by key; of the wanted rows only, if some are."""
        good = self.decided & ~self.bad
        keep = good[self.calls.key]
        if wanted is not None:
            keep &= wanted[self.rows]
        chosen = np.flatnonzero(keep)
        if not len(chosen):
            return chosen
        place = self._places()
        value = self.calls.written[chosen]
        reads = np.flatnonzero(value == NO_VALUE)
        value[reads] = self.calls.seen[chosen[reads]]
        rank = 2 * place[value]
        rank[reads] += 1
        rows: Numbers = self.rows[chosen[np.argsort(rank * (self.horizon + 1) + self.calls.began[chosen])]]
        return rows

    def last(self) -> list[int]:
        """Who may have written last to the first key: the last calls of blocks that need not come before another; -1: nobody."""
        of_first = np.flatnonzero(self.block_key == 0) if self.decided.any() else self.rows[:0]
        if not len(of_first):
            return []
        began = self.block_began[of_first]
        first = int(np.argmax(began))
        latest, second = began[first], max(began[:first].max(initial=-1), began[first + 1 :].max(initial=-1))
        other = np.where(began == latest, second, latest)
        blocks = of_first[self.block_ended[of_first] >= other]
        values = self.values_in_order[np.searchsorted(self.chain, blocks, side="right") - 1]
        writes = np.flatnonzero(np.isin(self.calls.written, values))
        row_of = dict(zip(self.calls.written[writes].tolist(), self.rows[writes].tolist(), strict=True))
        return [row_of.get(value, -1) for value in values.tolist()]

    def _keep(self, chosen: Flags) -> None:
        if not chosen.all():
            places = np.flatnonzero(chosen)
            self.calls, self.rows = self.calls.take(places), self.rows[places]

    def _fail(self, keys: Numbers, by: Numbers | int) -> None:
        self.bad[keys] = True
        np.minimum.at(self.fails_by, keys, by)

    def _with_values_of_one_key(self, calls: Columns) -> Columns:
        """Numbers values by key where one was written to several keys; the first value of every key has a number of its own."""
        seen, written, beyond = calls.seen, calls.written, calls.values
        of_first = np.flatnonzero(seen == calls.initial), np.flatnonzero(written == calls.initial)
        seen, written, beyond = self._of_one_key(calls) if self.keys > 1 else (seen.copy(), written.copy(), beyond)
        self.first = beyond  # the first value of key k is first + k
        for column, places in zip((seen, written), of_first, strict=True):
            column[places] = self.first + calls.key[places]
        self.values = beyond + self.keys
        return calls._replace(seen=seen, written=written)

    def _of_one_key(self, calls: Columns) -> tuple[Numbers, Numbers, int]:
        """What was seen and written, in numbers that belong to one key each, and one beyond them."""
        writes = calls.written != NO_VALUE
        lowest, highest = np.full(calls.values, self.keys), np.full(calls.values, -1)
        np.minimum.at(lowest, calls.written[writes], calls.key[writes])
        np.maximum.at(highest, calls.written[writes], calls.key[writes])
        if (lowest >= highest).all():
            strange = (calls.seen != NO_VALUE) & (lowest[calls.seen] != calls.key)  # only another key has this value
            return np.where(strange, calls.values, calls.seen), calls.written.copy(), calls.values + 1
        both = np.concatenate([calls.seen, calls.written])
        codes = np.where(both == NO_VALUE, NO_VALUE, both * self.keys + np.tile(calls.key, 2))
        found, places = np.unique(codes, return_inverse=True)
        places = np.where(codes == NO_VALUE, NO_VALUE, places.reshape(-1))
        return places[: len(calls.seen)], places[len(calls.seen) :], len(found)

    def _leave_out_unseen_crashed(self) -> None:
        """A crashed call is needed only if something saw its value and had not ended when it began."""
        calls = self.calls
        crashed = np.flatnonzero(calls.ended == self.horizon)
        if not len(crashed):
            return
        last_seen = np.full(self.values, -1, dtype=np.int64)
        of_crashed = np.zeros(self.values + 1, dtype=bool)
        of_crashed[calls.written[crashed]] = True
        returned = np.flatnonzero(of_crashed[calls.seen] & (calls.ended < self.horizon))  # NO_VALUE is nobody's
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
        counts = np.bincount(calls.written[np.flatnonzero(writes)], minlength=self.values)
        counts[self.first :] += 1
        if counts.max() <= 1:
            return
        doubled = writes & (counts[calls.written] > 1)
        left_out = doubled & (calls.ended == self.horizon)
        np.minimum.at(self.hopes_from, calls.key[left_out], calls.began[left_out])
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
        self.cas = writes[calls.seen[writes] != NO_VALUE]
        written, seen = calls.written[writes], calls.seen[reads]
        self.key_of[self.first :] = np.where(self.decided, np.arange(self.keys), -1)
        self.key_of[written] = calls.key[writes]
        self.write_began[written], self.write_ended[written] = calls.began[writes], calls.ended[writes]
        self.read_began[seen] = calls.began[reads]  # of several the last, for calls are by invocation
        np.minimum.at(self.read_ended, seen, calls.ended[reads])

    def _find_unwritten(self) -> None:
        calls = self.calls
        phantoms = np.flatnonzero((calls.seen != NO_VALUE) & (self.key_of[calls.seen] < 0))
        self._fail(calls.key[phantoms], np.where(calls.ended[phantoms] < self.horizon, calls.ended[phantoms], self.horizon + 1))

    def _join(self) -> None:
        """Puts the values in the order of their blocks: `chain`, the number of the block, ascends along `values_in_order`."""
        calls = self.calls
        exist = np.flatnonzero(self.key_of >= 0)
        cas = self.cas[self.key_of[calls.seen[self.cas]] >= 0]
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
        known = self._known(calls.began[rows])
        order = np.lexsort((known, calls.seen[rows]))
        same = calls.seen[rows][order][:-1] == calls.seen[rows][order][1:]
        return int(known[order][1:][same].min())

    def _check_within(self) -> None:
        """No call of a block may have ended before a call began that comes before it."""
        order, chain, stride = self.values_in_order, self.chain, self.horizon + 2
        write_began, write_ended, read_ended = self.write_began[order], self.write_ended[order], self.read_ended[order]
        began = np.maximum(write_began, self.read_began[order])
        place = chain * stride + 1
        before = np.empty_like(place)  # when the last call that comes before in the block began
        before[:1] = 0
        np.maximum.accumulate(place[:-1] + began[:-1], out=before[1:])
        before = np.maximum(before - place, -1)
        for ended, latest_before in ((write_ended, before), (read_ended, np.maximum(before, write_began))):
            wrong = np.flatnonzero(ended < latest_before)
            if len(wrong):
                self._fail(self.key_of[order[wrong]], np.maximum(ended[wrong], self._known(latest_before[wrong])))
        starts = np.flatnonzero(np.diff(chain, prepend=-1))
        ended = np.minimum(write_ended, read_ended)
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
        if len(one):
            by = np.maximum(self._known(self.block_began[one]), self._known(self.block_began[two]))
            self._fail(self.block_key[one], by)

    def _known(self, began: Numbers) -> Numbers:
        """When the calls that began then had happened for certain, `horizon` + 1 for never. The first value was always there."""
        calls, horizon = self.calls, self.horizon
        rows = np.searchsorted(calls.began, began)
        writes = np.flatnonzero(calls.written[rows] != NO_VALUE)
        seen_ended = self.read_ended.copy()
        np.minimum.at(seen_ended, calls.seen[self.cas], calls.ended[self.cas])
        known = calls.ended[rows]
        known[writes] = np.minimum(known[writes], seen_ended[calls.written[rows[writes]]])
        known[known == horizon] = horizon + 1
        known[began < 0] = -1
        return known

    def _places(self) -> Numbers:
        """By value: its place among all in a linearization, key by key."""
        place = np.zeros(self.values, dtype=np.int64)
        stride = 2 * self.horizon + 4
        by_moment = np.argsort(self.block_key * stride + self.moment, kind="stable")
        lengths = np.bincount(self.chain, minlength=len(by_moment))
        starts = np.cumsum(lengths) - lengths  # along `chain`
        begins = np.empty(len(by_moment), dtype=np.int64)
        begins[by_moment] = np.cumsum(lengths[by_moment]) - lengths[by_moment]
        place[self.values_in_order] = np.arange(len(self.chain)) + (begins - starts)[self.chain]
        return place
