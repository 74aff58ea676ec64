"""An anomaly as a person meets it: its sentences, its operations by name, and what was going on when it showed.

The evidence is the checker's; nothing here re-derives it. Added are only facts that lie beside it in the run: the faults in force at that
instant and what each node last said of itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.core.journal import Journal
from chaoskit.core.units import MILLISECOND, format_time
from chaoskit.core.verdict import OpRef, Violation
from chaoskit.reports.cluster import NodeState, states_at
from chaoskit.reports.faults import FaultView
from chaoskit.reports.lanes import Lanes, lay_out
from chaoskit.reports.operations import Operation, Operations
from chaoskit.reports.words import keys_text, listed

LOOK_AROUND = 50 * MILLISECOND
LEADING_ROLES = ("leader", "primary", "master", "coordinator")

_NAME = re.compile(r"[a-z]{1,12}\d+")


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """One violation with its surroundings. `instant` is where it shows; `begin` and `end` are the time round it to look at (ns)."""

    number: int
    violation: Violation
    headline: str
    operations: list[Operation]
    names: dict[int, str]
    missing: list[int]
    instant: int
    begin: int
    end: int
    lanes: Lanes
    active: list[FaultView]
    states: list[NodeState]
    circumstances: list[str]

    def name(self, index: int) -> str:
        """How the operation with this invocation is called: as the checker's sentences do, else by function and index."""
        return self.names.get(index, f"#{index}")


def anomaly_of(
    violation: Violation,
    *,
    number: int,
    operations: Operations,
    faults: Sequence[FaultView],
    journal: Journal,
    nodes: Sequence[str],
    until: int,
) -> Anomaly:
    """The anomaly of a violation; a run ends at `until` (ns)."""
    rows = [(index, operations.row_of(index)) for index in violation.ops]
    found = [operations[row] for _, row in rows if row is not None]
    instant = _instant(violation, found, journal, until)
    active = [fault for fault in faults if fault.active_at(instant)]
    states = states_at(journal, instant, nodes)
    begin, end = _surroundings(instant, found)
    return Anomaly(
        number=number,
        violation=violation,
        headline=" · ".join(filter(None, [violation.kind, keys_text(violation.keys)])),
        operations=found,
        names={operation.index: _name(operation, violation) for operation in found},
        missing=[index for index, row in rows if row is None],
        instant=instant,
        begin=begin,
        end=end,
        lanes=lay_out(found, faults),
        active=active,
        states=states,
        circumstances=_circumstances(instant, active, states),
    )


def _instant(violation: Violation, operations: list[Operation], journal: Journal, until: int) -> int:
    """Where it shows: as the checker says, else when the last of its operations was answered, else at the end of the run."""
    if violation.time is not None:
        return violation.time
    if violation.journal is not None:
        entry = next(journal.entries(violation.journal), None)
        return until if entry is None else int(entry[1][0])
    if not operations:
        return until
    return _end(max(operations, key=lambda operation: operation.index))


def _surroundings(instant: int, operations: list[Operation]) -> tuple[int, int]:
    """From the beginning of its first operation to the end of its last; without any, a little to either side."""
    if not operations:
        return max(0, instant - LOOK_AROUND), instant + LOOK_AROUND
    begins = [operation.start for operation in operations]
    return min(instant, *begins), max(instant, *map(_end, operations))


def _end(operation: Operation) -> int:
    return operation.start if operation.end is None else operation.end


def _name(operation: Operation, violation: Violation) -> str:
    """The first word by which a sentence calls it (`w7` of `w7 (write k3=5)`), else its function's letter and its index."""
    for sentence in violation.sentences:
        for part in sentence:
            if isinstance(part, OpRef) and part.op == operation.index:
                first = part.text.partition(" ")[0]
                if _NAME.fullmatch(first):
                    return first
    return f"{operation.f[:1]}{operation.index}"


def _circumstances(instant: int, active: list[FaultView], states: list[NodeState]) -> list[str]:
    """What was going on, a sentence each: faults in force, nodes not running, who led."""
    at = f"At {format_time(instant)}"
    sentences = [f"{at} {_led(states)}."] if any(state.since is not None for state in states) else []
    idle = [f"{state.node} was {state.status}" for state in states if state.status in ("down", "paused")]
    if idle:
        sentences.append(f"{at} {listed(idle)}.")
    if active:
        faults = [f"{fault.label} (since {format_time(fault.begin or 0)}{', without effect' * (not fault.effects)})" for fault in active]
        sentences.append(f"In force: {'; '.join(faults)}.")
    else:
        sentences.append("No fault was in force at that instant.")
    return sentences


def _led(states: list[NodeState]) -> str:
    leading = [state for state in states if state.state.get("role") in LEADING_ROLES]
    if not leading:
        return "no node called itself leader" if any("role" in state.state for state in states) else "the nodes were as below"
    return listed(f"{state.node} {'had been' if state.status == 'down' else 'was'} {_title(state)}" for state in leading)


def _title(state: NodeState) -> str:
    term = state.state.get("term")
    return f"{state.state['role']}" if term is None else f"{state.state['role']} of term {term}"
