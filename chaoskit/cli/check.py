"""`chaoskit check`: judges a history that came from elsewhere. Nothing is written."""

from __future__ import annotations

import dataclasses
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.consistency import LINEARIZABLE, checkers_of, parse_levels
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode, exit_code_of
from chaoskit.cli.suggest import formats, levels, specs
from chaoskit.cli.values import parse_budget, parse_jobs
from chaoskit.core.units import plural
from chaoskit.core.verdict import Budget, Verdict, Violation, plain

if TYPE_CHECKING:
    from chaoskit.check.weak.staleness import Staleness
    from chaoskit.core.history import History

ANOMALIES_TOLD = 10
STALENESS_EVENTS_MAX = 200_000  # of a history whose staleness is told beside a verdict: it must not take longer than that

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
Consistency = Annotated[
    str,
    typer.Option(
        "--consistency",
        metavar="LEVELS",
        help="What is promised: linearizable (it alone needs --spec), sequential, causal, pram, session or one of its four.",
        autocompletion=levels,
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="How the file is written; else told by its content.", autocompletion=formats),
]
Power = Annotated[
    bool,
    typer.Option("--power", help="Of a valid history: how much of what could have gone wrong would it have shown?"),
]
All = Annotated[bool, typer.Option("--all", help="Search every key, also after one that violates what is promised.")]
Jobs = Annotated[
    str,
    typer.Option(
        "--jobs",
        metavar="N",
        help="How many processes search hard keys at once: a number, or auto for one a core. They find what one finds.",
    ),
]
Keyed = Annotated[bool, typer.Option("--keyed", help="Every value is a [key value] pair, as in Jepsen's independent tests.")]


def check(
    file: File,
    *,
    spec: Spec = None,
    consistency: Consistency = LINEARIZABLE,
    format_: Format = None,
    keyed: Keyed = False,
    power: Power = False,
    all_: All = False,
    jobs: Jobs = "auto",
    budget: options.Budget = None,
    json: options.Json = False,
    color: options.Color = "auto",
    quiet: options.Quiet = 0,
    exit_zero: options.ExitZero = False,
) -> ExitCode:
    """Judge a history: could its operations have happened one at a time, as the specification says? Or keep a weaker promise?"""
    from chaoskit.catalogue import spec_named
    from chaoskit.check import run_checkers
    from chaoskit.spec import spec_text
    from chaoskit.store.histories import read_history_file

    console = Console(color=color, quiet=quiet, json=json)
    levels = parse_levels(consistency)
    specification = None if spec is None else spec_named(spec)
    checkers = checkers_of(levels, specification, power=power, jobs=parse_jobs(jobs), every_key=all_)
    limits = Budget() if budget is None else parse_budget(budget)
    begin = perf_counter()
    history = read_history_file(file, format=format_, keyed=keyed)
    parsed = perf_counter()
    verdict = run_checkers(history, checkers, budget=limits)
    seconds = {"parse": parsed - begin, "check": perf_counter() - parsed}
    judged = Judged(
        history, verdict, None if specification is None else spec_text(specification), _staleness(history, verdict, specification)
    )
    if json:
        console.emit(_object(judged, seconds))
    else:
        for place, part in enumerate(verdict.parts):
            if place and not verdict.parts[place - 1].is_valid:
                console.say()
            _tell(part, judged, console)
    return exit_code_of(verdict, exit_zero=exit_zero)


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """What was judged, and what came of it: a part of the verdict for each level."""

    history: History
    verdict: Verdict
    spec: str | None
    staleness: Staleness | None  # of registers that are not linearizable


def _staleness(history: History, verdict: Verdict, specification: object) -> Staleness | None:
    """How stale reads were, where that is the question: registers, of reads and writes, that are not linearizable."""
    from chaoskit.check.weak.staleness import staleness
    from chaoskit.spec.register import Register

    stale = any(part.is_invalid and part.checker == LINEARIZABLE for part in verdict.parts)
    if not isinstance(specification, Register) or not stale or len(history) > STALENESS_EVENTS_MAX:
        return None
    return staleness(history, initial=specification.initial, nil_read=specification.nil_read)


def _object(judged: Judged, seconds: dict[str, float]) -> dict[str, object]:
    from chaoskit.reports.words import plain_json

    verdict, bound = judged.verdict, judged.staleness
    return {
        "verdict": str(verdict.status),
        "reason": next((part.reason for part in verdict.parts if part.reason), None),
        "spec": judged.spec,
        "consistency": [
            {
                "name": part.checker,
                "verdict": str(part.status),
                "reason": part.reason,
                "configurations": part.results.get("configurations"),
            }
            for part in verdict.parts
        ],
        "ops": judged.history.count_types()["invoke"],
        "keys": max((part.results["keys"] for part in verdict.parts if "keys" in part.results), default=None),
        "keys_not_judged": sum(part.results.get("keys-not-judged", 0) for part in verdict.parts),
        "anomalies": [
            {
                "checker": violation.checker,
                "kind": violation.kind,
                "keys": plain_json(violation.keys),
                "ops": violation.ops,
                "summary": violation.summary,
                "sentences": [plain(sentence) for sentence in violation.sentences],
            }
            for violation in verdict.all_violations()
        ],
        "staleness": None if bound is None else {"lower": bound.lower, "upper": bound.upper, "key": plain_json(bound.key)},
        "power": next((part.results["power"] for part in verdict.parts if "power" in part.results), None),
        "configurations": sum(part.results.get("configurations", 0) for part in verdict.parts),
        "seconds": seconds,
    }


def _tell(part: Verdict, judged: Judged, console: Console) -> None:
    """One level's verdict. Linearizability alone needs no name where something is wrong: it is what the command is for."""
    named = len(judged.verdict.parts) > 1 or part.checker != LINEARIZABLE
    level = f"{part.checker} · " if named else ""
    if part.is_unknown:
        console.tell(f"{console.paint('UNKNOWN', 'doubtful')}  {level}{part.reason}")
        return
    if part.is_valid:
        size = f"{plural(judged.history.count_types()['invoke'], 'operation')}, {plural(part.results['keys'], 'key')}"
        what = part.checker if part.checker != LINEARIZABLE else f"{LINEARIZABLE} {judged.spec}"
        effort = f" · {plural(part.results['configurations'], 'state')}" if part.checker == LINEARIZABLE else ""
        console.tell(f"{console.paint('VALID', 'good')}  {what} · {size}{effort}")
        _tell_power(part, console)
        return
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
    if number > len(told):
        console.say(f"\n(showing {len(told)} of {number:,} anomalies; --json names them all)")
    if left := part.results.get("keys-not-judged"):
        console.say(f"\n({plural(left, 'key')} not judged after that; --all judges every one)")
    if part.checker == LINEARIZABLE and judged.staleness is not None:
        console.say(f"\n  {_staleness_text(judged.staleness)}")


def _tell_power(part: Verdict, console: Console) -> None:
    from chaoskit.reports.power import powers

    for power in powers([part]):
        console.say()
        for line in power.lines:
            console.say(f"  {line}")


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
