"""Addresses of random decisions, and the hash that turns an address into 64 bits.

An address is a sequence of parts, strings and integers, written `packet/i17/n1>n2/0`: a purpose, a cause, a place, the n-th
there. Its key is folded part by part: a string opens a group, the integer right behind it joins the group, and every group
is mixed in once. So the hot path (a packet: cause known, link known, n small) costs one addition and one mix. Integer parts
are not negative. Only integers are involved; nothing here knows a seed.

The mixer is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from chaoskit.core.errors import UsageError

MASK = 0xFFFF_FFFF_FFFF_FFFF
_MASK = MASK
_GOLDEN = 0x9E37_79B9_7F4A_7C15

Part = str | int


def mix(x: int) -> int:
    """A bijection of 64-bit integers in which every input bit changes about half of the output bits."""
    x = ((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return x ^ (x >> 31)


@lru_cache(maxsize=65536)
def salt(part: str) -> int:
    """The 64 bits that stand for a string part."""
    return int.from_bytes(hashlib.blake2b(part.encode(), digest_size=8).digest(), "big")


def fold(key: int, *parts: Part) -> int:
    """The key of an address that goes on from `key` by these parts."""
    return fold_all(key, parts)


def fold_all(key: int, parts: tuple[Part, ...]) -> int:
    """As `fold`, of a tuple."""
    position, count = 0, len(parts)
    while position < count:
        part = parts[position]
        position += 1
        if isinstance(part, int):
            number = part + 1
        else:
            word = salt(part)
            key += word
            number = 0
            if position < count:
                following = parts[position]
                if isinstance(following, int):
                    number = following + 1
                    position += 1
        key = mix((key + number * _GOLDEN) & _MASK)
    return key


def address_text(*parts: Part) -> str:
    """An address as it stands in a plan: `packet/i17/n1>n2/0`."""
    return "/".join(str(part) for part in parts)


def parse_address(text: str) -> tuple[Part, ...]:
    """The parts of an address text. Raises `UsageError` when it is empty or has an empty part."""
    parts = text.split("/")
    if not all(parts):
        raise UsageError(f"expected an address such as 'packet/i17/n1>n2/0' but got {text!r}.")
    return tuple(int(part) if part.isdecimal() else part for part in parts)
