"""How stale the reads of registers were: the smallest k for which every read returned one of the last k values written.

A history is k-atomic when some order of its operations respects real time and lets every read return one of the last k values;
1-atomic is linearizable. Each register is judged alone. The bound from below counts writes that lie, for certain, between what a
read saw and the read; the one from above is that of the best of a few orders. Where they differ, a search tries each k between:
it places writes one after the other, reads as soon as they can be, and gives up an order when a value is more than k writes old
and still to be read. For k of 1 and 2 polynomial methods are known, for more it is open; the search has a budget, and when that
is used up the bounds stay apart.

Sources: Golab, Li and Shah, "Analyzing consistency properties for fun and profit", 2011; Golab, Hurwitz and Li, "On the
k-atomicity verification problem", 2013.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaoskit.check.weak.order import BLOCK, OutOfBudget, Purse
from chaoskit.check.weak.registers import Registers, registers
from chaoskit.check.weak.zones import NEVER, Zone, end_of, fits, zones
from chaoskit.core.history import History
from chaoskit.core.op import Value
from chaoskit.core.verdict import Budget

CONFIGURATIONS_MAX = 50_000  # it is asked for beside a verdict: it must not take longer than that

ZONES_LOOKED_AT_MAX = 5_000_000  # for the bound from below


@dataclass(frozen=True, slots=True)
class Staleness:
    """The smallest k lies within these bounds. `key` is that of a register which needs as much."""

    lower: int
    upper: int
    key: Value

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper


def staleness(
    history: History, *, initial: Value = None, nil_read: str = "value", budget: Budget | None = None
) -> Staleness | None:
    """The bounds of k over all registers. None where no k can be: a value that nobody wrote, or that was read too early;
    or where values were written twice, so that nobody can tell what was seen.

    Raises `UsageError` when the history has other operations than reads and writes.
    """
    found = registers(history, initial=initial, nil_read=nil_read)
    if found.unwritten or found.unclear:
        return None
    purse = Purse(CONFIGURATIONS_MAX if budget is None else budget.configurations)
    return bounds(found, purse)


def bounds(found: Registers, purse: Purse, *, only_search: bool = False) -> Staleness | None:
    """The same, of registers whose values are clear. With `only_search` nothing else bounds k, for tests."""
    every = []
    for cell, its_zones in enumerate(zones(found)):
        if any(zone.first_end < zone.began for zone in its_zones):
            return None  # it was read before anybody began to write it
        lower, upper = _bounds(its_zones, purse, only_search=only_search)
        every.append(Staleness(lower, upper, found.cells[cell]))
    worst = max(every, key=lambda each: (each.lower, each.upper), default=Staleness(1, 1, None))
    return Staleness(worst.lower, max((each.upper for each in every), default=1), worst.key)


def _bounds(found: list[Zone], purse: Purse, *, only_search: bool) -> tuple[int, int]:
    if not only_search and fits(found):
        return 1, 1
    register = _Register(found)
    lower = 1 if only_search else register.lower()
    upper = len(found) if only_search else register.upper()
    try:
        while lower < upper and not register.is_atomic(lower, purse):
            lower += 1
    except OutOfBudget:
        return lower, upper
    return lower, lower


class _Register:
    """One register's writes by number, in the order in which they began, the initial value's first; and its reads likewise.

    A write comes before another when it, or a read that saw it, ended before the other began: its zone's first end tells.
    """

    def __init__(self, found: list[Zone]) -> None:
        self._zones = found
        self._reads = sorted(
            (read.operation.began, end_of(read.operation), number) for number, zone in enumerate(found) for read in zone.reads
        )

    def lower(self) -> int:
        """Writes that began after what a read saw was certainly there, and were certainly there when the read began.

        Reads with the most writes between are looked at first, and no more of them than is worth it: the bound holds anyway.
        """
        begins = [zone.began for zone in self._zones]
        spans = sorted(
            (
                (bisect_right(begins, self._zones[source].first_end), bisect_left(begins, began), began)
                for began, _, source in self._reads
            ),
            key=lambda span: (span[0] - span[1], span),
        )
        oldest, looked_at = 1, 0
        for since, until, began in spans:
            if 1 + until - since <= oldest or looked_at > ZONES_LOOKED_AT_MAX:
                break
            looked_at += until - since
            oldest = max(oldest, 1 + sum(zone.first_end < began for zone in self._zones[since:until]))
        return oldest

    def upper(self) -> int:
        """The best of a few orders: by beginning, by first end, by the middle between, and by where a good zone would stand."""
        numbers = range(len(self._zones))
        ranks: tuple[Callable[[Zone], int], ...] = (
            lambda zone: zone.began,
            lambda zone: zone.first_end,
            lambda zone: zone.first_end + zone.began,
            lambda zone: min(zone.first_end, zone.last_begin),
        )
        return min(self._oldest(sorted(numbers, key=lambda number: rank(self._zones[number]))) for rank in ranks)

    def _oldest(self, order: list[int]) -> int:
        """The age of the oldest value that is read when writes come in this order and reads as early as they can."""
        place = {number: position for position, number in enumerate(order)}
        certain = sorted((self._zones[number].ended, place[number]) for number in order)
        ended = sorted((end, read) for read, (_, end, _) in enumerate(self._reads))
        at = [0] * len(self._reads)  # after which write each read stands
        oldest, latest, next_write, next_read = 1, 0, 0, 0
        for read, (began, _, source) in enumerate(self._reads):
            while next_write < len(certain) and certain[next_write][0] < began:
                latest = max(latest, certain[next_write][1])
                next_write += 1
            while next_read < len(ended) and ended[next_read][0] < began:
                latest = max(latest, at[ended[next_read][1]])
                next_read += 1
            at[read] = max(latest, place[source])
            oldest = max(oldest, at[read] - place[source] + 1)
        return oldest

    def is_atomic(self, k: int, purse: Purse) -> bool:
        """Is there an order in which every read returns one of the last k values? Raises `OutOfBudget`."""
        size = len(self._zones) + len(self._reads)
        purse.spend(size + size * size // BLOCK)
        search = _Search(self._zones, self._reads)
        stack = [search.state(0, (), 0, 0)]  # the initial value comes before every write
        seen = set(stack)
        while stack:
            purse.spend(1)
            placed, last, done = stack.pop()
            if done == search.all_reads:
                return True
            if len(last) == k and search.readers[last[0]] & ~done:
                continue  # another write would leave a value behind that is still to be read
            for write in search.next_writes(placed, done):
                state = search.state(placed, last[-(k - 1) :] if k > 1 else (), write, done)
                if state not in seen:
                    seen.add(state)
                    stack.append(state)
        return False


_State = tuple[int, tuple[int, ...], int]  # placed writes, the last k of them, placed reads


class _Search:
    """What must be placed before each write and read, as bits."""

    def __init__(self, found: list[Zone], reads: list[tuple[int, int, int]]) -> None:
        self._zones = found
        self.all_reads = (1 << len(reads)) - 1
        self.readers = [0] * len(found)
        for read, (_, _, source) in enumerate(reads):
            self.readers[source] |= 1 << read
        zone_begins, read_begins = [zone.began for zone in found], [began for began, _, _ in reads]
        read_ends = [end for _, end, _ in reads]
        self._writes_before_write = _ended_before(zone_begins, [zone.first_end for zone in found])
        self._reads_before_write = _ended_before(zone_begins, read_ends)
        self._writes_before_read = _ended_before(read_begins, [zone.ended for zone in found])
        self._reads_before_read = _ended_before(read_begins, read_ends)

    def next_writes(self, placed: int, done: int) -> Iterator[int]:
        """The writes that may come next, the oldest first."""
        first_end = NEVER
        write = (~placed & (placed + 1)).bit_length() - 1  # the first that is not placed
        while write < len(self._zones) and self._zones[write].began <= first_end:
            if not placed >> write & 1:
                first_end = min(first_end, self._zones[write].first_end)
                if not self._writes_before_write[write] & ~placed and not self._reads_before_write[write] & ~done:
                    yield write
            write += 1

    def state(self, placed: int, last: tuple[int, ...], write: int, done: int) -> _State:
        """Places a write, and then the reads of the last values that can be."""
        placed, last = placed | 1 << write, (*last, write)
        moved = True
        while moved:
            moved = False
            waiting = sum(self.readers[source] for source in last) & ~done
            while waiting:
                bit = waiting & -waiting
                waiting ^= bit
                read = bit.bit_length() - 1
                if not self._writes_before_read[read] & ~placed and not self._reads_before_read[read] & ~done:
                    done |= bit
                    moved = True
        return placed, last, done


def _ended_before(begins: list[int], ends: list[int]) -> list[int]:
    """For each beginning, the bits of those whose end was before it."""
    order = sorted(range(len(ends)), key=ends.__getitem__)
    masks = [0]
    for number in order:
        masks.append(masks[-1] | 1 << number)
    sorted_ends = [ends[number] for number in order]
    return [masks[bisect_left(sorted_ends, began)] for began in begins]
