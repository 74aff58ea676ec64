"""From `--nemesis` to the faults of a run.

    partition,kill                                  these families
    partition;kill:interval=5s,targets=primaries    the same, with settings
    all                                             whatever the model claims to survive; every run draws a part of it
    all!  kill!                                     beyond the claim: safety alone is judged then
    all;kill:interval=1s                            all, and kill in any case, like this
    none                                            no faults

Every family draws from an address of its own, so that one more family moves none of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.fault import Fault, On
from chaoskit.core.plan import Cluster
from chaoskit.core.units import format_duration
from chaoskit.draws import Draws
from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.nemesis import INTERVAL_MAX, INTERVAL_MIN, Nemesis
from chaoskit.nemeses.table import NEMESES
from chaoskit.nemeses.tactics import begin_of
from chaoskit.sim.claim import Tolerates

ALL, NONE = "all", "none"
_BETWEEN_OPTIONS = re.compile(r",(?=[a-z-]+=)(?!(?:sigma|alpha)=)")  # laws hold commas too


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a person asked for: families with their settings, and whether all others may be drawn, too."""

    families: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    every: bool = False
    beyond_claim: bool = False
    interval: int | None = None  # of every family that was given none of its own (ns)


def parse_nemesis(text: str, *, interval: int | None = None) -> Wishes:
    """What `--nemesis` means. Raises `UsageError` with the nearest name for a family or an option that there is not.

    `interval` is the mean time between faults (ns) of every family that has none of its own.
    """
    if interval is not None and not INTERVAL_MIN <= interval <= INTERVAL_MAX:
        lowest, highest = format_duration(INTERVAL_MIN), format_duration(INTERVAL_MAX)
        raise UsageError(
            f"expected an interval from {lowest} to {highest} but got nemesis_interval={format_duration(interval)}; "
            "leave it out to have it drawn, or ask for no faults with nemesis='none'."
        )
    families: dict[str, Mapping[str, Any]] = {}
    every = beyond_claim = False
    names = _named(text)
    if [name for name, _ in names] == [NONE]:
        return Wishes()
    for written, settings in names:
        name = written.removesuffix("!")
        beyond_claim |= written != name
        if name == ALL and settings is None:
            every = True
        elif name in NEMESES:
            if name in families:
                raise UsageError(f"expected each fault family once but got {name!r} twice in nemesis={text!r}.")
            families[name] = _settings(NEMESES[name], settings or "")
        elif name in (ALL, NONE):
            raise UsageError(f"expected 'all' without settings, and 'none' alone, but got nemesis={text!r}.")
        else:
            raise unknown_name("fault family", name, [*NEMESES, ALL, NONE], listing="nemeses")
    return Wishes(families=families, every=every, beyond_claim=beyond_claim, interval=interval)


def plan_faults(
    wishes: Wishes | str,
    *,
    draws: Draws,
    cluster: Cluster,
    horizon: int,
    claim: Tolerates,
    leaders: bool = True,
    connections: bool = False,
    partition_clients: bool = False,
) -> list[Fault]:
    """The faults of a run, `f0`, `f1` … by the time at which they begin or begin to wait.

    `horizon` is how long the main phase is likely to last (ns). `leaders` says whether nodes of this protocol observe a role
    such as leader: else no fault waits for one; `connections`, whether its hosts have any: else there are no toxics. Raises
    `UsageError` for a family that the model does not claim to survive, or that has nothing to touch there.
    """
    if isinstance(wishes, str):
        wishes = parse_nemesis(wishes)
    if horizon <= 0:
        raise UsageError(f"expected a horizon of more than 0 ns but got horizon={horizon}.")
    arena = Arena(
        cluster=cluster,
        claim=claim,
        beyond_claim=wishes.beyond_claim,
        leaders=leaders,
        connections=connections,
        partition_clients=partition_clients,
    )
    faults: list[Fault] = []
    for name, settings in _chosen(wishes, arena, draws).items():
        options = {"interval": wishes.interval, **settings} if wishes.interval is not None else settings
        faults += NEMESES[name].plan(draws.child(name), arena, horizon, options)
    faults.sort(key=lambda fault: (begin_of(fault), isinstance(fault.when, On)))
    return [msgspec.structs.replace(fault, id=f"f{number}") for number, fault in enumerate(faults)]


def _chosen(wishes: Wishes, arena: Arena, draws: Draws) -> dict[str, Mapping[str, Any]]:
    """The families of this run with their settings, in the order of the table."""
    for name in wishes.families:
        if missing := NEMESES[name].lacks(arena):
            raise UsageError(f"expected faults that can touch this model but got nemesis={name!r}: {missing}.")
        if not NEMESES[name].limit(arena) and len(arena.nodes) > 1:
            raise UsageError(
                f"expected faults that the model claims to survive but got nemesis={name!r}; "
                f"write '{name}!' to go beyond the claim."
            )
    allowed = [name for name, nemesis in NEMESES.items() if wishes.every and nemesis.most(arena)]
    drawn = [name for name in allowed if draws.chance(NEMESES[name].often, name, "on")]
    if allowed and not drawn and not wishes.families:
        drawn = [draws.pick(allowed, "only")]
    return {name: wishes.families.get(name, {}) for name in NEMESES if name in drawn or name in wishes.families}


def _named(text: str) -> list[tuple[str, str | None]]:
    """(family, its settings as text or None) for each that is named."""
    named: list[tuple[str, str | None]] = []
    for part in text.split(";"):
        names, colon, settings = part.partition(":")
        if not colon:
            named += [(name.strip(), None) for name in names.split(",")]
        elif "," in names:
            raise UsageError(f"expected one family before ':' but got {names!r}; write ';' between families that have settings.")
        else:
            named.append((names.strip(), settings))
    return named


def _settings(nemesis: Nemesis[Any], text: str) -> dict[str, Any]:
    """A family's options from `name=value,name=value`."""
    values: dict[str, Any] = {}
    for part in _BETWEEN_OPTIONS.split(text.strip()) if text.strip() else []:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise UsageError(f"expected settings such as 'interval=5s' but got {nemesis.name}:{part}.")
        if name not in nemesis.options:
            raise unknown_name(f"setting of {nemesis.name}", name, nemesis.options, listing="nemeses")
        values[name] = nemesis.options[name].read(value)
    return values
