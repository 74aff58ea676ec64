"""How a family of faults is spread over a run: occasions along the horizon, and at each one a tactic that plans a few faults.

A tactic is one idea of how to hurt ("kill whoever was just elected, three times in a row"). Which of a family's tactics a
run uses, how often and at whom, is drawn run by run ("swarm testing", Groce et al. 2012), so that runs differ in character.
Every occasion has draws of its own: what one tactic draws moves nothing else. About half of the tactics wait for something
to happen in the cluster: that is where real bugs are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.units import MICROSECOND, MILLISECOND, SECOND, format_duration, format_time
from chaoskit.draws import Draws, exponential
from chaoskit.draws.address import Part
from chaoskit.nemeses.arena import Arena, Who

Weighted = Sequence[tuple[str, int]]

OCCASIONS_MAX = 10_000  # of one family in one run
INTERVALS = (250 * MILLISECOND, 3 * SECOND)  # what an unset mean interval is drawn between
PACES = (300, 600, 1000, 1000, 1800)  # ‰ by which a run stretches what its faults last
ELECTION = 300 * MILLISECOND  # about the time from one leader to the next
KEPT_PPM = 450_000  # the chance of each tactic, and each kind of target, to be used in a run

# Events to strike at, with weights: when a leader is in the midst of something, and what any node does.
DEPOSING = (("appended-not-committed", 4), ("acknowledged", 3), ("leader-elected", 3))
WORKING = (("acknowledged", 4), ("sync", 4), ("write", 3))
ON_THE_WIRE = (("deliver TCP-SYN", 2), ("deliver TCP-DATA", 4), ("deliver TCP-FIN", 1))  # where hosts have connections
ANYBODYS = frozenset(event for event, _ in WORKING)
# These happen often enough to count a few of.
FREQUENT = ANYBODYS | {"appended-not-committed", *(event for event, _ in ON_THE_WIRE)}

_GAP = exponential(SECOND)  # between independent events, for a mean of a second


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """One place in the schedule, with the means to plan faults there. `limit` is how many nodes of `pool` may suffer at once."""

    kind: str
    draws: Draws
    arena: Arena
    start: int
    options: Mapping[str, Any]
    targets: Weighted
    limit: int
    pool: list[str]
    pace: int

    def spread(self, low: int, high: int, *address: Part) -> int:
        """Between `low` and `high`, each order of magnitude as likely."""
        return log_uniform(self.draws, low, high, *address)

    def lasting(self, low: int, high: int, *address: Part, paced: bool = True) -> int:
        """How long a fault lasts: what the person set, else drawn between these and stretched by the run's pace.

        Where the range itself matters (it is to outlast an election, say), it is not stretched.
        """
        given: int | None = self.options.get("lasting")
        if given is not None:
            return given
        drawn = self.spread(low, high, *address)
        return rounded(drawn * self.pace // 1000) if paced else drawn

    def who(self, *address: Part, limit: int | None = None) -> Who | None:
        """A target of this run, None when none of its kinds of target is within the limit."""
        most = self.limit if limit is None else limit
        possible = [(spec, weight) for spec, weight in self.targets if self.arena.fits(spec, most)]
        if not possible:
            return None
        draws = self.draws.child(*address, "who")
        return self.arena.aim(draws.weighted(possible, "spec"), most, self.pool, draws)

    def victims(self, count: int, *address: Part) -> list[str]:
        """That many nodes by chance, or as many as may suffer at once."""
        return self.draws.sample(self.pool, min(count, self.limit), *address, "victims")

    def actor(self, event: str, *address: Part) -> Who:
        """Whom to aim at when `event` happens: mostly whoever did it; of a follower's doings now and then the leader."""
        if event in ANYBODYS and self.arena.leaders and self.draws.chance(350_000, *address, "leader"):
            return "primaries"
        return "sender"

    def event(self, events: Weighted, *address: Part) -> str:
        """One of these events, leaving out those that only protocols with leaders know."""
        known = [(event, weight) for event, weight in events if self.arena.leaders or event in ANYBODYS]
        return self.draws.weighted(known or WORKING, *address, "event")

    def after(self, high: int, *address: Part) -> int:
        """How long after an event to strike: often at that very effect, else up to `high`, most often soon."""
        if self.draws.chance(350_000, *address, "at once"):
            return 0
        return self.spread(100 * MICROSECOND, high, *address, "after")

    def when(self, event: str, *address: Part, nth: int | None = None, offset: int = 0, high: int = 20 * MILLISECOND) -> On:
        """The n-th time that `event` happens from `offset` (ns) after this occasion on, or a little later."""
        if nth is None:
            nth = self.draws.integer(1, 6, *address, "nth") if event in FREQUENT else 1
        return On(event=event, nth=nth, after=self.after(high, *address), not_before=self.start + offset)

    def fault(self, when: At | On, who: Who, lasting: int, **parameters: Any) -> Fault:
        return Fault(id="", when=when, who=who, kind=self.kind, parameters=parameters, lasting=lasting)

    def at(self, who: Who, lasting: int, *, later: int = 0, **parameters: Any) -> Fault:
        """A fault at a set time, `later` after the occasion (ns)."""
        return self.fault(At(time=self.start + later), who, lasting, **parameters)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tactic:
    """One way to place faults. `needs_leaders`: it makes no sense where no node becomes leader."""

    summary: str
    weight: int
    plan: Callable[[Occasion], list[Fault]]
    needs_leaders: bool = False


def faults_over(
    horizon: int,
    *,
    kind: str,
    tactics: Mapping[str, Tactic],
    targets: Weighted,
    limit: int,
    pool: list[str],
    arena: Arena,
    draws: Draws,
    options: Mapping[str, Any],
) -> list[Fault]:
    """A family's faults of one run, in the order of their occasions; all begin, or begin to wait, before the horizon (ns)."""
    character = draws.child("character")
    possible = [(name, tactic.weight) for name, tactic in tactics.items() if arena.leaders or not tactic.needs_leaders]
    chosen = _given(options, "tactics") or subset(character, possible, "tactic")
    aims = [(spec, weight) for spec, weight in targets if arena.leaders or spec != "primaries"]
    aimed = _given(options, "targets") or subset(character, aims, "target")
    pace = character.pick(PACES, "pace")
    interval = options.get("interval") or log_uniform(character, *INTERVALS, "interval")
    start = draws.integer(0, min(interval, horizon // 2), "first")
    faults: list[Fault] = []
    for number in range(OCCASIONS_MAX):
        if start >= horizon:
            return [fault for fault in faults if begin_of(fault) < horizon]
        own = draws.child("occasion", number)
        occasion = Occasion(
            kind=kind,
            draws=own,
            arena=arena,
            start=start,
            options=options,
            targets=aimed,
            limit=limit,
            pool=pool,
            pace=pace,
        )
        planned = tactics[own.weighted(chosen, "tactic")].plan(occasion)
        faults += planned
        start += _until_begun(planned, start) + max(1, _GAP.sample(own.bits("gap")) * interval // SECOND)
    raise UsageError(
        f"expected at most {OCCASIONS_MAX:,} occasions for faults within {format_time(horizon)} "
        f"but got interval={format_duration(interval)}; use a longer interval."
    )


def begin_of(fault: Fault) -> int:
    """When a fault begins at the earliest (ns)."""
    return fault.when.time if isinstance(fault.when, At) else fault.when.not_before


def subset(draws: Draws, choices: Weighted, *address: Part) -> Weighted:
    """Some of the choices, each kept by a chance of its own; at least one."""
    kept = [choice for choice in choices if draws.chance(KEPT_PPM, *address, choice[0])]
    return kept or [draws.pick(choices, *address, "only")]


def log_uniform(draws: Draws, low: int, high: int, *address: Part) -> int:
    """Between `low` and `high`, each doubling as likely, in integers alone."""
    octaves = (high // low).bit_length()
    bottom = low << draws.integer(0, octaves - 1, *address, "octave")
    return max(low, rounded(draws.integer(bottom, min(high, 2 * bottom), *address, "within")))


def rounded(value: int) -> int:
    """The value with its first three digits, so that a plan reads well."""
    unit: int = 10 ** max(0, len(str(value)) - 3)
    return value // unit * unit


def _given(options: Mapping[str, Any], name: str) -> Weighted:
    """What the person listed under an option, all as likely; empty when they listed nothing."""
    return [(choice, 1) for choice in options.get(name, ())]


def _until_begun(faults: Sequence[Fault], start: int) -> int:
    """How long after `start` the last of a tactic's faults is likely to have begun (ns)."""
    waits = [0]
    for fault in faults:
        when = fault.when
        if isinstance(when, At):
            waits.append(when.time - start)
        else:
            waits.append(when.not_before - start + (0 if when.event in FREQUENT else when.nth * ELECTION))
    return max(waits)
