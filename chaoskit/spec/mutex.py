"""A lock: `acquire` it when it is free, `release` it when it is held.

Anyone may release it, as in Knossos; `owner-mutex` is a lock that only its owner may release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.text import call_text


@dataclass(frozen=True, kw_only=True)
class Mutex:
    """A lock that one holds at a time."""

    name: ClassVar[str] = "mutex"
    functions: ClassVar[frozenset[str]] = frozenset({"acquire", "release"})

    def init(self) -> State:
        return "free"

    def step(self, state: State, label: Label) -> Step:
        if label.f not in self.functions:
            raise wrong_input(self.name, label, "acquire or release")
        needed, after, wrong = ("free", "locked", "already held") if label.f == "acquire" else ("locked", "free", "not held")
        if state == needed:
            return (after,)
        return (state,) if label.output is UNKNOWN else Illegal(wrong)

    def describe_op(self, label: Label) -> str:
        return call_text(label.f, label.key)

    def describe_state(self, state: State) -> str:
        return str(state)
