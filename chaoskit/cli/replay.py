"""`chaoskit replay`: the same run once more, compared with its recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode, exit_code_of
from chaoskit.cli.hash_seed import pin_hash_seed_of

if TYPE_CHECKING:
    from chaoskit.replay import Replay


def replay(
    run: options.Planned,
    *,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = 0,
    exit_zero: options.ExitZero = False,
) -> ExitCode:
    """Run a kept run again from its saved plan, and compare it with the recording, event by event.

    Exits with 5 when it differs, else with the verdict's code. Nothing is written.
    """
    pin_hash_seed_of(run)
    from chaoskit.cli.watching import Watching
    from chaoskit.replay import replay as replay_run

    console = Console(color=color, quiet=quiet, verbose=verbose, json=json, progress=not no_progress)
    again = replay_run(run, watcher=Watching(console))
    if json:
        _emit(again, console)
    else:
        _tell(again, console)
    if again.difference is not None:
        return ExitCode.DIFFERENT
    if again.error is not None:
        console.complain(str(again.error))
        return ExitCode.BROKEN
    return ExitCode.INTERRUPTED if again.interrupted else exit_code_of(again.record.verdict, exit_zero=exit_zero)


def _emit(again: Replay, console: Console) -> None:
    from chaoskit.reports import run_object

    found = again.difference
    directory = None if again.recorded is None else again.recorded.directory
    console.emit(
        {
            **run_object(again.record),
            "seconds": {**again.seconds, "shrink": 0.0, "report": 0.0},
            "run": directory,
            "identical": again.identical,
            "changed": again.changed,
            "versions": {each.name: {"recorded": each.recorded, "now": each.now} for each in again.moved},
            "difference": None
            if found is None
            else {
                "level": found.level,
                "position": found.position,
                "time": found.time,
                "recorded": found.recorded,
                "replayed": found.replayed,
            },
        }
    )


def _tell(again: Replay, console: Console) -> None:
    from chaoskit.reports import render_text

    console.say()
    for line in comparison_lines(again, console):
        console.tell(line)
    text = render_text(again.record, color=console.color, width=console.width)
    if console.quiet:
        console.tell(text.partition("\n")[0])
    else:
        console.say()
        console.put(text)


def comparison_lines(again: Replay, console: Console) -> list[str]:
    """Whether it is the same run, and if not, what differs first and what may be why."""
    from chaoskit.core.outcome import DIGEST_LEVELS

    found, recorded = again.difference, again.recorded
    if recorded is None:
        return ["REPLAYED   a bare plan: there is no recording to compare with"]
    if again.identical is None:
        return ["REPLAYED   not to the end, so that nothing was compared"]
    if found is None:
        same = "as far as the recording goes" if again.partial else f"full digest {recorded.manifest.digests['full']}"
        return [f"{console.paint('IDENTICAL', 'good')}  to {_name(recorded.directory)}: {same}", *_changes(again)]
    equal = DIGEST_LEVELS[: DIGEST_LEVELS.index(found.level)]
    before = f" (the {' and '.join(equal)} {'is' if len(equal) == 1 else 'are'} equal)" if equal else ""
    return [
        f"{console.paint('DIFFERENT', 'bad')}  from {_name(recorded.directory)} in {_level(found.level)}{before}",
        f"  first at {_place(found.level)} {found.position:,}:",
        f"  recorded  {found.recorded or 'nothing: it had ended'}",
        f"  replayed  {found.replayed or 'nothing: it had ended'}",
        *_changes(again),
    ]


def _changes(again: Replay) -> list[str]:
    from chaoskit.replay import ENGINE

    code = [
        "  chaoskit's own code is different from the recording's"
        if name == ENGINE
        else f"  the model's code is different from the recording's: {name}"
        for name in again.changed
    ]
    return [*code, *(f"  {each.name} {each.recorded} then, {each.now or 'none'} now" for each in again.moved)]


def _level(level: str) -> str:
    return {
        "history": "the history, what clients saw",
        "journal": "the journal, what the cluster did",
        "full": "log lines alone",
    }[level]


def _place(level: str) -> str:
    return "event" if level == "history" else "journal entry"


def _name(directory: str | None) -> str:
    return "the recording" if directory is None else Path(directory).name
