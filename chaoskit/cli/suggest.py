"""What the shell offers when somebody presses Tab: names of the tables and of the runs that are kept here.

The rooms are imported when a name is asked for, never for help.
"""

from __future__ import annotations

from collections.abc import Iterable

from chaoskit.core.errors import ChaoskitError

Suggestions = list[tuple[str, str]]  # (name, one line about it)


def models(incomplete: str) -> Suggestions:
    from chaoskit.catalogue import model_named, model_names

    return _starting(incomplete, ((name, model_named(name).about) for name in model_names()))


def workloads(incomplete: str) -> Suggestions:
    from chaoskit.workloads import WORKLOADS

    return _starting(incomplete, ((name, workload.summary) for name, workload in WORKLOADS.items()))


def bugs(incomplete: str) -> Suggestions:
    from chaoskit.catalogue import model_named, model_names

    return _starting(incomplete, ((bug.name, bug.summary) for name in model_names() for bug in model_named(name).bugs))


def conversations(incomplete: str) -> Suggestions:
    from chaoskit.catalogue import CONVERSATIONS, conversation_named

    return _starting(incomplete, ((name, conversation_named(name).summary) for name in CONVERSATIONS))


def nemeses(incomplete: str) -> Suggestions:
    """Families of faults; after a comma or a semicolon, the next one."""
    from chaoskit.nemeses import NEMESES

    cut = max(incomplete.rfind(","), incomplete.rfind(";")) + 1
    before, last = incomplete[:cut], incomplete[cut:]
    return [(before + name, about) for name, about in _starting(last, ((name, each.summary) for name, each in NEMESES.items()))]


def specs(incomplete: str) -> Suggestions:
    from chaoskit.spec import SPECS

    return _starting(incomplete, ((name, entry.summary) for name, entry in SPECS.items()))


def levels(incomplete: str) -> Suggestions:
    """Levels of consistency; after a comma, the next one."""
    from chaoskit.cli.consistency import level_names

    cut = incomplete.rfind(",") + 1
    return [(incomplete[:cut] + name, about) for name, about in _starting(incomplete[cut:], level_names().items())]


def formats(incomplete: str) -> Suggestions:
    from chaoskit.formats.table import FORMATS

    return _starting(incomplete, ((name, entry.summary) for name, entry in FORMATS.items()))


def written_formats(incomplete: str) -> Suggestions:
    from chaoskit.formats.table import FORMATS

    return _starting(incomplete, ((name, entry.summary) for name, entry in FORMATS.items() if entry.write))


def runs(incomplete: str) -> Suggestions:
    from chaoskit.store.runs import list_runs

    try:
        rows = list_runs()
    except ChaoskitError:
        return []
    known = [("latest", "the newest run")] if rows else []
    return _starting(incomplete, [*known, *((row.name, row.verdict or "not finished") for row in rows)])


def _starting(incomplete: str, names: Iterable[tuple[str, str]]) -> Suggestions:
    return [(name, about) for name, about in names if name.startswith(incomplete)]
