"""Random decisions by address: the value is the plan's override, if any, else a keyed hash of seed and address.

A `Draws` is a pure function in disguise: it has no state to advance, so the order of asking never matters, and removing one
decision leaves all others as they were. Integers only; nothing comes from a clock, a global generator or the order of a set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from chaoskit.core.errors import InternalError
from chaoskit.core.units import MILLION
from chaoskit.draws.address import MASK, Part, fold, fold_all, mix, parse_address

T = TypeVar("T")

WHERE: dict[str, tuple[int, ...]] = {"packet": (2,), "node": (2,), "disk": (1, 2)}  # which parts of an address are the place


class Draws:
    """Draws below one address prefix. `child` goes down; the root has the empty prefix.

    `draws.child(*prefix).bits(*rest)` is `draws.bits(*prefix, *rest)`, wherever the cut is: an override is found by its
    whole address.

    An override whose address is a purpose alone *settles* it (`packet`, `node` or `disk`): every decision of that purpose then
    depends on where it is made (which link, which node, which disk) and no longer on what caused it, unless it is overridden
    by its whole address. The value deals the places differently.
    """

    __slots__ = ("_key", "_open", "_overrides", "_prefix", "_settled", "seed_key")

    def __init__(self, seed: int, overrides: Mapping[str, int] | None = None) -> None:
        self.seed_key = seed_key(seed)
        self._key = 0
        self._open: tuple[Part, ...] = ()  # a string at the prefix' end, which an integer behind it would join
        self._prefix: tuple[Part, ...] = ()
        self._overrides = {_key_of(text): value & MASK for text, value in (overrides or {}).items()}
        self._settled = {text: value for text, value in (overrides or {}).items() if text in WHERE}

    def child(self, *address: Part) -> Draws:
        """The same draws, below a longer prefix."""
        return self._below(address)

    @property
    def overrides(self) -> dict[int, int]:
        """Address key → fixed 64-bit value, for code that folds addresses itself (the network)."""
        return self._overrides

    def bits(self, *address: Part) -> int:
        """64 uniform bits."""
        if self._settled:
            return self._settled_bits(address)
        return self.at(self._fold(address))

    def settled(self, purpose: str, *where: Part) -> int | None:
        """The bits of all decisions of a purpose at a place, None unless it is settled: for code that folds addresses itself."""
        value = self._settled.get(purpose)
        return None if value is None else mix(fold(0, purpose, *where) ^ mix(value))

    def fixed(self, *address: Part) -> int | None:
        """What the plan says about something that is decided by rule, not drawn; None when it says nothing."""
        return self._overrides.get(self._fold(address)) if self._overrides else None

    def at(self, key: int) -> int:
        """64 uniform bits at an address key that the caller folded."""
        if self._overrides and key in self._overrides:
            return self._overrides[key]
        return mix(key ^ self.seed_key)

    def integer(self, low: int, high: int, *address: Part) -> int:
        """Uniform in low … high, both included (exact to within 2⁻⁶⁴ of uniform for any range that fits 64 bits)."""
        if low > high:
            raise InternalError(f"expected low <= high but got low={low}, high={high}.")
        return low + (self.bits(*address) * (high - low + 1) >> 64)

    def chance(self, ppm: int, *address: Part) -> bool:
        """True with a probability in parts per million."""
        return (self.bits(*address) * MILLION >> 64) < ppm

    def pick(self, choices: Sequence[T], *address: Part) -> T:
        """One of several, each as likely."""
        return choices[self.integer(0, len(choices) - 1, *address)]

    def weighted(self, choices: Sequence[tuple[T, int]], *address: Part) -> T:
        """One of several (choice, weight) pairs; weights are non-negative integers, not all 0."""
        left = self.integer(1, sum(weight for _, weight in choices), *address)
        for choice, weight in choices:
            left -= weight
            if left <= 0:
                return choice
        raise InternalError(f"expected weights that sum to more than 0 but got {choices!r}.")

    def shuffle(self, items: Sequence[T], *address: Part) -> list[T]:
        """A uniform permutation (Fisher–Yates)."""
        base = self._fold(address)
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.at(fold(base, "swap", last)) * (last + 1) >> 64
            result[last], result[other] = result[other], result[last]
        return result

    def sample(self, items: Sequence[T], count: int, *address: Part) -> list[T]:
        """`count` of the items, in their own order."""
        chosen = self.shuffle(range(len(items)), *address)[:count]
        return [items[position] for position in sorted(chosen)]

    def _below(self, address: tuple[Part, ...]) -> Draws:
        below = Draws.__new__(Draws)
        below.seed_key = self.seed_key
        below._overrides = self._overrides
        below._settled = self._settled
        below._prefix = self._prefix + address
        whole = self._open + address
        closed = len(whole) - (1 if whole and isinstance(whole[-1], str) else 0)
        below._open = whole[closed:]
        below._key = fold_all(self._key, whole[:closed])
        return below

    def _settled_bits(self, address: tuple[Part, ...]) -> int:
        key = self._fold(address)
        whole = self._prefix + address
        purpose = str(whole[0])
        bits = None
        if key not in self._overrides and purpose in self._settled:
            where = [whole[place] for place in WHERE[purpose]]
            if purpose == "node":  # `n2.3` is the third boot of n2: what it draws by default is the same at every boot
                where = [str(where[0]).rpartition(".")[0]]
            bits = self.settled(purpose, *where)
        return self.at(key) if bits is None else bits

    def _fold(self, address: tuple[Part, ...]) -> int:
        return fold_all(self._key, self._open + address if self._open else address)


@lru_cache(maxsize=65536)
def _key_of(address: str) -> int:
    """The key of an address text: a shrinker asks for the same ones again and again."""
    return fold(0, *parse_address(address))


def seed_key(seed: int) -> int:
    """The 64 bits that stand for a seed (any integer)."""
    return int.from_bytes(hashlib.blake2b(str(seed).encode(), digest_size=8, person=b"chaoskit-seed-1").digest(), "big")
