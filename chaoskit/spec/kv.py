"""A key with a text: `put` one, `append` to it, `get` it. Each key is an object of its own.

Keys that nobody wrote hold `initial`, the empty text unless you say otherwise; with `initial=nil` they hold nothing, and an
append to nothing is a put.

Source: the key-value model of Porcupine, https://github.com/anishathalye/porcupine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.read_whole import ReadWhole
from chaoskit.spec.text import CHARACTERS_SHOWN, show


@dataclass(frozen=True, kw_only=True)
class KeyValue(ReadWhole):
    """A text under a key: put, append, get."""

    initial: str | None = ""

    name: ClassVar[str] = "kv"
    reading: ClassVar[str] = "get"
    functions: ClassVar[frozenset[str]] = frozenset({"put", "append", "get"})

    def init(self) -> State:
        return self.initial

    def step(self, state: State, label: Label) -> Step:
        assert state is None or isinstance(state, str)
        if label.f == "get":
            if label.output is UNKNOWN or exact(label.output) == state:
                return (state,)
            return Illegal(lambda: _not_there(label.output, state))
        if label.f not in self.functions:
            raise wrong_input(self.name, label, "put, append or get")
        if not isinstance(label.input, str):
            raise wrong_input(self.name, label, f"{label.f} to take a text")
        return ((state or "") + label.input if label.f == "append" else label.input,)

    def is_write(self, label: Label) -> bool:
        return label.f == "put"


def _not_there(got: Value, value: str | None) -> str:
    return f"got {show(got)}, but the value is {show(value)}{_parting(got, value)}"


def _parting(got: Value, value: str | None) -> str:
    """Where two texts part, if that cannot be seen for their length."""
    if not isinstance(got, str) or value is None:
        return ""
    common = next((place for place, pair in enumerate(zip(got, value, strict=False)) if pair[0] != pair[1]), None)
    place = min(len(got), len(value)) if common is None else common
    if place < CHARACTERS_SHOWN:
        return ""
    return f"; they part after {place} characters, at {show(got[place:])} and {show(value[place:])}"
