"""The first bytes of a Hotline connection: what a client says to be let in, and what the server answers.

A handshake has 12 bytes, big-endian: the protocol's name (4), its sub-protocol (4), its version (2), its sub-version (2). The
answer has 8: the name again, and a code (4). The name is looked at before the version; the other two numbers are not looked at.
"""

from __future__ import annotations

import struct
from enum import IntEnum

PROTOCOL = b"TRTP"
VERSION = 1

_HELLO = struct.Struct(">4sIHH")
_ANSWER = struct.Struct(">4sI")
HELLO_BYTES = _HELLO.size
ANSWER_BYTES = _ANSWER.size


class Code(IntEnum):
    """What the server thinks of a handshake."""

    OK = 0
    INVALID = 1
    UNSUPPORTED_VERSION = 2
    TIMEOUT = 3


def hello(*, protocol: bytes = PROTOCOL, sub_protocol: int = 0, version: int = VERSION, sub_version: int = 0) -> bytes:
    """What a client says first."""
    return _HELLO.pack(protocol, sub_protocol, version, sub_version)


def judged(said: bytes) -> Code:
    """What is to be answered to these 12 bytes."""
    protocol, _, version, _ = _HELLO.unpack(said)
    if protocol != PROTOCOL:
        return Code.INVALID
    return Code.OK if version == VERSION else Code.UNSUPPORTED_VERSION


def answer(code: Code) -> bytes:
    """The server's side of the handshake."""
    return _ANSWER.pack(PROTOCOL, code)
