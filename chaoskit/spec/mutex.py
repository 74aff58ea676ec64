"""A lock: `acquire` it when it is free, `release` it when it is held.

With `holder=process` only the process that acquired it may release it; by default (as in Knossos) anyone may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.text import call_text

ANYONE = "anyone"


@dataclass(frozen=True, kw_only=True)
class Mutex:
    """A lock that one holds at a time."""

    holder: str = "any"

    name: ClassVar[str] = "mutex"
    functions: ClassVar[frozenset[str]] = frozenset({"acquire", "release"})

    @property
    def uses_process(self) -> bool:
        return self.holder == "process"

    def init(self) -> State:
        return None  # free; else who holds it

    def step(self, state: State, label: Label) -> Step:
        if label.f not in self.functions:
            raise wrong_input(self.name, label, "acquire or release")
        who = label.process if self.uses_process else ANYONE
        if label.f == "acquire":
            wrong = None if state is None else "already held" if who == ANYONE else f"already held by process {state}"
        else:
            wrong = None if state == who else "not held" if state is None else f"held by process {state}, not by {who}"
        if wrong is None:
            return (who if label.f == "acquire" else None,)
        return (state,) if label.output is UNKNOWN else Illegal(wrong)

    def describe_op(self, label: Label) -> str:
        return call_text(label.f, label.key)

    def describe_state(self, state: State) -> str:
        return "free" if state is None else "locked" if state == ANYONE else f"locked by process {state}"
