"""The power of a history in words: a share for each kind, an example of what nobody would have noticed, and what to change.

What goes unnoticed does so for one of two reasons, and the advice is about those that count. Nobody saw it: no operation would
have been answered otherwise. Or it was seen, and is explained by operations that were open at the same time.
"""

from __future__ import annotations

from chaoskit.check.linear.explain import short_name
from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.check.power.figures import Figures
from chaoskit.check.power.kinds import Kind, Site
from chaoskit.check.power.linearization import Linearization
from chaoskit.check.power.replay import Changes
from chaoskit.core.units import plural
from chaoskit.spec import FAILED, CompleteSpec
from chaoskit.spec.text import show

ENOUGH_PERCENT = 90  # from where on nothing needs to be said
READS_ENOUGH_PERCENT = 60
COUNTS = 0.25  # a reason counts that so much of what goes unnoticed has
FEW_OPERATIONS = 20  # on one object
FEW_OPEN = 1.5  # at once, on one object: more hides what order things came in


def share(noticed: int, tried: int) -> str:
    """In whole percent; never 100 for not quite all, nor 0 for a little."""
    if noticed and noticed * 100 < tried:
        return "<1 %"
    return f"{100 * noticed // tried} %" if tried else "0 %"


def sentence(many: str, *, noticed: int, tried: int, undecided: int) -> str:
    """`71 % of one-step-stale reads would have been noticed (of 200 tried)`."""
    at_least, doubt = ("at least ", f", {undecided} of them undecided") if undecided else ("", "")
    return f"{at_least}{share(noticed, tried)} of {many} would have been noticed (of {tried} tried{doubt})"


def example(kind: Kind, told: Linearization, site: Site, changes: Changes) -> str:
    """One that nobody would have noticed."""
    calls = kind.calls(told, site)
    names = [_named(told.problem, told.spec, call) for call in calls]
    label = next(iter(changes.values()), None)
    answer = "" if label is None or label.output is FAILED else show(label.output)
    return kind.example.format(*names, answer=answer)


def advice(figures: Figures, *, tried: int, noticed: int, unseen: int) -> list[str]:
    """What to change so that more would be noticed; nothing where enough is."""
    unnoticed = tried - noticed
    if not tried or 100 * noticed >= ENOUGH_PERCENT * tried:
        return []
    found = []
    if unseen >= COUNTS * unnoticed:
        if figures.reads_percent < READS_ENOUGH_PERCENT:
            are = "read" if figures.looking == "read" else f"are {figures.looking}s"
            share_of_them = f"{figures.reads_percent} % of the operations {are}"
            found.append(f"ask for more {figures.looking}s, so that fewer changes go unseen ({share_of_them})")
        if figures.operations_per_object < FEW_OPERATIONS and figures.objects > 1:
            few = plural(figures.operations_per_object, "operation")
            found.append(f"use fewer keys, so that more operations meet (an object has {few} on average)")
    if unnoticed - unseen >= COUNTS * unnoticed and figures.open_at_once > FEW_OPEN:
        found.append(
            "use fewer clients or more keys, so that less is explained by what overlaps "
            f"({figures.open_at_once} operations are open at once on an object)"
        )
    return found or ["let the history be longer, with reads after every change, by the process that made it"]


def _named(problem: Problem, spec: CompleteSpec, call: Call) -> str:
    label = problem.label(call)
    return f"{short_name(label.f, call.began)} ({spec.describe_op(label)})"
