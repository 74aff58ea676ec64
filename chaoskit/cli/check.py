"""`chaoskit check`: judges a history that came from elsewhere. Nothing is written."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.check_text import Judged, tell
from chaoskit.cli.consistency import LINEARIZABLE, checkers_of, parse_levels
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode, exit_code_of
from chaoskit.cli.searching import Searching
from chaoskit.cli.suggest import formats, levels, specs
from chaoskit.cli.values import parse_budget, parse_jobs
from chaoskit.core.errors import UsageError
from chaoskit.core.verdict import Budget, Verdict, Violation, plain

if TYPE_CHECKING:
    from chaoskit.check.weak.staleness import Staleness
    from chaoskit.core.history import History

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
    bool | None,
    typer.Option(
        "--power/--no-power",
        show_default=False,
        help="Of a valid history: how much of what could have gone wrong would it have shown? Told unasked where it is quick.",
    ),
]
Order = Annotated[
    bool,
    typer.Option("--order", help="Tell the order that explains a valid history; of a bad one how far any gets, and why."),
]
All = Annotated[bool, typer.Option("--all", help="Search and explain every key, also after one that violates what is promised.")]
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
    power: Power = None,
    order: Order = False,
    all_: All = False,
    jobs: Jobs = "auto",
    budget: options.Budget = None,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    exit_zero: options.ExitZero = False,
) -> ExitCode:
    """Judge a history: could its operations have happened one at a time, as the specification says? Or keep a weaker promise?"""
    from chaoskit.catalogue import spec_named
    from chaoskit.check import run_checkers
    from chaoskit.cli.remarks import remarks
    from chaoskit.spec import spec_text
    from chaoskit.spec.contract import WrongInputError
    from chaoskit.store.histories import read_history_file

    console = Console(color=color, quiet=quiet, json=json, progress=not no_progress)
    levels = parse_levels(consistency)
    specification = None if spec is None else spec_named(spec)
    limits = Budget() if budget is None else parse_budget(budget)
    with Searching(console, limits) as searching:
        checkers = checkers_of(
            levels,
            specification,
            power=False if power is None and quiet and not json else power,  # nobody would be told
            jobs=parse_jobs(jobs),
            every_key=all_,
            witness=True if order else None,
            watch=searching.watch,
        )
        begin = perf_counter()
        searching.reading(file)
        history = read_history_file(file, format=format_, keyed=keyed)
        parsed = perf_counter()
        searching.judging(len(history))
        try:
            verdict = run_checkers(history, checkers, budget=limits)
        except WrongInputError as error:  # nobody's model: it stands in the file
            raise UsageError(f"{file}: {error}") from error
    seconds = {"parse": parsed - begin, "check": perf_counter() - parsed}
    judged = Judged(
        history,
        verdict,
        None if specification is None else spec_text(specification),
        _staleness(history, verdict, specification),
        order,
    )
    for remark in remarks(history, keyed=keyed):
        console.note(f"note: {remark}")
    if json:
        console.emit(_object(judged, seconds))
    else:
        tell(judged, console)
    return exit_code_of(verdict, exit_zero=exit_zero)


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
        "keys_not_explained": sum(part.results.get("keys-not-explained", 0) for part in verdict.parts),
        "anomalies": [
            {
                "checker": violation.checker,
                "kind": violation.kind,
                "keys": plain_json(violation.keys),
                "ops": violation.ops,
                "summary": violation.summary,
                "sentences": [plain(sentence) for sentence in violation.sentences],
                **_stuck(violation),
            }
            for violation in verdict.all_violations()
        ],
        "witness": plain_json(next((part.results["witness"] for part in verdict.parts if "witness" in part.results), None)),
        "staleness": None if bound is None else {"lower": bound.lower, "upper": bound.upper, "key": plain_json(bound.key)},
        "power": next((part.results["power"] for part in verdict.parts if "power" in part.results), None),
        "configurations": sum(part.results.get("configurations", 0) for part in verdict.parts),
        "seconds": seconds,
    }


def _stuck(violation: Violation) -> dict[str, object]:
    """Where no order goes on: one of what completed before, what is possible after such, and what was under way."""
    data = violation.data
    if violation.checker != LINEARIZABLE:
        return {}
    return {
        "order": violation.order,
        "states": data["states"],
        "states_count": data["states-count"],
        "pending": data["pending"],
        "previous_ok": data["previous-ok"],
    }
