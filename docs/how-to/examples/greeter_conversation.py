"""A conversation with the greeter, for `chaoskit sweep`: what a client says, is answered, and may be told instead."""

from __future__ import annotations

from greeter import greet

from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation

greeter = Conversation(
    name="greeter",
    summary="two names, and a greeting for each",
    script=Script("greeter").read(b"ada\n").write(b"hello ada\n").read(b"bob\n").write(b"hello bob\n"),
    handler=lambda: greet,
    timeout_seconds=5,
    refusals={"too slow": b"too slow\n"},
)
