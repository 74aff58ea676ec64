"""`chaoskit check`: judges a history that came from elsewhere. Nothing is written."""

from __future__ import annotations

import dataclasses
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode, exit_code_of
from chaoskit.cli.suggest import formats, specs
from chaoskit.cli.values import parse_budget
from chaoskit.core.errors import UsageError
from chaoskit.core.units import plural
from chaoskit.core.verdict import Budget, Verdict, Violation, plain

if TYPE_CHECKING:
    from chaoskit.core.history import History

ANOMALIES_TOLD = 10

File = Annotated[str, typer.Argument(metavar="FILE", help="A history, or a run directory.")]
Spec = Annotated[
    str | None,
    typer.Option(
        "--spec",
        metavar="SPEC",
        help="What the objects promise: cas-register:initial=0 (see 'chaoskit list specs').",
        autocompletion=specs,
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="How the file is written; else told by its content.", autocompletion=formats),
]
Keyed = Annotated[bool, typer.Option("--keyed", help="Every value is a [key value] pair, as in Jepsen's independent tests.")]


def check(
    file: File,
    *,
    spec: Spec = None,
    format_: Format = None,
    keyed: Keyed = False,
    budget: options.Budget = None,
    json: options.Json = False,
    color: options.Color = "auto",
    quiet: options.Quiet = 0,
    exit_zero: options.ExitZero = False,
) -> ExitCode:
    """Judge a history by linearizability: could its operations have happened one at a time, as the specification says?"""
    from chaoskit.check import Linearizable, run_checkers
    from chaoskit.spec import spec_from_text, spec_text
    from chaoskit.store.histories import read_history_file

    console = Console(color=color, quiet=quiet, json=json)
    if spec is None:
        raise UsageError(
            "expected a specification but got no --spec; write e.g. '--spec cas-register' (see 'chaoskit list specs')."
        )
    specification = spec_from_text(spec)
    limits = Budget() if budget is None else parse_budget(budget)
    begin = perf_counter()
    history = read_history_file(file, format=format_, keyed=keyed)
    parsed = perf_counter()
    verdict = run_checkers(history, [Linearizable(spec=specification)], budget=limits).parts[0]
    seconds = {"parse": parsed - begin, "check": perf_counter() - parsed}
    if json:
        console.emit(_object(verdict, history, spec_text(specification), seconds))
    else:
        _tell(verdict, history, spec_text(specification), console)
    return exit_code_of(verdict, exit_zero=exit_zero)


def _object(verdict: Verdict, history: History, spec: str, seconds: dict[str, float]) -> dict[str, object]:
    from chaoskit.reports.words import plain_json

    return {
        "verdict": str(verdict.status),
        "reason": verdict.reason,
        "spec": spec,
        "ops": history.count_types()["invoke"],
        "keys": verdict.results.get("keys"),
        "anomalies": [
            {
                "checker": violation.checker,
                "kind": violation.kind,
                "keys": plain_json(violation.keys),
                "ops": violation.ops,
                "summary": violation.summary,
                "sentences": [plain(sentence) for sentence in violation.sentences],
            }
            for violation in verdict.violations
        ],
        "configurations": verdict.results.get("configurations"),
        "seconds": seconds,
    }


def _tell(verdict: Verdict, history: History, spec: str, console: Console) -> None:
    if verdict.is_unknown:
        console.tell(f"{console.paint('UNKNOWN', 'doubtful')}  {verdict.reason}")
        return
    if verdict.is_valid:
        operations, keys, states = history.count_types()["invoke"], verdict.results["keys"], verdict.results["configurations"]
        size = f"{plural(operations, 'operation')}, {plural(keys, 'key')}"
        console.tell(f"{console.paint('VALID', 'good')}  linearizable {spec} · {size} · {plural(states, 'state')}")
        return
    told, number = verdict.violations[:ANOMALIES_TOLD], len(verdict.violations)
    more = f" · and {number - 1:,} more" if number > 1 else ""
    console.tell(f"{console.paint('INVALID', 'bad')}  {_headline(told[0])}{more}")
    for place, violation in enumerate(told):
        console.say()
        if place:
            console.say(f"{_headline(violation)}: {violation.summary}")
            console.say()
        for line in _explained(violation, history, console):
            console.say(line)
    if number > len(told):
        console.say(f"\n(showing {len(told)} of {number:,} anomalies; --json names them all)")


def _headline(violation: Violation) -> str:
    from chaoskit.reports.words import keys_text

    return " · ".join(filter(None, [violation.kind, keys_text(violation.keys)]))


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
