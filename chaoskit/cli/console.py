"""What goes where: results to stdout, progress and errors to stderr, colour and a moving bar only where somebody looks at them.

With `--json` stdout holds one object and nothing else. Off a terminal every line is stable: nothing moves, and no wall time
is printed but for the rates of a soak.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

from chaoskit.core.errors import UsageError

COLORS = ("auto", "always", "never")
PLAIN_WIDTH = 100  # where nobody says how wide the window is
NARROWEST = 60
BAR_CELLS = 20
BAR_SECONDS = 0.1  # between two drawings

_CODES = {"bold": "1", "good": "1;32", "bad": "1;31", "doubtful": "1;33"}


class Console:
    """Where a command writes. `quiet` 1 keeps what is important only, 2 nothing but errors; `verbose` shows more, and no bar."""

    def __init__(
        self,
        *,
        color: str = "auto",
        quiet: int = 0,
        verbose: int = 0,
        json: bool = False,
        progress: bool = True,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._stdout = sys.stdout if stdout is None else stdout
        self._stderr = sys.stderr if stderr is None else stderr
        self._environment = os.environ if environment is None else environment
        self.quiet, self.verbose, self.json = quiet, verbose, json
        self.color = wants_color(color, self._stdout, self._environment)
        self._colors_errors = wants_color(color, self._stderr, self._environment)
        self.moves = progress and not quiet and not verbose and self._may_move(self._stderr)
        self.is_live = self._may_move(self._stdout)  # somebody watches: wall times and bars are welcome

    @property
    def width(self) -> int:
        """How many columns a line may have."""
        if not self._stdout.isatty():
            return PLAIN_WIDTH
        return max(NARROWEST, min(PLAIN_WIDTH, shutil.get_terminal_size().columns))

    def say(self, text: str = "") -> None:
        """A line for people who want the whole story."""
        if not self.quiet and not self.json:
            self._write(self._stdout, text)

    def tell(self, text: str) -> None:
        """A line that stays with `-q`: the verdict."""
        if self.quiet < 2 and not self.json:
            self._write(self._stdout, text)

    def detail(self, text: str) -> None:
        """A line that only `-v` shows."""
        if self.verbose:
            self.say(text)

    def note(self, text: str) -> None:
        """A remark that belongs to no result; on stderr, so that stdout stays what was asked for."""
        if self.quiet < 2:
            self._write(self._stderr, text)

    def complain(self, message: str, *advice: str) -> None:
        """An error, on stderr, whatever else is quiet."""
        word = "\x1b[1;31merror:\x1b[0m" if self._colors_errors else "error:"
        self._write(self._stderr, "\n".join([f"{word} {message}", *advice]))

    def emit(self, value: object) -> None:
        """The one object of `--json`."""
        self._write(self._stdout, json.dumps(value, indent=1, allow_nan=False))

    def put(self, text: str) -> None:
        """Text that was asked for as such, without a line's end of its own."""
        self._write(self._stdout, text, end="")

    def paint(self, text: str, how: str) -> str:
        """The text in a colour that repeats its meaning, where there are colours."""
        return f"\x1b[{_CODES[how]}m{text}\x1b[0m" if self.color else text

    def bar(self, name: str, whole: int) -> Bar:
        """A bar of progress; it draws nothing where nobody looks."""
        return Bar(name, whole, self._stderr if self.moves else None)

    def _may_move(self, stream: TextIO) -> bool:
        return stream.isatty() and not self._environment.get("CI") and self._environment.get("TERM") != "dumb"

    def _write(self, stream: TextIO, text: str, *, end: str = "\n") -> None:
        try:
            stream.write(f"{text}{end}")
            stream.flush()
        except BrokenPipeError:
            _close(stream)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(f"{text}{end}".encode(encoding, "replace").decode(encoding))
            stream.flush()


class Bar:
    """How far something is, on one line that is drawn over and taken away at the end."""

    def __init__(self, name: str, whole: int, stream: TextIO | None) -> None:
        self._name = name
        self._whole = max(1, whole)
        self._stream = stream
        self._due = 0.0

    def update(self, done: int, text: str) -> None:
        """Draws it anew, at most some times a second."""
        if self._stream is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + BAR_SECONDS
        line = f"{self._name} {cells(done, self._whole)} {text}"
        columns = shutil.get_terminal_size().columns
        self._stream.write(f"\r\x1b[2K{line[: columns - 1]}")  # what wraps could not be drawn over
        self._stream.flush()

    def clear(self) -> None:
        if self._stream is not None and self._due:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


def cells(done: int, whole: int) -> str:
    """A bar of characters."""
    full = min(BAR_CELLS, BAR_CELLS * done // whole)
    return "━" * full + "╌" * (BAR_CELLS - full)


def wants_color(color: str, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour: the flag, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal that can.

    Raises `UsageError` for another word than auto, always or never.
    """
    if color not in COLORS:
        raise UsageError(f"expected auto, always or never but got color={color!r}.")
    if color != "auto":
        return color == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def _close(stream: TextIO) -> None:
    """Nobody reads this stream any more (`| head`): what follows goes nowhere, and the exit code stays the verdict's."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
