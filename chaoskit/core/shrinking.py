"""What shrinking a failing run came to: how small it got, what of it is needed, and where the nearest passing run parts from it.

Plain data, kept with the story and rendered by the report, the terminal and JSON.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from chaoskit.core.plan import Plan


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a plan is. `decisions` are the random ones that are not what they are by default (its overrides)."""

    ops: int
    faults: int
    nodes: int
    clients: int = 0
    decisions: int = 0


def size_of(plan: Plan) -> Size:
    """The size of a plan that says what is asked."""
    return Size(
        ops=len(plan.invocations or ()),
        faults=len(plan.faults),
        nodes=len(plan.cluster.nodes),
        clients=plan.cluster.clients,
        decisions=sum("/" in address for address in plan.overrides),
    )


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of the story taken away, and what became of the failure then. `name` is its id, `about` calls it in words.

    `needed` means that the failure vanishes without it; `result` says what came instead.
    """

    kind: Literal["bug", "fault", "op", "decision"]
    name: str
    about: str
    needed: bool
    result: str


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """Where the nearest run that passes parts from the failing one: `without` says what it lacks, `time` is the instant (ns).

    The lines are journal events in words: the last ones that both share, then how each goes on.
    """

    without: str
    time: int
    shared: list[str] = []
    failing: list[str] = []
    passing: list[str] = []


class Shrinking(msgspec.Struct, frozen=True, kw_only=True):
    """The way from the original to the story. `stopped` says why it ended before nothing more could be dropped."""

    before: Size
    after: Size
    runs: int
    stopped: str | None = None
    flips: list[Flip] = []
    parting: Parting | None = None
