"""Values as people type them on the command line, in the environment and in a configuration file. Nothing here draws or runs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import SECOND, parse_duration
from chaoskit.core.verdict import Budget
from chaoskit.shrink.contract import ShrinkBudget

NO_REPORT = "none"
AUTO = "auto"  # as many processes as there are cores
GITHUB = "github"  # no file: what is told where a GitHub job listens
RANDOM_SEED_BYTES = 4  # short enough to be read aloud

_WHOLE = re.compile(r"^([+-]?\d[\d_,]*)(k|M|G)?$")
_SCALES = {None: 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def parse_seed(text: str, *, name: str = "seed") -> int:
    """A seed: a whole number, hexadecimal with 0x, or `random`. Raises `UsageError`."""
    if text == "random":  # the one place where chance from outside enters
        return int.from_bytes(os.urandom(RANDOM_SEED_BYTES), "big")
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        raise UsageError(
            f"expected a seed (a whole number, hexadecimal such as 0x2a, or random) but got {name}={text!r}."
        ) from None


def parse_number(text: str, *, name: str) -> int:
    """A whole number, `2000`, `2_000`, `2k` or `2M`. Raises `UsageError`."""
    match = _WHOLE.match(text.strip())
    if match is None:
        raise UsageError(f"expected a whole number such as 2000 or 2k but got {name}={text!r}.")
    return int(match[1].replace("_", "").replace(",", "")) * _SCALES[match[2]]


def parse_count(text: str, *, name: str) -> int:
    """How many of something: a whole number from 1. Raises `UsageError`."""
    number = parse_number(text, name=name)
    if number < 1:
        raise UsageError(f"expected at least 1 but got {name}={text!r}.")
    return number


def parse_span(text: str, *, name: str) -> int:
    """A duration that is not nothing, in ns. Raises `UsageError`."""
    span = parse_duration(text, name=name)
    if span < 1:
        raise UsageError(f"expected a duration of more than nothing but got {name}={text!r}.")
    return span


def parse_truth(text: str, *, name: str) -> bool:
    """True or false, as people write them. Raises `UsageError`."""
    if text.lower() not in _TRUTHS:
        raise UsageError(f"expected true or false but got {name}={text!r}.")
    return _TRUTHS[text.lower()]


def parse_text(text: str, *, name: str) -> str:
    """A text that must not be empty. Raises `UsageError`."""
    if not text.strip():
        raise UsageError(f"expected a value but got {name}={text!r}.")
    return text


def parse_parameter(text: str, *, name: str = "param") -> tuple[str, str]:
    """(name, value) of `name=value`. Raises `UsageError`."""
    parameter, equals, value = text.partition("=")
    if not equals or not parameter.strip():
        raise UsageError(f"expected name=value but got {name}={text!r}; write e.g. '--param keys=3'.")
    return parameter.strip(), value.strip()


def parse_budget(text: str, *, name: str = "budget") -> Budget:
    """What a check may spend, from `states=2M,wall=60s`. Raises `UsageError`."""
    configurations, wall = _limits(text, counted="states", most=Budget().configurations, example="states=2M,wall=60s", name=name)
    return Budget(configurations=configurations, wall_seconds=wall)


def parse_shrink_budget(text: str, *, name: str = "budget") -> ShrinkBudget:
    """What shrinking may spend, from `runs=500,wall=60s`. Raises `UsageError`."""
    runs, wall = _limits(text, counted="runs", most=ShrinkBudget().runs, example="runs=500,wall=60s", name=name)
    return ShrinkBudget(runs=runs, wall_seconds=wall)


def _limits(text: str, *, counted: str, most: int, example: str, name: str) -> tuple[int, float | None]:
    """(`most` unless the text says how many of what is counted, seconds by the wall's clock or None)."""
    wall = None
    for part in text.split(","):
        what, _, value = (piece.strip() for piece in part.partition("="))
        if what == counted:
            most = parse_count(value, name=f"{name} {counted}")
        elif what == "wall":
            wall = parse_span(value, name=f"{name} wall") / SECOND
        else:
            raise UsageError(f"{unknown_name('limit', what, [counted, 'wall'])} Write e.g. {name}={example!r}.")
    return most, wall


def parse_jobs(text: str, *, name: str = "jobs") -> int:
    """How many processes: a whole number from 1, or `auto` for one a core. Raises `UsageError`."""
    if text == AUTO:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return parse_count(text, name=name)


def parse_reports(text: str, *, name: str = "report", known: Sequence[str] | None = None) -> tuple[str, ...]:
    """Which reports to write: some of the known (of a run: html, txt, json, junit and github), or none. Raises `UsageError`."""
    if known is None:
        from chaoskit.session import REPORTS

        known = (*REPORTS, GITHUB)
    words = [word.strip() for word in text.split(",")]
    if words == [NO_REPORT]:
        return ()
    for word in words:
        if word not in known:
            raise UsageError(f"{unknown_name('report', word, [*known, NO_REPORT])} Write e.g. {name}='html,txt'.")
    return tuple(report for report in known if report in words)
