"""A lock that its owner may acquire again while holding it, and must release as often.

The owner is the process, or, with `owner=value`, who the operation's value names. `times` limits how often it may be held at
once; without it there is no limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import Label, State, Step
from chaoskit.spec.owner_mutex import describe_hold, describe_lock, hold


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
        return hold(self.name, state, label, owner=self.owner, times=self.times)

    def describe_op(self, label: Label) -> str:
        return describe_lock(label)

    def describe_state(self, state: State) -> str:
        return describe_hold(state, owner=self.owner)
