"""The `chaoskit` command: all commands in one place, and what becomes of everything that can go wrong in them.

Whose fault an error is decides its exit code (`exit_codes`) and its words: a person's input and a model's broken contract
are told in one sentence and never with a trace; a bug of ours says so, and what to send.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
import typer.main

from chaoskit.cli.check import check
from chaoskit.cli.completion import PROGRAM, VARIABLE, completion
from chaoskit.cli.console import Console
from chaoskit.cli.convert import convert
from chaoskit.cli.doctor import doctor
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.explain import explain
from chaoskit.cli.hash_seed import process_of_our_own
from chaoskit.cli.listing import list_kind
from chaoskit.cli.replay import replay
from chaoskit.cli.report import report
from chaoskit.cli.run import run
from chaoskit.cli.show import show
from chaoskit.cli.shrink import shrink
from chaoskit.cli.soak import soak
from chaoskit.cli.sweep import sweep
from chaoskit.core.errors import ChaoskitError, InternalError, UsageError
from chaoskit.core.termination import Termination

# Typer vendors the class that all its usage errors have in common, and gives it no public name.
TYPER_USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name=PROGRAM,
    help="Find consistency bugs in distributed systems: simulate, break, check, explain, and run it again.",
    epilog="Begin with 'chaoskit run'. Exit codes: see 'chaoskit explain exit-codes'.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for name, command, summary in (
    ("run", run, "Run a protocol under faults, judge what clients saw, report it."),
    ("soak", soak, "Run many seeds on all cores, a line a class of failures."),
    ("sweep", sweep, "Try every fault at every byte of a conversation."),
    ("replay", replay, "Run a kept run again exactly, and compare."),
    ("check", check, "Judge a history from elsewhere."),
    ("convert", convert, "Write a history in another format."),
    ("show", show, "Show a kept run: its verdict, and why."),
    ("shrink", shrink, "Make a kept run that fails smaller."),
    ("report", report, "Build the reports of a kept run."),
    ("list", list_kind, "List models, faults, checkers, bugs, runs …"),
    ("explain", explain, "Say what an anomaly or an exit code means."),
    ("doctor", doctor, "Check this installation and its determinism."),
    ("completion", completion, "Print what a shell needs to complete names."),
):
    app.command(name, short_help=summary)(command)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        Console().say(f"chaoskit {version('chaoskit')}")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Find consistency bugs in distributed systems: simulate, break, check, explain, and run it again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (of this process when None) and returns its exit code; nothing is raised."""
    termination = Termination()
    with process_of_our_own(arguments is None), termination.listening():
        code = _main(sys.argv[1:] if arguments is None else list(arguments), Console())
    return ExitCode.TERMINATED if termination.heard else code


def _main(words: list[str], console: Console) -> int:
    try:
        if VARIABLE in os.environ:
            from typer.completion import completion_init  # type: ignore[attr-defined]

            completion_init()
        elif not words:
            _main(["--help"], console)
            return ExitCode.USAGE
        code = typer.main.get_command(app).main(args=words, prog_name=PROGRAM, standalone_mode=False)
    except SystemExit as leaving:  # Typer, when nobody reads stdout any more; or when it answered a shell
        return leaving.code if isinstance(leaving.code, int) and VARIABLE in os.environ else ExitCode.VALID
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(console)
    except TYPER_USAGE_ERROR as error:
        return _misused(error, console)
    except UsageError as error:
        console.complain(str(error))
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001  # nothing may reach a person as a bare trace
        return _broken(error, console)
    if code == ExitCode.INTERRUPTED and not isinstance(code, ExitCode):  # Typer's own number: no command has told of it
        return _interrupted(console)
    return int(code or ExitCode.VALID)


def _interrupted(console: Console) -> ExitCode:
    console.complain("interrupted.")
    return ExitCode.INTERRUPTED


def _misused(error: Exception, console: Console) -> ExitCode:
    """A command line that Typer did not understand, in our words."""
    command = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
    if type(error).__name__ == "NoSuchOption":
        near = getattr(error, "possibilities", None)
        guess = f" Did you mean {min(near)!r}?" if near else ""
        message = f"unknown option {getattr(error, 'option_name', '')!r}.{guess}"
    else:
        message = _sentence(error.format_message())  # type: ignore[attr-defined]  # every Typer error has it
    console.complain(f"{message} See '{command} --help'.")
    return ExitCode.USAGE


def _sentence(text: str) -> str:
    """Typer's message as the middle of our line: it begins small and ends with a full stop."""
    text = re.sub(r"\s+", " ", text).strip()
    text = text[:1].lower() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _broken(error: Exception, console: Console) -> ExitCode:
    """A model that broke its contract, a store that could not keep a run, or a bug of ours."""
    if isinstance(error, ChaoskitError) and not isinstance(error, InternalError):
        console.complain(str(error))
        return ExitCode.BROKEN
    from importlib.metadata import version

    facts = [f"chaoskit {version('chaoskit')}", f"Python {platform.python_version()}"]
    directory, seed = getattr(error, "directory", None), getattr(error, "seed", None)
    if seed is not None:
        facts.insert(0, f"seed {seed}")
    if directory is not None and (directory / "log.txt").is_file():
        request, where = f"The run is saved in {directory}; please", "trace in log.txt"
    else:
        console.note("".join(traceback.format_exception(error)).rstrip())
        request, where = "Please", "the trace above"
    console.complain(f"this is a bug in chaoskit. {request} file it with: {', '.join([*facts, where])}")
    return ExitCode.BROKEN
