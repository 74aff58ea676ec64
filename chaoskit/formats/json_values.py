"""Values as JSON and back, exactly: what JSON has no word for is written as an object with one marked key.

Bytes are `{"$bytes": base64}`, infinities and NaN are `{"$float": their 8 bytes in hex}`, and an object of the person's
own which looks like one of these gets one more `$` on its key. Every other value is itself, so foreign JSON keeps its
meaning.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from typing import Any

import msgspec

from chaoskit.core.errors import ModelError

_SAME = frozenset({int, str, bool, type(None)})
_MARKED = re.compile(r"\$+(bytes|float)\Z")
_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode_json(value: Any) -> bytes:
    """A value as JSON on one line: equal values, equal bytes. Raises `ModelError` for what cannot be written down."""
    try:
        return _ENCODER.encode(to_json(value))
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise ModelError(f"expected a value that can be written as JSON but got {value!r:.200}: {error}") from error


def to_json(value: Any) -> Any:
    """The value with everything that JSON lacks marked."""
    kind = type(value)
    if kind in _SAME:
        return value
    if kind is float:
        return value if math.isfinite(value) else {"$float": struct.pack(">d", value).hex()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {f"${key}" if _is_mark(value, key) else key: to_json(item) for key, item in value.items()}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


def from_json(value: Any) -> Any:
    """The value that `to_json` was given. Raises `ValueError` for a mark whose content is not what it says."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(key, item)] = value.items()
        if key == "$bytes":
            return _bytes(item)
        if key == "$float":
            return _float(item)
        if _MARKED.match(key):
            return {key[1:]: from_json(item)}
    return {key: from_json(item) for key, item in value.items()}


def _is_mark(value: dict[Any, Any], key: Any) -> bool:
    return len(value) == 1 and isinstance(key, str) and _MARKED.match(key) is not None


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (AttributeError, UnicodeError, binascii.Error) as error:
        raise ValueError(f"expected base64 text in $bytes but got {text!r:.100}.") from error


def _float(text: Any) -> float:
    try:
        [number] = struct.unpack(">d", bytes.fromhex(text))
    except (TypeError, ValueError, struct.error) as error:
        raise ValueError(f"expected 16 hexadecimal digits in $float but got {text!r:.100}.") from error
    return float(number)
