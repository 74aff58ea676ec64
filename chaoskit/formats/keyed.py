"""Jepsen's `independent` histories: one history over many keys, where each value is a pair of key and value.

Jepsen lifts a test over keys by making every client value a tuple `[k v]`; chaoskit keeps the key in a field of its
own. The nemesis has no key, so its values stay as they are.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.errors import FormatError
from chaoskit.core.op import NEMESIS, Op


def split_pair(process: Any, key: Any, value: Any, *, file: str, line: int) -> tuple[Any, Any]:
    """(key, value) of a client's value [key, value]. Raises `FormatError` when it is not a pair."""
    if process == NEMESIS:
        return key, value
    if key is not None or not isinstance(value, list) or len(value) != 2:
        reason = f"expected a [key value] pair but got key={key!r:.100}, value={value!r:.100}"
        raise FormatError(f"{reason}; read this history without keyed values.", file=file, line=line)
    return value[0], value[1]


def joined_pair(op: Op) -> Op:
    """The op with its key inside its value, as Jepsen writes it."""
    return op if op.process == NEMESIS else msgspec.structs.replace(op, key=None, value=[op.key, op.value])
