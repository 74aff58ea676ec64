"""Colour, bars and streams: who sees what, where."""

from __future__ import annotations

import io

import pytest

from chaoskit.check.watch import Progress
from chaoskit.cli import console as console_module
from chaoskit.cli.console import Console, cells, wants_color
from chaoskit.cli.searching import Searching
from chaoskit.core.errors import UsageError
from chaoskit.core.verdict import Budget


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("color", "terminal", "environment", "wanted"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_goes_by_flag_then_environment_then_terminal(
    color: str, terminal: bool, environment: dict[str, str], wanted: bool
) -> None:
    """--color wins; NO_COLOR beats FORCE_COLOR; empty variables do not count; a dumb terminal has none."""
    assert wants_color(color, Terminal() if terminal else io.StringIO(), environment) is wanted


def test_another_word_for_color_is_refused() -> None:
    """Whole message."""
    with pytest.raises(UsageError, match=r"^expected auto, always or never but got color='red'\.$"):
        wants_color("red", io.StringIO(), {})


@pytest.mark.parametrize(
    ("stream", "environment", "options", "moves"),
    [
        (Terminal(), {}, {}, True),
        (io.StringIO(), {}, {}, False),
        (Terminal(), {"CI": "true"}, {}, False),
        (Terminal(), {"TERM": "dumb"}, {}, False),
        (Terminal(), {}, {"progress": False}, False),
        (Terminal(), {}, {"verbose": 1}, False),
        (Terminal(), {}, {"quiet": 1}, False),
    ],
)
def test_a_bar_moves_only_where_somebody_watches(
    stream: io.StringIO, environment: dict[str, str], options: dict[str, int], moves: bool
) -> None:
    """On stderr of a terminal, and not under CI, on a dumb terminal, or with --no-progress, -v or -q."""
    out = io.StringIO()
    console = Console(stdout=out, stderr=stream, environment=environment, **options)  # type: ignore[arg-type]
    stream.truncate(0)
    bar = console.bar("simulate", 100)
    bar.update(50, "50/100 ops")
    bar.clear()
    assert bool(stream.getvalue()) is moves
    assert out.getvalue() == ""
    if moves:
        assert "simulate ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 50/100 ops" in stream.getvalue()
        assert stream.getvalue().endswith("\r\x1b[2K")


def test_a_bar_never_overflows() -> None:
    """More done than was planned is a full bar; nothing planned divides by nothing."""
    assert cells(300, 100) == "━" * 20
    assert cells(0, 1) == "╌" * 20


def test_quiet_and_json_keep_to_their_word() -> None:
    """-q keeps what is important, -qq errors alone; with json stdout holds the object alone."""
    for options, expected in (
        ({}, "story\nverdict\n"),
        ({"quiet": 1}, "verdict\n"),
        ({"quiet": 2}, ""),
        ({"json": True}, "{}\n"),
    ):
        out, err = io.StringIO(), io.StringIO()
        console = Console(stdout=out, stderr=err, environment={}, **options)  # type: ignore[arg-type]
        console.say("story")
        console.tell("verdict")
        if console.json:
            console.emit({})
        console.complain("no", "advice")
        assert (out.getvalue(), err.getvalue()) == (expected, "error: no\nadvice\n")


def test_a_stream_without_our_characters_gets_others() -> None:
    """An ASCII terminal sees question marks instead of a crash."""
    raw = io.BytesIO()
    console = Console(stdout=io.TextIOWrapper(raw, encoding="ascii"), environment={})
    console.say("k3 → 4")
    assert raw.getvalue() == b"k3 ? 4\n"


def test_a_closed_pipe_ends_the_output_and_not_the_run() -> None:
    """`chaoskit run | head -1`: nothing is raised, and the exit code stays the verdict's."""

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    Console(stdout=Closed(), environment={}).say("story")


def test_a_check_draws_how_far_it_is_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read, then how many answers are placed and what was spent, and nothing is left of it; nobody else is told."""
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    console = Console(stdout=io.StringIO(), stderr=stream, environment={})
    with Searching(console, Budget(wall_seconds=9)) as searching:
        searching.reading("hard.edn")
        searching.judging(2_000)
        assert searching.watch is not None
        monkeypatch.setattr(console_module, "BAR_SECONDS", 0.0)
        searching.judging(2_000)  # the next is drawn at once
        searching.watch(Progress(place=2, objects=3, key="x", answers=500, answers_all=1_000, configurations=4_096))
    told = stream.getvalue().split("\r\x1b[2K")
    assert "check ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ reading hard.edn" in told
    assert "check ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 2,000 events" in told
    assert told[-2].startswith("check ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 500 of 1,000 answers placed of key x (2 of 3)")
    assert told[-1] == ""
    with Searching(Console(stdout=io.StringIO(), stderr=io.StringIO(), environment={}), Budget()) as unwatched:
        assert unwatched.watch is None


def test_a_bar_is_no_wider_than_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """What wraps could not be drawn over."""
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Console(stdout=io.StringIO(), stderr=stream, environment={}).bar("check", 9).update(1, "x" * 90)
    assert len(stream.getvalue().removeprefix("\r\x1b[2K")) == 39
