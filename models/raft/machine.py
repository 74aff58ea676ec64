"""The replicated state machine: registers, sets and counters by key, and the sessions that make retries apply once."""

from __future__ import annotations

from typing import Any

from chaoskit.models.raft.messages import COMMAND, Ask, Entry, Snapshot


class Machine:
    """Applies committed entries in order. `apply` gives the result that the client is told."""

    def __init__(self, *, once: bool) -> None:
        self.data: dict[str, Any] = {}
        self.sessions: dict[str, tuple[int, Any]] = {}
        self._once = once

    def restore(self, snapshot: Snapshot) -> None:
        self.data = dict(snapshot.data)
        self.sessions = dict(snapshot.sessions)

    def ahead(self, entries: tuple[Entry, ...]) -> Machine:
        """The state as it would be if these entries were applied as well."""
        other = Machine(once=self._once)
        other.data, other.sessions = dict(self.data), dict(self.sessions)
        for entry in entries:
            other.apply(entry)
        return other

    def apply(self, entry: Entry) -> Any:
        if entry.kind != COMMAND:
            return None
        if not self._once:
            return self._carry_out(entry)
        serial, result = self.sessions.get(entry.session, (0, None))
        if entry.serial > serial:
            result = self._carry_out(entry)
            self.sessions[entry.session] = (entry.serial, result)
        return result

    def read(self, ask: Ask) -> Any:
        """What a read returns now."""
        value = self.data.get(_place(ask.key))
        if isinstance(value, dict):
            return sorted(value["elements"])
        return value

    def _carry_out(self, entry: Entry) -> Any:
        key = _place(entry.key)
        match entry.f:
            case "write":
                self.data[key] = entry.value
            case "cas":
                expected, new = entry.value
                if self.data.get(key) != expected:
                    return False
                self.data[key] = new
                return True
            case "add":  # to a set
                elements = self.data.get(key, {"elements": []})["elements"]
                self.data[key] = {"elements": [*elements, *([entry.value] if entry.value not in elements else [])]}
            case "increment":
                self.data[key] = self.data.get(key, 0) + entry.value
        return None


def _place(key: Any) -> str:
    return "" if key is None else str(key)
