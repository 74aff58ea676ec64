"""An anomaly as a person meets it: its sentences, its operations by name, and what was going on when it showed.

The evidence is the checker's; nothing here re-derives it. Added are only facts that lie beside it in the run: the
faults in force at that instant and what each node last said of itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.core.journal import Journal
from chaoskit.core.units import MILLISECOND, count, format_time
from chaoskit.core.verdict import OpRef, Violation
from chaoskit.reports.cluster import NodeState, states_at
from chaoskit.reports.faults import FaultView
from chaoskit.reports.lanes import Lanes, lay_out
from chaoskit.reports.operations import Operation, Operations
from chaoskit.reports.words import keys_text, listed

LOOK_AROUND = 50 * MILLISECOND
LABELS_MAX = 8
ORDER_MAX = 12  # operations at the end of a partial linearization that are named
LEADING_ROLES = ("leader", "primary", "master", "coordinator")
EQUAL = "replica"  # the role of a node in a protocol that has no leaders

_NAME = re.compile(r"[a-z]{1,12}\d+")


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """One violation with its surroundings. `instant` is where it shows, `begin` to `end` the time round it to look at (ns)."""

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
        """How the operation with this invocation is called in the sentences."""
        return self.names.get(index, f"#{index}")


def headline_of(violation: Violation) -> str:
    """Its kind and the keys it is about: `stale-read · key k3`."""
    return " · ".join(filter(None, [violation.kind, keys_text(violation.keys)]))


def line_of(violation: Violation) -> str:
    """The anomaly in one line; a summary that begins with the key is not told the key again."""
    keys = keys_text(violation.keys)
    if violation.summary.startswith(f"{keys}: "):
        return f"{headline_of(violation)}: {violation.summary.removeprefix(f'{keys}: ')}"
    names_key = bool(keys) and violation.summary.startswith("key ")  # in other words
    return f"{violation.kind if names_key else headline_of(violation)}: {violation.summary}"


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
    rows = [(index, operations.row_of(index)) for index in dict.fromkeys(violation.ops)]
    found = [operations[row] for _, row in rows if row is not None]
    instant = _instant(violation, found, journal, until)
    active = [fault for fault in faults if fault.overlaps(instant, instant)]
    states = states_at(journal, instant, nodes)
    begin, end = _surroundings(instant, found)
    return Anomaly(
        number=number,
        violation=violation,
        headline=headline_of(violation),
        operations=found,
        names=_names(violation, operations),
        missing=[index for index, row in rows if row is None],
        instant=instant,
        begin=begin,
        end=end,
        lanes=lay_out(_foremost(found, violation), faults),
        active=active,
        states=states,
        circumstances=[*_circumstances(instant, active, states), *_earlier(begin, instant, faults, active)],
    )


def _foremost(operations: list[Operation], violation: Violation) -> list[Operation]:
    """Those that sentences speak of before the others: where not all can be drawn, these are."""
    mentioned = {part.op for sentence in violation.sentences for part in sentence if isinstance(part, OpRef)}
    return sorted(operations, key=lambda operation: operation.index not in mentioned)


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


def _names(violation: Violation, operations: Operations) -> dict[int, str]:
    """Names by invocation: the first word of a mention (`w7` of `w7 (write k3=5)`), else the function's letter and the index."""
    mentions = [part for sentence in violation.sentences for part in sentence if isinstance(part, OpRef)]
    said = {mention.op: mention.text.partition(" ")[0] for mention in reversed(mentions)}
    names: dict[int, str] = {}
    for index in dict.fromkeys([*violation.ops, *violation.order[-ORDER_MAX:]]):
        row = operations.row_of(index)
        if row is not None:
            name = said.get(index, "")
            names[index] = name if _NAME.fullmatch(name) else f"{operations[row].f[:1]}{index}"
    return names


def _circumstances(instant: int, active: list[FaultView], states: list[NodeState]) -> list[str]:
    """What was going on, a sentence each: faults in force, nodes not running, who led."""
    at = f"At {format_time(instant)}"
    led = _led(states)
    sentences = [f"{at} {led}."] if led else []
    idle = [f"{state.node} was {state.status}" for state in states if state.status in ("down", "paused")]
    if idle:
        sentences.append(f"{at} {listed(idle)}.")
    if active:
        faults = [
            f"{fault.label} (since {format_time(fault.begin or 0)}{', without effect' * (not fault.effects)})" for fault in active
        ]
        sentences.append(f"In force: {'; '.join(faults)}.")
    else:
        sentences.append("No fault was in force at that instant.")
    return sentences


def _earlier(begin: int, instant: int, faults: Sequence[FaultView], active: Sequence[FaultView]) -> list[str]:
    """The effective faults that ended between the anomaly's first operation and the instant at which it shows."""
    over = [fault for fault in faults if fault.effects and fault not in active and fault.overlaps(begin, instant)]
    if not over:
        return []
    labels = list(dict.fromkeys(fault.label for fault in over))
    more = f" and {count(len(labels) - LABELS_MAX)} more" if len(labels) > LABELS_MAX else ""
    return [f"Ended since {format_time(begin)}: {'; '.join(labels[:LABELS_MAX])}{more}."]


def _led(states: list[NodeState]) -> str:
    """Who led, if anybody; nothing of nodes that say nothing of themselves, or are all equals."""
    leading = [state for state in states if state.state.get("role") in LEADING_ROLES]
    if not leading:
        return "no node called itself leader" if any(state.state.get("role", EQUAL) != EQUAL for state in states) else ""
    return listed(f"{state.node} {'had been' if state.status == 'down' else 'was'} {_title(state)}" for state in leading)


def _title(state: NodeState) -> str:
    term = state.state.get("term")
    return f"{state.state['role']}" if term is None else f"{state.state['role']} of term {term}"
