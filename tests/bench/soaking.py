"""How many runs a second a soak makes with one process and with two, measured in turn, for machines are shared.

Each soak is the command itself, and the figures are its own, from when its first process is ready. The ratio by the clock on the
wall means something only where both processes have a core: a busy machine may give a second process nothing at all (Linux shares
processors among sessions, not processes). So there is a second one, of what is ours to answer for: the runs in a second of
processor time, less for the time in which processes had nothing to do. Two processes that share no more than a machine make
twice as many of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from statistics import median

MODEL = "abd"
RUNS = 60
ROUNDS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Soaked:
    """A soak's figures: runs a second, what they would be with a core a process, and virtual to real time."""

    runs_per_second: float
    with_cores: float
    virtual_to_real: float


def soaked(jobs: int, *, runs: int = RUNS) -> Soaked:
    """A soak of a correct model with so many processes."""
    words = ["-m", "chaoskit.cli", "soak", MODEL, "--seed", "1", "--runs", str(runs), "--jobs", str(jobs), "--json"]
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True, text=True)
    wall = json.loads(answer.stdout)["wall"]
    return Soaked(
        runs_per_second=wall["runs_per_second"],
        with_cores=jobs * runs / (wall["busy"] + wall["waited"]),
        virtual_to_real=wall["virtual_to_real"],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How many times the runs a second of one process two make, round by round; and the median soaks with one and with two."""

    by_the_clock: list[float]
    with_cores: list[float]
    one: Soaked
    two: Soaked


def two_to_one(rounds: int = ROUNDS) -> Comparison:
    """One process and two in turn."""
    ones: list[Soaked] = []
    twos: list[Soaked] = []
    for number in range(rounds):  # what went first goes second next time: neither has the quieter half of each round
        for jobs in (1, 2) if number % 2 else (2, 1):
            (ones if jobs == 1 else twos).append(soaked(jobs))
    pairs = list(zip(ones, twos, strict=True))
    return Comparison(
        by_the_clock=[two.runs_per_second / one.runs_per_second for one, two in pairs],
        with_cores=[two.with_cores / one.with_cores for one, two in pairs],
        one=_median(ones),
        two=_median(twos),
    )


def _median(soaks: list[Soaked]) -> Soaked:
    return Soaked(
        runs_per_second=median(soak.runs_per_second for soak in soaks),
        with_cores=median(soak.with_cores for soak in soaks),
        virtual_to_real=median(soak.virtual_to_real for soak in soaks),
    )
