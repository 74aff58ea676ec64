"""What the shrinker is given and what it gives back: a trial, edits of faults, a budget; a smaller plan.

The shrinker knows no world. A trial runs a plan and tells what was seen; whether that is the failure it looks for is the
trial's to say. What can be simplified about a fault is for those to say who know faults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Fingerprint

RUNS = 2_000
INTERRUPTED = "interrupted"  # why shrinking ended early


class ShrinkBudget(msgspec.Struct, frozen=True, kw_only=True):
    """What shrinking may spend. Runs decide the result reproducibly; wall seconds, off by default, do not."""

    runs: int = RUNS
    wall_seconds: float | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial saw of a plan. All but `shows` and `result` is known only when it shows the failure.

    `plan` is the plan as it fell out; `shown_at` the virtual instant at which the failure shows (ns); `proof`, `same_keys` and
    `past` are ids of invocations: those in the evidence, those of the failing keys, those in the anomaly's causal past.
    `felt` are the ids of faults that had an effect, `decisions` the addresses of random decisions that were perhaps made.
    """

    shows: bool
    result: str = ""  # what it was, in a few words
    fingerprint: Fingerprint | None = None
    plan: Plan | None = None
    shown_at: int | None = None
    proof: list[int] = []
    same_keys: list[int] = []
    past: list[int] = []
    begins: dict[int, int] = {}  # invocation → the instant at which it was asked (ns)
    felt: list[str] = []
    lost: dict[str, int] = {}  # message type → how many between nodes did not arrive, until the failure shows
    moments: list[int] = []  # the instants at which nodes did something, until the failure shows (ns)
    decisions: dict[str, list[str]] = {}  # purpose → addresses
    boots: dict[str, list[int]] = {}  # node → the numbers of its boots
    reboots: dict[str, dict[str, int]] = {}  # fault → node → which of the node's boots its end was


Trial = Callable[[Plan], Seen]
Answer = Callable[[], Seen]


class Farm(Protocol):
    """Who makes runs for the shrinker, perhaps several at a time."""

    @property
    def ahead(self) -> int:
        """How many runs are worth asking for before the first is answered."""

    def ask(self, plan: Plan) -> Answer:
        """Begins a trial, or leaves it until it is asked for; the answer waits for its end."""


class Edits(Protocol):
    """What can be made simpler about one fault, for those who know its kind."""

    def simpler(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """Simpler ones of its kind or of another, the simplest first."""

    def elementary(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """The simplest faults there are, in place of this one: for a search that may try any."""

    def muting(self, fault: Fault, nodes: Sequence[str], message: str) -> Fault:
        """In place of this fault: all messages of a type that a node sends to another are lost."""

    def halving(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """In place of this fault: the ways in which the cluster falls into two halves."""

    def without_host(self, fault: Fault, name: str) -> Fault | None:
        """The fault in a cluster without this host; None when nothing is left of it."""


class Progress(Protocol):
    """Who is told how it goes."""

    def __call__(self, plan: Plan, runs: int) -> None:
        """The smallest plan so far, and how many runs it took."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shrunk:
    """The smallest plan that was found, and what its trial saw. `stopped` says why the search ended before its end."""

    plan: Plan
    seen: Seen
    runs: int
    stopped: str | None = None
