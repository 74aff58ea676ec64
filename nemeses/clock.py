"""Makes clocks wrong: a jump, a drift, or a strobe that flips back and forth.

The ranges are Jepsen's: jumps of ± 1.5^6 … 1.5^31 ms (11 ms to 288 s), strobes by 4 ms to 262 s with a period of 1 ms to 1
s. A jump changes what a node reads, a drift also how fast its timers run. What is wrong ends when the fault heals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import duration
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control

BUMP = (3**6 * MILLISECOND // 2**6, 3**31 * MILLISECOND // 2**31)
STROBE_DELTA = (2**2 * MILLISECOND, 2**18 * MILLISECOND)
STROBE_PERIOD = (2**0 * MILLISECOND, 2**10 * MILLISECOND)
DRIFT = (1_000, 500_000)  # ppm, slower or faster: an election time-out may come at two thirds of its time or at twice it


class ClockParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An offset in ns; with `strobe_period` (ns) it comes and goes; a drift in ppm."""

    offset: int = 0
    drift: int = 0
    strobe_period: int = 0


def strike(control: Control, token: str, nodes: list[str], parameters: ClockParameters) -> dict[str, Any]:
    changes: dict[str, Any] = msgspec.to_builtins(parameters)
    if not (parameters.offset or parameters.drift):
        raise UsageError(f"expected a clock fault with an offset or a drift but fault {token} has {changes}.")
    for node in nodes:
        control.skew(token, node, **changes)
    return changes


def _signed(occasion: Occasion, low: int, high: int, *address: str) -> int:
    value = occasion.spread(low, high, *address)
    return -value if occasion.draws.chance(500_000, *address, "back") else value


def _bump(occasion: Occasion) -> dict[str, int]:
    most = occasion.options.get("offset", BUMP[1])
    return {"offset": _signed(occasion, min(BUMP[0], most), most, "offset")}


def _drift(occasion: Occasion) -> dict[str, int]:
    return {"drift": _signed(occasion, *DRIFT, "drift")}


def _strobe(occasion: Occasion) -> dict[str, int]:
    most = occasion.options.get("offset", STROBE_DELTA[1])
    return {
        "offset": _signed(occasion, min(STROBE_DELTA[0], most), most, "delta"),
        "strobe_period": occasion.spread(*STROBE_PERIOD, "period"),
    }


def _timed(change: Callable[[Occasion], dict[str, int]]) -> Callable[[Occasion], list[Fault]]:
    def plan(occasion: Occasion) -> list[Fault]:
        who = occasion.who()
        return [] if who is None else [occasion.at(who, _lasting(occasion), **change(occasion))]

    return plan


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, *WORKING))
    change = occasion.draws.pick((_bump, _drift), "change")
    return [occasion.fault(occasion.when(event), occasion.actor(event), _lasting(occasion), **change(occasion))]


def _lasting(occasion: Occasion) -> int:
    return occasion.lasting(100 * MILLISECOND, 4 * SECOND, "lasting")


CLOCK = Nemesis(
    name="clock",
    summary="makes clocks jump, drift or strobe",
    parameters=ClockParameters,
    strike=strike,
    effects=("read the changed clock", "ran a timer"),
    limit=lambda arena: len(arena.nodes) if arena.allows(arena.claim.clock) else 0,
    tactics={
        "bump": Tactic(summary="a jump", weight=3, plan=_timed(_bump)),
        "drift": Tactic(summary="a clock that runs too fast or too slow", weight=3, plan=_timed(_drift)),
        "strobe": Tactic(summary="a jump back and forth", weight=2, plan=_timed(_strobe)),
        "in-the-act": Tactic(summary="the clock of a node right when it does something", weight=4, plan=_in_the_act),
    },
    targets=(("one", 3), ("primaries", 4), ("minority", 2), ("majority", 1), ("all", 1)),
    own_options=(duration("offset", "how far off a clock may be at most", low=MILLISECOND, high=BUMP[1]),),
)
