"""The smallest run that fails in the same way: its figure, what of it is needed, and where the nearest passing run parts from it.

On the page of the original its operations are those of the original: a story's ids survive shrinking.
"""

from __future__ import annotations

from collections import Counter

from chaoskit.core.shrinking import Flip, Parting, Shrinking
from chaoskit.core.units import count, format_time, plural
from chaoskit.core.verdict import OpRef
from chaoskit.reports.diagram import WIDTH, Paint, anomaly_lines, uncoloured, wrapped
from chaoskit.reports.figure import figure
from chaoskit.reports.view import View
from chaoskit.reports.words import listed

NAME = "story"
TITLE = "The smallest case"
SCRIPTED = False

NEEDED, IRRELEVANT = "needed", "irrelevant"


def applies(view: View) -> bool:
    return shrinking_of(view) is not None


def data(view: View) -> dict[str, object]:
    shrinking, story = shrinking_of(view), view.story
    assert shrinking is not None, "the panel applies"
    shown: dict[str, object] = {"figure": None, "sentences": []}
    if story is not None and story.anomalies:
        anomaly, original = story.anomalies[0], view.original_of(story)
        drawn = figure(anomaly, links=original)
        sentences = [
            [
                {"text": part.text, "op": original.get(part.op)} if isinstance(part, OpRef) else {"text": part, "op": None}
                for part in s
            ]
            for s in anomaly.violation.sentences
        ]
        shown = {"figure": drawn, "sentences": sentences}
    return {
        **shown,
        "size": size_lines(shrinking),
        "flips": [
            {"about": flip.about, "need": _need(flip), "needed": flip.needed, "result": flip.result} for flip in shrinking.flips
        ],
        "parting": None if shrinking.parting is None else _parting(shrinking.parting),
    }


def text(view: View) -> list[str]:
    return story_lines(view)


def shrinking_of(view: View) -> Shrinking | None:
    """How the story of a run came about, or the run itself where it is one."""
    return view.shrinking if view.story is None else view.story.shrinking


def story_lines(view: View, *, paint: Paint = uncoloured, width: int = WIDTH) -> list[str]:
    """The story in text: how small, its anomaly as a diagram and in sentences, what it needs, and where another run passes."""
    shrinking = shrinking_of(view)
    assert shrinking is not None, "there is a story to tell"
    lines = wrapped(size_lines(shrinking), width)
    if view.story is not None and view.story.anomalies:
        lines += ["", *anomaly_lines(view.story.anomalies[0], paint=paint, width=width)]
    return [*lines, *cause_lines(shrinking, width=width)]


def cause_lines(shrinking: Shrinking, *, width: int = WIDTH) -> list[str]:
    """What of a story is needed, and where the nearest run that passes parts from it."""
    lines: list[str] = []
    needed = [flip for flip in shrinking.flips if flip.needed]
    if needed:
        told = [f"{flip.about}; without it: {flip.result}" for flip in needed]
        lines += [
            "",
            "  Needed, each of them:",
            *(f"  {line}" for line in wrapped([f"- {line}" for line in told], width - 2, hang=2)),
        ]
    for flip in shrinking.flips:
        if not flip.needed:
            lines += [
                f"  {line}" for line in wrapped([f"Irrelevant: {flip.about}; without it: {flip.result}."], width - 2, hang=2)
            ]
    if shrinking.parting is not None:
        parting = _parting(shrinking.parting)
        lines += ["", *(f"  {line}" for line in wrapped([str(parting["about"])], width - 2))]
        for heading, events in (("fails", shrinking.parting.failing), ("passes", shrinking.parting.passing)):
            lines += [f"  {heading}:", *(f"    {event}" for event in events)]
    return lines


def brief_cause_lines(shrinking: Shrinking, *, width: int = WIDTH) -> list[str]:
    """How much of a story is needed, in a sentence, where there is no room for `cause_lines`."""
    needed = Counter(flip.kind for flip in shrinking.flips if flip.needed)
    if not needed:
        return []
    told = listed([plural(number, kind) for kind, number in needed.items()])
    irrelevant = len(shrinking.flips) - needed.total()
    others = f", {count(irrelevant)} irrelevant" if irrelevant else ""
    beside = "a run that passes beside it" if shrinking.parting is not None else "what comes without each"
    sentence = f"Needed: {told}{others}. The report shows {beside}."
    return ["", *(f"  {line}" for line in wrapped([sentence], width - 2))]


def size_lines(shrinking: Shrinking) -> list[str]:
    """How small it got, and at what cost."""
    before, after = shrinking.before, shrinking.after
    size = f"{_change(before.ops, after.ops, 'op')}, {_change(before.faults, after.faults, 'fault')}, "
    kept = f", {plural(after.decisions, 'random decision')} that must stay" if after.decisions else ""
    lines = [f"Shrunk: {size}{_change(before.nodes, after.nodes, 'node')}{kept}; {plural(shrinking.runs, 're-run')}."]
    if shrinking.stopped:
        lines.append(f"It ended early, {shrinking.stopped}: a smaller one may be there. Go on with 'chaoskit shrink RUN'.")
    return lines


def _change(before: int, after: int, noun: str) -> str:
    return f"{before:,} → {plural(after, noun)}"


def _need(flip: Flip) -> str:
    return NEEDED if flip.needed else IRRELEVANT


def _parting(parting: Parting) -> dict[str, object]:
    about = f"Without {parting.without} it passes. Both runs go the same way until {format_time(parting.time)}; then they part."
    return {"about": about, "shared": parting.shared, "failing": parting.failing, "passing": parting.passing}
