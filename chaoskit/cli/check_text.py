"""What `chaoskit check` found, for people: a line for each level, the anomalies explained, the order that explains the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chaoskit.cli.consistency import LINEARIZABLE
from chaoskit.cli.console import Console
from chaoskit.core.units import plural
from chaoskit.core.verdict import Verdict, Violation

if TYPE_CHECKING:
    from chaoskit.check.weak.staleness import Staleness
    from chaoskit.core.history import History
    from chaoskit.reports.operations import Operations

ANOMALIES_TOLD = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """What was judged, and what came of it: a part of the verdict for each level."""

    history: History
    verdict: Verdict
    spec: str | None
    staleness: Staleness | None  # of registers that are not linearizable
    order: bool  # the orders that were found are wanted, too


def tell(judged: Judged, console: Console) -> None:
    """All there is to say, level by level."""
    parts = judged.verdict.parts
    for place, part in enumerate(parts):
        if place and not parts[place - 1].is_valid:
            console.say()
        _tell(part, judged, console)


def _tell(part: Verdict, judged: Judged, console: Console) -> None:
    """One level's verdict. Linearizability alone needs no name where something is wrong: it is what the command is for."""
    named = len(judged.verdict.parts) > 1 or part.checker != LINEARIZABLE
    level = f"{part.checker} · " if named else ""
    if part.is_unknown:
        console.tell(f"{console.paint('UNKNOWN', 'doubtful')}  {level}{part.reason}")
    elif part.is_valid:
        size = f"{plural(judged.history.count_types()['invoke'], 'operation')}, {plural(part.results['keys'], 'key')}"
        what = part.checker if part.checker != LINEARIZABLE else f"{LINEARIZABLE} {judged.spec}"
        effort = f" · {plural(part.results['configurations'], 'state')}" if part.checker == LINEARIZABLE else ""
        console.tell(f"{console.paint('VALID', 'good')}  {what} · {size}{effort}")
        _tell_order(part, judged, console)
        _tell_power(part, console)
    else:
        _tell_anomalies(part, judged, level, console)


def _tell_order(part: Verdict, judged: Judged, console: Console) -> None:
    """An order for each key that explains what its clients saw, an operation a line."""
    if not judged.order or "witness" not in part.results:
        return
    from chaoskit.reports.operations import Operations
    from chaoskit.reports.words import keys_text

    operations = Operations(judged.history, slots=0)
    for found in part.results["witness"]:
        key = found["key"]
        console.say(f"\n  One order that explains it{'' if key is None else f', of {keys_text([key])}'}:")
        for line in _order_lines(found["order"], operations):
            console.say(line)


def _order_lines(order: list[int], operations: Operations) -> Iterator[str]:
    rows = [(index, operations.row_of(index)) for index in order]
    listed = [operations[row] for _, row in rows if row is not None]
    names = [f"{each.f[:1] or '?'}{each.index}" for each in listed]
    lane, name = (max(map(len, texts), default=0) for texts in ([each.lane for each in listed], names))
    for each, called in zip(listed, names, strict=True):
        yield f"    {each.lane:<{lane}}  {called:<{name}}  {each.outcome}"


def _tell_power(part: Verdict, console: Console) -> None:
    from chaoskit.reports.power import powers

    for power in powers([part]):
        console.say()
        for line in power.lines:
            console.say(f"  {line}")


def _tell_anomalies(part: Verdict, judged: Judged, level: str, console: Console) -> None:
    from chaoskit.reports.anomalies import headline_of, line_of

    told, number = part.violations[:ANOMALIES_TOLD], len(part.violations)
    more = f" · and {number - 1:,} more" if number > 1 else ""
    console.tell(f"{console.paint('INVALID', 'bad')}  {level}{headline_of(told[0])}{more}")
    for place, violation in enumerate(told):
        console.say()
        if place:
            console.say(line_of(violation))
            console.say()
        for line in _explained(violation, judged.history, console):
            console.say(line)
        if judged.order and part.checker == LINEARIZABLE:
            for line in _stuck_lines(violation, judged.history):
                console.say(line)
    if number > len(told):
        console.say(f"\n(showing {len(told)} of {number:,} anomalies; --json names them all)")
    if left := part.results.get("keys-not-judged"):
        console.say(f"\n({plural(left, 'key')} not judged after that; --all judges every one)")
    if left := part.results.get("keys-not-explained"):
        console.say(f"\n({plural(left, 'more key')} {'is' if left == 1 else 'are'} bad, which --all explains)")
    if part.checker == LINEARIZABLE and judged.staleness is not None:
        console.say(f"\n  {_staleness_text(judged.staleness)}")


def _stuck_lines(violation: Violation, history: History) -> Iterator[str]:
    """How far an order gets, what is possible after it, and what was under way: all that Knossos calls a configuration."""
    from chaoskit.reports.operations import Operations

    operations, data = Operations(history, slots=0), violation.data
    if violation.order:
        yield "\n  One order, as far as any goes that was found:"
        yield from _order_lines(violation.order, operations)
    states = data["states"]
    if states:
        shown = f" ({len(states)} of {data['states-count']:,})" if data["states-count"] > len(states) else ""
        yield f"\n  What such orders lead to, and why it does not fit{shown}:"
        yield from (f"    {each['state']}: {each['reason']}" for each in states)
    if data["pending"]:
        yield "\n  Under way, or never answered, when it failed:"
        yield from _order_lines(data["pending"], operations)


def _staleness_text(bound: Staleness) -> str:
    if bound.is_exact:
        return f"Every read returned one of the last {bound.upper} values written (k={bound.upper})."
    return f"Every read returned one of the last {bound.upper} values written (k is from {bound.lower} to {bound.upper})."


def _explained(violation: Violation, history: History, console: Console) -> list[str]:
    """The anomaly as a diagram and in sentences, as of a run of our own, without a cluster."""
    from chaoskit.core.journal import Journal
    from chaoskit.reports.anomalies import anomaly_of
    from chaoskit.reports.diagram import anomaly_lines
    from chaoskit.reports.operations import Operations

    anomaly = anomaly_of(
        violation,
        number=1,
        operations=Operations(history, slots=0),
        faults=[],
        journal=Journal(),
        nodes=[],
        until=int(history.times[-1]),
    )
    return anomaly_lines(dataclasses.replace(anomaly, circumstances=[]), width=console.width)
