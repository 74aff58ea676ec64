"""The exit codes of every command: what scripts may rely on.

A usage error never looks like a finding, nor a crash of chaoskit like either of the two. `--exit-zero` makes a violation
and an unknown verdict into 0, and nothing else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaoskit.core.verdict import Verdict


class ExitCode(IntEnum):
    """What a command's exit code means."""

    VALID = 0
    VIOLATION = 1
    USAGE = 2
    UNKNOWN = 3
    BROKEN = 4
    DIFFERENT = 5
    INTERRUPTED = 130
    TERMINATED = 143


def exit_code_of(verdict: Verdict, *, exit_zero: bool = False) -> ExitCode:
    """The exit code of a verdict."""
    if verdict.is_valid or exit_zero:
        return ExitCode.VALID
    return ExitCode.VIOLATION if verdict.is_invalid else ExitCode.UNKNOWN
