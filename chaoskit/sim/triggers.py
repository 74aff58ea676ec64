"""Triggers: faults that wait for something to happen in the cluster.

An event is a name or a pattern: `send AppendReply`, `deliver Vote`, `write`, `sync`, `acknowledged` (a node answered a
client), `role=leader` (a node's observation changed to this), `leader-elected`, `appended-not-committed`. A fault with
`after=0` strikes at that very effect, between it and the handler's next one: that is where real systems lose data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault, On

if TYPE_CHECKING:
    from chaoskit.sim.host import Host

NAMED = {
    "leader-elected": "a node's role becomes leader (or primary)",
    "appended-not-committed": "a leader's log grows past its commit index",
    "acknowledged": "a node answers a client",
    "write": "a node writes to its disk",
    "sync": "a node's sync completes",
}
LEADERS = ("leader", "primary")
Strike = Callable[[Fault, "Host", "Host"], None]


class Triggers:
    """Armed faults by what they wait for."""

    def __init__(self, strike: Strike, now: Callable[[], int]) -> None:
        self.armed = False  # whether any fault waits
        self.packets = False  # whether one waits for a message to be sent or delivered
        self._waiting: dict[str, list[list[Any]]] = {}  # event → [fault, how many more times]
        self._strike = strike
        self._now = now

    def arm(self, fault: Fault) -> None:
        """Waits for the fault's event. Raises `UsageError` for an event that nothing can be."""
        assert isinstance(fault.when, On)
        event = fault.when.event
        if event not in NAMED and not event.startswith(("send ", "deliver ")) and "=" not in event:
            raise UsageError(
                f"expected an event ({', '.join(NAMED)}, 'send TYPE', 'deliver TYPE' or 'field=value') but got on={event!r}."
            )
        self._waiting.setdefault(event, []).append([fault, fault.when.nth])
        self._note()

    def disarm(self) -> None:
        """Forgets all that has not struck."""
        self._waiting.clear()
        self._note()

    def effect(self, event: str, sender: Host, receiver: Host) -> None:
        """Something happened; strikes what was waiting for it."""
        if self.armed and event in self._waiting:
            self._count(event, sender, receiver)

    def observed(self, host: Host, before: dict[str, Any], after: dict[str, Any]) -> None:
        """A node's observation changed."""
        if not self.armed:
            return
        for event in list(self._waiting):
            if _holds(event, after) and not _holds(event, before):
                self._count(event, host, host)

    def _note(self) -> None:
        """Whether anything is waited for: most messages are sent while nothing is, and should cost nothing."""
        self.armed = bool(self._waiting)
        self.packets = any(event.startswith(("send ", "deliver ")) for event in self._waiting)

    def _count(self, event: str, sender: Host, receiver: Host) -> None:
        due: list[list[Any]] = []
        left: list[list[Any]] = []
        for waiting in self._waiting.get(event, ()):
            if self._now() >= waiting[0].when.not_before:
                waiting[1] -= 1
            (due if waiting[1] <= 0 else left).append(waiting)
        if left:
            self._waiting[event] = left
        else:
            self._waiting.pop(event, None)
            self._note()
        for fault, _ in due:
            self._strike(fault, sender, receiver)


def _holds(event: str, state: dict[str, Any]) -> bool:
    if event == "leader-elected":
        return state.get("role") in LEADERS
    if event == "appended-not-committed":
        return state.get("role") in LEADERS and state.get("log_length", 0) > state.get("commit", 0)
    field, equals, value = event.partition("=")
    return bool(equals) and str(state.get(field)) == value
