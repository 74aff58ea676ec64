"""What many runs of one model came to: a trial for each seed, failures in classes, and figures.

Everything but `wall` depends on the code, the settings and the seeds alone: the same soak gives the same record, however many
processes made it.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.shrinking import Size
from chaoskit.core.verdict import Fingerprint

SOAK_VERSION = 1
VALID, INVALID, UNKNOWN = "valid", "invalid", "unknown"
ERROR = "error"  # chaoskit or the model broke the run
LOST = "lost"  # the process that made the run died: nobody knows what it would have shown
STATUSES = (VALID, INVALID, UNKNOWN, ERROR, LOST)
ALL, TIME, FAILURES, INTERRUPTED = "runs", "time", "failures", "interrupted"  # what ends a soak


class Shape(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What a failure is and what it takes: its fingerprint, the kinds of fault without which it vanishes, what was asked.

    `faults` is found by experiment (`chaoskit.soak.shape`), or from the story where there is one; `functions` are those of the
    operations in the proof. Both are sorted.
    """

    fingerprint: Fingerprint
    faults: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    def covers(self, other: Shape) -> bool:
        """Whether another failure is explained by this one: the same anomaly, with nothing that this one needs missing."""
        return (
            self.fingerprint == other.fingerprint
            and set(self.faults) <= set(other.faults)
            and set(self.functions) <= set(other.functions)
        )

    def __str__(self) -> str:
        asked = f" ({', '.join(self.functions)})" if self.functions else ""
        return f"{self.fingerprint.kind}{asked} {with_faults(self.faults)}"


def with_faults(kinds: tuple[str, ...]) -> str:
    """The kinds of fault that something takes, in words."""
    return f"with {' and '.join(kinds)}" if kinds else "without any fault"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run. `kinds` are its violations', the fingerprint's first; `planned` and `effective` are fault kinds.

    `overlap` is the share of operations during which an effective fault was at work, `simulated` virtual ns. A failure has a
    `shape`, which took `probes` further runs to find.
    """

    seed: int
    status: str
    kinds: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    overlap: float = 0.0
    planned: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    simulated: int = 0
    shape: Shape | None = None
    probes: int = 0

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.status} {'; '.join(self.details)}"


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """How small a class' run was made, in how many runs; `stopped` says why it could not be made smaller still."""

    size: Size
    runs: int
    stopped: str | None = None


class FailureClass(msgspec.Struct, frozen=True, kw_only=True):
    """Failures of one shape, and those that a smaller shape explains (`shapes`: how many seeds each was seen with).

    `seed` is the one whose run is kept, the first with the class' own shape; `run` is its directory within the soak's, None when
    the soak was ended before. `summary` is its violation in a sentence.
    """

    shape: Shape
    seeds: list[int]
    shapes: list[tuple[Shape, int]]
    seed: int
    summary: str
    reproduce: str
    run: str | None = None
    story: Story | None = None
    problem: str | None = None  # why its run could not be kept or shrunk

    @property
    def first(self) -> int:
        """The first seed that showed it."""
        return min(self.seeds)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that failed before and was tried first; `kept` is False when it is valid now and was taken away."""

    plan: str
    seed: int
    status: str
    kinds: tuple[str, ...] = ()
    kept: bool = True


class Unjudged(msgspec.Struct, frozen=True, kw_only=True):
    """A run without a verdict that counts: unknown, broken, or lost with its process."""

    seed: int
    status: str
    reason: str
    reproduce: str


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """What may be left to find. `chance` is that of the next run to show a class not seen yet (Good-Turing), None when it cannot
    be told. A class that shows in `frequency` of all runs, or more often, would have been seen by now with a chance of 95 %.
    """

    once: int
    chance: float | None
    frequency: float | None


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """What depends on the machine: seconds by the clock on the wall, and the rates that they give.

    `busy` is the processor time that the runs took, `waited` how long processes had nothing to do, both over all processes.
    """

    jobs: int = 0
    search: float = 0.0
    busy: float = 0.0
    waited: float = 0.0
    shrink: float = 0.0
    runs_per_second: float = 0.0
    virtual_to_real: float = 0.0


class SoakRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A soak: what was asked, what was found, how long it took. `stopped` says what ended it; None where nothing did yet."""

    version: int = SOAK_VERSION
    complete: bool = False
    stopped: str | None = None
    chaoskit: str = ""
    source_digest: str = ""
    model: str = ""
    model_digest: str = ""
    bug: str | None = None
    settings: dict[str, list[str]] = {}
    seed: int = 0
    reproduce: str = ""
    runs: int = 0
    statuses: dict[str, int] = {}
    probes: int = 0
    simulated: int = 0
    overlap: float | None = None  # of the median run
    known: list[Known] = []
    classes: list[FailureClass] = []
    unjudged: list[Unjudged] = []
    unseen: Unseen = Unseen(once=0, chance=None, frequency=None)
    wall: Wall = Wall()

    @property
    def verdict(self) -> str:
        """The worst of all runs, those of known plans included; what could not be judged is unknown."""
        seen = {status for status, number in self.statuses.items() if number} | {known.status for known in self.known}
        return INVALID if INVALID in seen else VALID if seen == {VALID} else UNKNOWN

    @property
    def broken(self) -> int:
        """How many runs chaoskit or the model broke."""
        return self.statuses.get(ERROR, 0) + sum(known.status == ERROR for known in self.known)

    @property
    def failing_again(self) -> int:
        """How many plans that failed before fail still."""
        return sum(known.status == INVALID for known in self.known)

    @property
    def cut_short(self) -> bool:
        """Whether it ended before it had done what was asked."""
        return self.stopped in (None, INTERRUPTED)

    @property
    def failures(self) -> int:
        """How many runs failed."""
        return self.statuses.get(INVALID, 0)
