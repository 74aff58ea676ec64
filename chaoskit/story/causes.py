"""Causes, not correlates: each thing of a story is taken away, and a run tells what becomes of the failure.

What the failure does not survive without is needed; anything else is irrelevant. Of the runs that pass, the one that goes the
same way longest is laid beside the failing one: where they part is where it was decided. A run without one of the operations
passes because nobody wrote or nobody looked, which decides little; it is laid there only where no other passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.journal import QUIET_KINDS, Entry, Journal
from chaoskit.core.plan import Invocation, Plan
from chaoskit.core.shrinking import Flip, Parting
from chaoskit.core.units import format_time
from chaoskit.reports.events import event_text, message_name
from chaoskit.reports.words import decision_text, duration_text, fault_sentence, operation_text, show
from chaoskit.shrink.contract import INTERRUPTED
from chaoskit.shrink.plans import asked, asking, with_faults, with_overrides
from chaoskit.story.failure import Failure, told

FlipKind = Literal["bug", "fault", "op", "decision"]
SHARED_SHOWN, AFTER_SHOWN = 3, 4  # events before and after the parting that are told
FAULT_KINDS = ("fault-begin", "fault-effect", "fault-end", "fault-refused")
FLIPS_MAX = 60  # of a story that did not become small


@dataclass(frozen=True, kw_only=True, slots=True)
class Causes:
    """What became of every flip, where the nearest passing run parts, how many runs that took, and why it ended early."""

    flips: list[Flip]
    parting: Parting | None
    runs: int
    stopped: str | None


NO_CAUSES = Causes(flips=[], parting=None, runs=0, stopped=None)


def find_causes(plan: Plan, failure: Failure) -> Causes:
    """Flips everything that the plan holds, one thing at a time, up to a limit or Ctrl-C."""
    flips: list[Flip] = []
    stopped: str | None = None
    nearest: tuple[tuple[bool, int], Parting] | None = None
    try:
        entries = _entries(failure.judged(plan)[0].journal)
        everything = list(_flipped(plan, entries))
        if len(everything) > FLIPS_MAX:
            stopped = f"with {FLIPS_MAX} of {len(everything)} things flipped"
        for kind, name, about, without in everything[:FLIPS_MAX]:
            flip, passing = _flip(kind, name, about, without, failure)
            flips.append(flip)
            if passing is not None:
                ours = [entry for entry in entries if kind != "fault" or not _is_about(entry, name)]
                others = _entries(passing)
                place = _parting(ours, others)
                near = kind != "op", place
                if nearest is None or near > nearest[0]:
                    nearest = near, _laid_beside(about, ours, others, place)
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    return Causes(flips=flips, parting=nearest[1] if nearest else None, runs=1 + len(flips), stopped=stopped)


def _flip(kind: FlipKind, name: str, about: str, without: Plan, failure: Failure) -> tuple[Flip, Journal | None]:
    """What becomes of the failure without this, and the journal of that run if it passes."""
    try:
        outcome, verdict = failure.judged(without)
    except ChaoskitError as error:
        return Flip(kind=kind, name=name, about=about, needed=True, result=str(error)), None
    if verdict.fingerprint != failure.fingerprint:
        flip = Flip(kind=kind, name=name, about=about, needed=True, result=told(verdict))
    else:
        seen = failure(without)
        flip = Flip(kind=kind, name=name, about=about, needed=not seen.shows, result=seen.result)
    return flip, outcome.journal if verdict.is_valid else None


def _flipped(plan: Plan, entries: list[Entry]) -> Iterator[tuple[FlipKind, str, str, Plan]]:
    """(kind, name, in words, the plan without it) for everything that can be taken away."""
    for bug in plan.bugs:
        yield (
            "bug",
            bug,
            f"the planted bug {bug}",
            msgspec.structs.replace(plan, bugs=[other for other in plan.bugs if other != bug]),
        )
    for fault in plan.faults:
        others = [other for other in plan.faults if other is not fault]
        yield "fault", fault.id, fault_sentence(fault), with_faults(plan, others)
    for invocation in asked(plan):
        rest = [other for other in asked(plan) if other is not invocation]
        yield "op", f"i{invocation.id}", _operation(invocation), asking(plan, rest)
    operations = {f"i{invocation.id}": _operation(invocation) for invocation in asked(plan)}
    for address in plan.overrides:
        if "/" in address:
            about = f"{decision_text(address, causes=operations)}{_fate(address, entries)}"
            kept = {other: value for other, value in plan.overrides.items() if other != address}
            yield "decision", address, about, with_overrides(plan, kept)


def _operation(invocation: Invocation) -> str:
    key = None if invocation.key is None else show(invocation.key)
    value = None if invocation.value is None else show(invocation.value)
    return f"{operation_text(invocation.f, key, value)} by c{invocation.slot} at {format_time(invocation.not_before)}"


def _fate(address: str, entries: list[Entry]) -> str:
    """What became of the message that a decision is about: ` (Put, there after 25.0 ms)`; nothing where it was not sent."""
    purpose, cause, *rest = address.split("/")
    if purpose != "packet":
        return ""
    source, _, target = rest[0].partition(">")
    sent = [entry for entry in entries if entry[1] == "send" and (entry[2], entry[3], entry[5]) == (source, cause, target)]
    if int(rest[1]) >= len(sent):
        return ""
    instant, _, _, _, message, _, kind, _, body = sent[int(rest[1])]
    end = next((entry for entry in entries if entry[1] in ("deliver", "drop") and entry[4] == message), None)
    if end is None:
        became = "under way to the end"
    elif end[1] == "drop":
        became = f"lost: {end[7]}"
    else:
        became = f"there after {duration_text(end[0] - instant)}" if end[0] > instant else "there at once"
    return f" ({message_name(kind, body)}, {became})"


def _entries(journal: Journal) -> list[Entry]:
    return [entry for _, entry in journal.entries() if entry[1] not in QUIET_KINDS]


def _is_about(entry: Entry, fault: str) -> bool:
    """Whether it says only that this fault is there, which the run without it cannot say: they part where it is felt."""
    return entry[1] in FAULT_KINDS and entry[4] == fault


def _parting(entries: list[Entry], others: list[Entry]) -> int:
    """How many events two runs share from their beginning."""
    pairs = zip(entries, others, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if _happened(one) != _happened(other)), min(len(entries), len(others))
    )


def _happened(entry: Entry) -> Entry:
    """An event without the number that an operation has in the history: a fault less makes it another."""
    return (*entry[:4], *entry[5:]) if entry[1] in ("invoke", "complete") else entry


def _laid_beside(about: str, failing: list[Entry], passing: list[Entry], place: int) -> Parting:
    return Parting(
        without=about,
        time=min(entries[place][0] for entries in (failing, passing) if place < len(entries)),
        shared=[event_text(entry) for entry in failing[max(0, place - SHARED_SHOWN) : place]],
        failing=[event_text(entry) for entry in failing[place : place + AFTER_SHOWN]],
        passing=[event_text(entry) for entry in passing[place : place + AFTER_SHOWN]],
    )
