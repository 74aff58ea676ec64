"""What becomes of a run that ends before its time: Ctrl-C, kill -9, and a bug of ours."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Command

from chaoskit import session
from chaoskit.cli import listing
from chaoskit.cli.watching import Watching
from chaoskit.core.shrinking import Size
from chaoskit.session import chaoskit_version

ARGUMENTS = ("run", "mine.py:honest", "--seed", "1", "--rate", "2000", "--nemesis", "none", "--nodes", "3", "--ops")
SECONDS_MAX = 60


def _hear_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would what it starts in its turn."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _ignore_ctrl_c() -> None:
    """As a shell does to what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _started(journal: Path, *, ops: str, before: Callable[[], None] = _hear_ctrl_c) -> subprocess.Popen[str]:
    """A run in a process of its own, once its journal grows."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chaoskit.cli", *ARGUMENTS, ops],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )
    end = time.monotonic() + SECONDS_MAX
    while not (journal.is_file() and journal.stat().st_size > 10_000):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "the run did not begin to write its journal"
        time.sleep(0.02)
    return process


def test_ctrl_c_keeps_the_run_as_far_as_it_got(chaoskit: Command) -> None:
    """Exit code 130; the run is whole, unjudged, says why, and can be replayed and compared as far as it goes."""
    directory = Path(".chaoskit/runs/honest-1-1")
    process = _started(directory / "journal.bin", ops="1M")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 130
    assert "UNKNOWN  run: nothing was judged: interrupted (Ctrl-C)" in out
    manifest = json.loads((directory / "manifest.json").read_text())
    assert (manifest["complete"], manifest["interrupted"]) == (True, "interrupted (Ctrl-C)")
    again = chaoskit("replay", "latest", "-q")
    assert again.lines[0] == "IDENTICAL  to honest-1-1: as far as the recording goes"
    assert again.code == 0


@pytest.mark.parametrize("before", [_hear_ctrl_c, _ignore_ctrl_c])
def test_sigterm_keeps_the_run_as_far_as_it_got(chaoskit: Command, before: Callable[[], None]) -> None:
    """Exit code 143, also of a run in the background, where Ctrl-C is ignored; the run is whole and says why it ended."""
    directory = Path(".chaoskit/runs/honest-1-1")
    process = _started(directory / "journal.bin", ops="1M", before=before)
    process.terminate()
    out, err = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, err) == (143, "")
    assert "UNKNOWN  run: nothing was judged: terminated (SIGTERM)" in out
    manifest = json.loads((directory / "manifest.json").read_text())
    assert (manifest["complete"], manifest["interrupted"]) == (True, "terminated (SIGTERM)")
    assert chaoskit("replay", "latest", "-q").lines[0] == "IDENTICAL  to honest-1-1: as far as the recording goes"


def test_sigterm_while_a_run_is_shrunk_keeps_what_that_had_come_to(
    chaoskit: Command, quick: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 143; the story is there, fails in the same way, and says that shrinking was interrupted."""
    assert quick("liar", "--no-shrink").code == 1

    def sent(_watching: Watching, _before: Size, now: Size, _runs: int) -> None:
        if now.ops < 10:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(Watching, "shrinking", sent)
        printed = chaoskit("shrink", "latest", "--jobs", "1")
    assert (printed.code, printed.err) == (143, "")
    assert "interrupted" in printed.out
    story = chaoskit("replay", ".chaoskit/runs/liar-1-1/story", "--json")
    assert (story.code, story.object["identical"]) == (1, True)


def test_kill_9_leaves_a_run_that_says_so_and_what_was_recorded(chaoskit: Command) -> None:
    """The manifest is not complete, listing and showing say so, and the journal up to then is there and the same again."""
    directory = Path(".chaoskit/runs/honest-1-1")
    process = _started(directory / "journal.bin", ops="1500")
    process.kill()
    process.communicate(timeout=SECONDS_MAX)
    assert chaoskit("list", "runs").out.split()[-2:] == ["not", "finished"]
    shown = chaoskit("show", "latest")
    assert shown.code == 0
    assert shown.err.startswith("note: the run was not finished: killed, or still running. This is as far as it is recorded: ")
    assert "UNKNOWN  run: the run was not finished, so nothing was judged" in shown.out
    assert chaoskit("replay", "latest", "-q").lines[0] == "IDENTICAL  to honest-1-1: as far as the recording goes"


def test_a_bug_of_ours_says_what_to_send(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 4 and one line: where the run is, the seed, the versions; the trace is kept with the run."""

    def fails(*_: object, **__: object) -> None:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(session, "execute", fails)
    printed = quick()
    assert printed.code == 4
    assert printed.err == (
        "error: this is a bug in chaoskit. The run is saved in .chaoskit/runs/honest-1-1; please file it with: "
        f"seed 1, chaoskit {chaoskit_version()}, Python {platform.python_version()}, trace in log.txt\n"
    )
    assert "LookupError: nobody thought of this" in Path(".chaoskit/runs/honest-1-1/log.txt").read_text()


def test_a_bug_before_there_is_a_run_shows_its_trace(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else keeps it, and the seed is named all the same."""

    def fails(*_: object, **__: object) -> None:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(session, "draw", fails)
    printed = quick()
    assert printed.code == 4
    assert "LookupError: nobody thought of this" in printed.err
    assert printed.err.splitlines()[-1] == (
        "error: this is a bug in chaoskit. Please file it with: "
        f"seed 1, chaoskit {chaoskit_version()}, Python {platform.python_version()}, the trace above"
    )


def test_a_report_that_cannot_be_drawn_loses_nothing(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is whole before its reports are drawn; the trace joins what log.txt held."""

    def fails(_: object) -> bytes:
        raise LookupError("nobody thought of this")

    monkeypatch.setitem(session.REPORTS, "txt", fails)
    assert quick("honest", "--report", "txt").code == 4
    directory = Path(".chaoskit/runs/honest-1-1")
    assert json.loads((directory / "manifest.json").read_text())["complete"] is True
    log = (directory / "log.txt").read_text()
    assert log.startswith("chaoskit run mine.py:honest --seed 1 ")
    assert log.rstrip().endswith("LookupError: nobody thought of this")


def test_ctrl_c_while_it_is_judged_keeps_the_run(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was recorded is kept; the verdict is unknown and says why."""

    def interrupts(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "judge", interrupts)
    printed = quick()
    assert printed.code == 130
    assert "UNKNOWN  run: nothing was judged: interrupted (Ctrl-C) while it was judged" in printed.out


def test_a_second_ctrl_c_does_not_wait(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the run is saved: one line that says where what there is lies, and exit code 130."""

    def interrupts(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session.RunDirectory, "finish", interrupts)
    printed = quick()
    assert (printed.code, printed.err) == (
        130, "error: interrupted. What was recorded until then is in .chaoskit/runs/honest-1-1.\n",
    )  # fmt: skip


def test_ctrl_c_in_any_command_is_130(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, no trace."""

    def interrupts(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "_kinds", interrupts)
    printed = chaoskit("list")
    assert (printed.code, printed.err) == (130, "error: interrupted.\n")
