"""`index.html` of a soak: its classes of failures, each with a link to its run's report, and what may be left to find.

A page without a script; like a run's it works from disk and asks nobody. Besides what a soak is measured by (rates, seconds),
nothing in it depends on the machine or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.core.soak import ALL, FAILURES, INVALID, STATUSES, TIME, FailureClass, SoakRecord, Story, with_faults
from chaoskit.core.units import count, format_time, plural
from chaoskit.reports.html import render_page

SEEDS_SHOWN = 12
CHART_WIDTH, CHART_HEIGHT = 600, 120  # of the discovery curve, without its margins


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """How many classes were known after how many runs: a line to draw, and what its ends mean."""

    points: str
    runs: str
    classes: str


def render_soak(record: SoakRecord) -> str:
    """The page of a soak."""
    status = record.verdict
    headline = _headline(record)
    return render_page(
        "soak.html",
        status=status,
        title=f"{status.upper()}: {headline} — soak of {record.model} from seed {record.seed} — chaoskit",
        headline=headline,
        record=record,
        stopped=stopped_text(record),
        facts=_facts(record),
        classes=[_class(found, record.runs) for found in record.classes],
        unseen=unseen_text(record),
        curve=_curve(record),
    )


def frequency_text(seeds: int, runs: int) -> str:
    """How often something was seen: `12 of 1,000 runs`."""
    return f"{count(seeds)} of {plural(runs, 'run')}"


def story_text(story: Story) -> str:
    """How small a class' run was made: `6 ops, 1 fault, 3 nodes`."""
    size = story.size
    early = f" (ended early: {story.stopped})" if story.stopped else ""
    return f"{plural(size.ops, 'op')}, {plural(size.faults, 'fault')}, {plural(size.nodes, 'node')}{early}"


def statuses_text(record: SoakRecord) -> str:
    """How many runs came to what: `97 valid, 3 invalid`."""
    counts = ((status, record.statuses.get(status, 0)) for status in STATUSES)
    return ", ".join(f"{count(number)} {status}" for status, number in counts if number) or "nothing was run"


def runs_text(record: SoakRecord) -> str:
    """How many runs were made and, where that was not their number, what ended them: `9 runs from seed 1, interrupted`."""
    end = stopped_text(record)
    return f"{plural(record.runs, 'run')} from seed {record.seed}" + (f", {end}" if end else "")


def stopped_text(record: SoakRecord) -> str:
    """What ended a soak; nothing where it made all the runs that it was asked for."""
    if record.stopped == ALL:
        return ""
    if record.stopped == TIME:
        return "until its time was up"
    if record.stopped == FAILURES:
        return f"until it had found {plural(record.failures, 'failure')}"
    return record.stopped or "not finished"


def unseen_text(record: SoakRecord) -> list[str]:
    """What may be left to find, a sentence each; none where too little was run to say."""
    unseen = record.unseen
    told = []
    if unseen.chance is not None:
        singles = plural(unseen.once, "class was", many="classes were")
        told.append(f"The next run shows a class not seen yet about once in {_once_in(unseen.chance)}: {singles} seen once.")
    if unseen.frequency is not None:
        told.append(f"A class that shows in 1 run of {_once_in(unseen.frequency)} or oftener would have been seen (95 %).")
    return told


def _once_in(chance: float) -> str:
    return count(max(1, round(1 / chance)))


def _headline(record: SoakRecord) -> str:
    if record.classes:
        failures = plural(record.failures, "failure")
        return f"{failures} in {plural(len(record.classes), 'class', many='classes')}"
    again = f", but {plural(record.failing_again, 'known plan')} failed again" if record.failing_again else ""
    return f"no failure in {plural(record.runs, 'run')}{again}"


def _facts(record: SoakRecord) -> list[tuple[str, str]]:
    wall = record.wall
    facts = [
        ("made", runs_text(record)),
        ("verdicts", statuses_text(record)),
        ("simulated", f"{format_time(record.simulated)}, {wall.virtual_to_real:,.0f} times as fast as the clock"),
        ("speed", f"{wall.runs_per_second:.1f} runs a second on {plural(wall.jobs, 'job')}"),
        ("seconds", f"{wall.search:.1f} for the runs, {wall.shrink:.1f} for keeping and shrinking"),
    ]
    if record.overlap is not None:
        facts.append(("under faults", f"{record.overlap:.0%} of a median run's operations"))
    if record.statuses.get(INVALID):
        facts.append(("runs for the shapes", count(record.probes)))
    return [*facts, ("chaoskit", f"{record.chaoskit} {record.source_digest}"), ("reproduce", record.reproduce)]


def _class(found: FailureClass, runs: int) -> dict[str, object]:
    """A class as its row shows it."""
    story = found.story
    smaller = story_text(story) if story is not None else ""
    shown = ", ".join(map(str, found.seeds[:SEEDS_SHOWN]))
    return {
        "kind": found.shape.fingerprint.kind,
        "checker": found.shape.fingerprint.checker,
        "faults": with_faults(found.shape.faults),
        "kinds": found.shape.faults,
        "functions": ", ".join(found.shape.functions),
        "summary": found.summary,
        "frequency": frequency_text(len(found.seeds), runs),
        "share": round(100 * len(found.seeds) / max(1, runs), 1),
        "seeds": shown + (" …" if len(found.seeds) > SEEDS_SHOWN else ""),
        "story": smaller,
        "run": found.run,
        "reproduce": found.reproduce,
        "problem": found.problem,
        "shapes": [(str(shape), number) for shape, number in found.shapes if shape != found.shape],
    }


def _curve(record: SoakRecord) -> Curve | None:
    """The steps by which classes were found; None where there is nothing to draw."""
    if not record.classes:
        return None
    most = len(record.classes)
    points = [(0, 0)]
    for known, first in enumerate(sorted(found.first for found in record.classes)):
        after = first - record.seed + 1
        points += [(after, known), (after, known + 1)]
    points.append((record.runs, most))
    placed = [(CHART_WIDTH * after / record.runs, CHART_HEIGHT - CHART_HEIGHT * classes / most) for after, classes in points]
    return Curve(points=" ".join(f"{x:.1f},{y:.1f}" for x, y in placed), runs=plural(record.runs, "run"), classes=count(most))
