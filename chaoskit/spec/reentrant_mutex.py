"""A lock that its owner may acquire again while holding it, and must release as often.

The owner is the process, or, with `owner=value`, who the operation's value names. `times` limits how often it may be held at
once; without it there is no limit.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.text import call_text, show


@dataclass(frozen=True, kw_only=True)
class ReentrantMutex:
    """A lock that its owner may acquire several times."""

    owner: str = "process"
    times: int | None = None

    name: ClassVar[str] = "reentrant-mutex"
    functions: ClassVar[frozenset[str]] = frozenset({"acquire", "release"})

    @property
    def uses_process(self) -> bool:
        return self.owner == "process"

    def init(self) -> State:
        return None  # free; else who holds it, and how often

    def step(self, state: State, label: Label) -> Step:
        if label.f not in self.functions:
            raise wrong_input(self.name, label, "acquire or release")
        who = owner_of(self.name, label, owner=self.owner)
        holder, held = state if isinstance(state, tuple) else (who, 0)
        wrong = None
        if holder != who:
            by = self._text(holder)
            wrong = f"already held by {by}" if label.f == "acquire" else f"held by {by}, not by {self._text(who)}"
        elif label.f == "release" and not held:
            wrong = "not held"
        elif label.f == "acquire" and held == self.times:
            wrong = f"already held by {self._text(who)}{_often(held)}"
        if wrong is not None:
            return (state,) if label.output is UNKNOWN else Illegal(wrong)
        held += 1 if label.f == "acquire" else -1
        return ((who, held) if held else None,)

    def describe_op(self, label: Label) -> str:
        return describe_lock(label)

    def describe_state(self, state: State) -> str:
        if not isinstance(state, tuple):
            return "free"
        holder, held = state
        return f"locked by {self._text(holder)}{_often(held)}"

    def _text(self, who: Hashable) -> str:
        return owner_text(who, owner=self.owner)


def owner_of(spec: str, label: Label, *, owner: str) -> Hashable:
    """Who asks. Raises `ModelError` when the value should say so and does not."""
    if owner == "process":
        return exact(label.process)
    if label.input is None:
        raise wrong_input(spec, label, f"the value of {label.f} to name the owner")
    return exact(label.input)


def owner_text(who: Hashable, *, owner: str) -> str:
    """An owner for people."""
    return f"process {plain(who)}" if owner == "process" else show(who)


def describe_lock(label: Label) -> str:
    """An operation on a lock for people."""
    return call_text(label.f, label.key, *([] if label.input is None else [label.input]))


def _often(held: int) -> str:
    return f", {held} times" if held > 1 else ""
