"""`chaoskit list`: what there is of each kind, a line each. Every kind is one table of the engine, or what is kept here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.core.errors import unknown_name

Row = dict[str, Any]  # name, summary, and more as JSON

Kind = Annotated[
    str | None,
    typer.Argument(
        metavar="KIND",
        help="What to list; the kinds themselves when left out.",
        autocompletion=lambda incomplete: [(name, about) for name, (about, _) in KINDS.items() if name.startswith(incomplete)],
    ),
]


def list_kind(kind: Kind = None, *, json: options.Json = False, color: options.Color = "auto") -> ExitCode:
    """List what there is: models, workloads, specs, nemeses, checkers, formats, bugs, conversations, or what is kept here."""
    console = Console(color=color, json=json)
    if kind is not None and kind not in KINDS:
        raise unknown_name("kind", kind, KINDS)
    rows = _kinds() if kind is None else KINDS[kind][1]()
    if json:
        console.emit(rows)
    elif rows:
        for line in _table(rows, COLUMNS.get(kind or "", ()), console, heading=HEADED.get(kind or "")):
            console.say(line)
    else:
        console.say(f"no {kind}")
    return ExitCode.VALID


def _kinds() -> list[Row]:
    return [{"name": name, "summary": summary} for name, (summary, _) in KINDS.items()]


def _models() -> list[Row]:
    from chaoskit.catalogue import model_named, model_names

    return [
        {
            "name": name,
            "summary": model.about,
            "workloads": list(model.clients),
            "nodes": sorted(set(model.nodes)),
            "parameters": _parameters(model.parameters),
            "invariants": [invariant.name for invariant in model.invariants],
            "bugs": [bug.name for bug in model.bugs],
        }
        for name, model in ((name, model_named(name)) for name in model_names())
    ]


def _workloads() -> list[Row]:
    from chaoskit.workloads import WORKLOADS

    return [
        {"name": name, "summary": workload.summary, "parameters": _parameters(workload.parameters)}
        for name, workload in WORKLOADS.items()
    ]


def _specs() -> list[Row]:
    from chaoskit.spec import SPECS

    return [
        {"name": name, "summary": entry.summary, "parameters": {each.name: each.summary for each in entry.parameters}}
        for name, entry in SPECS.items()
    ]


def _nemeses() -> list[Row]:
    from chaoskit.nemeses import NEMESES

    return [
        {
            "name": name,
            "summary": nemesis.summary,
            "options": {option.name: option.expects for option in nemesis.options.values()},
            "tactics": {tactic: each.summary for tactic, each in nemesis.tactics.items()},
        }
        for name, nemesis in NEMESES.items()
    ]


def _checkers() -> list[Row]:
    from chaoskit.check import CHECKERS

    return [{"name": name, "summary": entry.summary} for name, entry in CHECKERS.items()]


def _formats() -> list[Row]:
    from chaoskit.formats.table import FORMATS

    return [
        {"name": name, "summary": entry.summary, "extensions": list(entry.extensions), "writes": entry.write is not None}
        for name, entry in FORMATS.items()
    ]


def _bugs() -> list[Row]:
    from chaoskit.catalogue import model_named, model_names

    return [
        {
            "name": bug.name,
            "summary": bug.summary,
            "model": name,
            "expect": list(bug.expect),
            "workload": bug.workload,
            "nodes": bug.nodes,
            "parameters": dict(bug.parameters),
            "seeds": bug.seeds,
            "reason": bug.reason or None,
        }
        for name in model_names()
        for bug in model_named(name).bugs
    ]


def _conversations() -> list[Row]:
    from chaoskit.catalogue import CONVERSATIONS, conversation_named

    return [
        {"name": name, "summary": conversation.summary, "bugs": list(conversation.bugs)}
        for name, conversation in ((name, conversation_named(name)) for name in CONVERSATIONS)
    ]


def _runs() -> list[Row]:
    from chaoskit.store.runs import list_runs

    return [
        {
            "name": row.name,
            "summary": row.problem or (row.verdict if row.complete and row.verdict else "not finished"),
            "model": row.model,
            "workload": row.workload,
            "bug": row.bug,
            "seed": row.seed,
            "verdict": row.verdict,
            "complete": row.complete,
            "problem": row.problem,
        }
        for row in list_runs()
    ]


def _soaks() -> list[Row]:
    from chaoskit.store.soaks import list_soaks

    return [
        {
            "name": row.name,
            "summary": row.problem or ("not finished" if record is None or not record.complete else record.stopped or ""),
            "model": record.model if record else "",
            "bug": record.bug if record else None,
            "seed": record.seed if record else None,
            "runs": record.runs if record else None,
            "failures": record.failures if record else None,
            "classes": len(record.classes) if record else None,
            "complete": record is not None and record.complete,
            "problem": row.problem,
        }
        for row in list_soaks()
        for record in (row.record,)
    ]


def _sweeps() -> list[Row]:
    from chaoskit.store.sweeps import list_sweeps

    return [
        {
            "name": row.name,
            "summary": row.problem or (record.verdict if record else ""),
            "conversation": record.conversation if record else "",
            "bug": record.bug if record else None,
            "cells": len(record.cells) if record else None,
            "findings": len(record.findings) if record else None,
            "reproduce": record.reproduce if record else None,
            "problem": row.problem,
        }
        for row in list_sweeps()
        for record in (row.record,)
    ]


KINDS: Mapping[str, tuple[str, Callable[[], list[Row]]]] = {
    "models": ("the protocols that can be tested", _models),
    "workloads": ("what clients ask for", _workloads),
    "specs": ("what objects promise, for 'chaoskit check'", _specs),
    "nemeses": ("what can go wrong", _nemeses),
    "checkers": ("who judges", _checkers),
    "formats": ("how histories may be written", _formats),
    "bugs": ("the bugs planted in the protocols", _bugs),
    "conversations": ("what 'chaoskit sweep' can sweep", _conversations),
    "runs": ("the runs kept here, the newest first", _runs),
    "soaks": ("the soaks kept here, the newest first", _soaks),
    "sweeps": ("the sweeps kept here, the newest first", _sweeps),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {  # further columns of a table, between name and summary
    "models": ("workloads",),
    "bugs": ("model",),
    "runs": ("model", "workload", "bug", "seed"),
    "soaks": ("model", "bug", "seed", "runs", "failures", "classes"),
    "sweeps": ("conversation", "bug", "cells", "findings"),
}
# Tables that cannot be read without a heading, and what their summary is.
HEADED: Mapping[str, str] = {"runs": "verdict", "soaks": "ended by", "sweeps": "verdict"}


def _parameters(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: parameter.summary for name, parameter in parameters.items()}


def _table(rows: list[Row], more: tuple[str, ...], console: Console, *, heading: str | None) -> list[str]:
    columns = ("name", *more)
    texts = [[_cell(row[column]) for column in columns] for row in rows]
    heads = list(columns) if heading else [""] * len(columns)
    widths = [max(len(line[place]) for line in [heads, *texts]) for place in range(len(columns))]
    lines = []
    if heading:
        cells = [f"{head:<{width}}" for head, width in zip(heads, widths, strict=True)]
        lines.append("  ".join([*cells, heading]))
    for row, line in zip(rows, texts, strict=True):
        cells = [f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)]
        lines.append("  ".join([console.paint(cells[0], "bold"), *cells[1:], row["summary"]]).rstrip())
    return lines


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
