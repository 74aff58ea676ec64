"""A semaphore: `permits` of them to `acquire` and `release`, one at a time or as many as the operation's value says.

By default whoever likes may release what anybody acquired. With `owner=process` one can release only what one has acquired
oneself; with `owner=value` the same, the value naming the owner, and operations are about one permit.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.units import plural
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.reentrant_mutex import describe_lock, owner_of, owner_text
from chaoskit.spec.text import show

ANYONE = "anyone"


@dataclass(frozen=True, kw_only=True)
class Semaphore:
    """So many permits, to acquire and release."""

    permits: int = 1
    owner: str = "any"

    name: ClassVar[str] = "semaphore"
    functions: ClassVar[frozenset[str]] = frozenset({"acquire", "release"})

    @property
    def uses_process(self) -> bool:
        return self.owner == "process"

    def init(self) -> State:
        return frozenset()  # of (who, how many), for those who hold any

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, frozenset)
        if label.f not in self.functions:
            raise wrong_input(self.name, label, "acquire or release")
        who = ANYONE if self.owner == "any" else owner_of(self.name, label, owner=self.owner)
        amount, holders = self._amount(label), dict(state)
        mine = holders.get(who, 0)
        if label.f == "acquire":
            free = self.permits - sum(holders.values())
            wrong = f"{free} of {plural(self.permits, 'permit')} free" if amount > free else None
            after = mine + amount
        else:
            wrong = self._missing(who, mine) if amount > mine else None
            after = mine - amount
        if wrong is not None:
            return (state,) if label.output is UNKNOWN else Illegal(f"can't {label.f} {plural(amount, 'permit')}: {wrong}")
        holders[who] = after
        return (frozenset((holder, count) for holder, count in holders.items() if count),)

    def describe_op(self, label: Label) -> str:
        return describe_lock(label)

    def describe_state(self, state: State) -> str:
        assert isinstance(state, frozenset)
        held = f"{sum(count for _, count in state)} of {plural(self.permits, 'permit')} held"
        if self.owner == "any" or not state:
            return held
        return f"{held}, {', '.join(sorted(f'{count} by {owner_text(who, owner=self.owner)}' for who, count in state))}"

    def _amount(self, label: Label) -> int:
        if self.owner == "value" or label.input is None:
            return 1
        if type(label.input) is not int or label.input < 1:
            raise wrong_input(self.name, label, f"{label.f} to take nil or how many permits")
        return label.input

    def _missing(self, who: Hashable, mine: int) -> str:
        by = "" if self.owner == "any" else f" by {owner_text(who, owner=self.owner)}"
        return f"{show(mine)} held{by}"
