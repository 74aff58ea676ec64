"""What a nemesis is: a family of faults that it plans as data, brings about through `sim.control`, and knows the bite of.

A record of values and functions, like a model: a new family is one file with one such record, and a line in the table.
Every effect it has on the cluster goes through `Control` under the fault's id, so that healing removes exactly what this
fault did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.nemeses.arena import SPREAD, Arena
from chaoskit.nemeses.options import Option, choices, duration, words
from chaoskit.nemeses.tactics import Tactic, Weighted, faults_over
from chaoskit.sim.control import Control, FaultRefused

P = TypeVar("P", bound=msgspec.Struct)
DAY = 86_400 * SECOND
INTERVAL_MIN, INTERVAL_MAX = MILLISECOND, DAY
_INTERVAL = "the mean time from one strike, or series of strikes, to the next"
SPECS = (*sorted(SPREAD), "primaries")


@dataclass(frozen=True, kw_only=True, slots=True)
class Nemesis(Generic[P]):
    """A fault family.

    `parameters` is the type of its faults' parameters, and `strike(control, token, nodes, parameters)` brings one about and
    returns the resolved parameters: with those and the same nodes it does the same again, whatever was drawn the first
    time. `limit` is how many nodes the claim lets it hit at once, 0 for none; `pool` are the nodes that a run may pick by
    chance. `effects` are the counts by which one sees that a fault bit. `targets` are the kinds of target that runs choose
    from, with weights; `more_targets` are further ones that a person may name. `often` (ppm) is the chance to be in a run of
    `all`. `lacks` says what the cluster would need for such faults to touch anything, "" when nothing is missing. `check`
    raises `UsageError` for settings that do not go together.
    """

    name: str
    summary: str
    parameters: type[P]
    strike: Callable[[Control, str, list[str], P], dict[str, Any]]
    effects: tuple[str, ...]
    limit: Callable[[Arena], int]
    tactics: Mapping[str, Tactic]
    targets: Weighted = ()
    more_targets: tuple[str, ...] = ()
    own_options: tuple[Option, ...] = ()
    often: int = 400_000
    pool: Callable[[Arena, Draws], list[str]] = lambda arena, _: arena.nodes
    lacks: Callable[[Arena], str] = lambda _: ""
    check: Callable[[Arena, Mapping[str, Any]], None] = lambda _arena, _options: None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The fault kinds that it injects."""
        return (self.name,)

    @property
    def options(self) -> dict[str, Option]:
        """What a person may set, by name."""
        common = (
            duration("interval", _INTERVAL, low=INTERVAL_MIN, high=INTERVAL_MAX),
            duration("lasting", "how long each fault lasts", low=MILLISECOND, high=DAY),
            words("targets", "whom to hit", f"{', '.join(self.target_words)}, role:NAME or node names (n1+n2)"),
            choices("tactics", "how to strike", self.tactics),
        )
        return {option.name: option for option in (*common, *self.own_options)}

    @property
    def target_words(self) -> tuple[str, ...]:
        return (*SPECS, *self.more_targets)

    def most(self, arena: Arena) -> int:
        """How many nodes it may hit at once in this cluster: 0 when it has no business there."""
        return 0 if self.lacks(arena) else self.limit(arena)

    def plan(self, draws: Draws, arena: Arena, horizon: int, options: Mapping[str, Any]) -> list[Fault]:
        """Its faults in one run, still without ids. Raises `UsageError` for targets that are not there or beyond the claim."""
        limit = self.most(arena)
        if not limit:
            return []
        self.check(arena, options)
        for spec in options.get("targets", ()):
            self._check_target(spec, arena, limit)
        return faults_over(
            horizon,
            kind=self.name,
            tactics=self.tactics,
            targets=self.targets,
            limit=limit,
            pool=self.pool(arena, draws),
            arena=arena,
            draws=draws,
            options=options,
        )

    def inject(self, control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        """Brings a fault about. Raises `FaultRefused` when that cannot be, `UsageError` for parameters that are not its own."""
        if not nodes:
            raise FaultRefused("it is aimed at no node")
        try:
            parameters = msgspec.convert(fault.parameters, self.parameters)
        except msgspec.ValidationError as error:
            raise UsageError(f"expected the parameters of a {self.name} fault but fault {fault.id} has: {error}.") from error
        return self.strike(control, fault.id, nodes, parameters)

    def _check_target(self, spec: str, arena: Arena, limit: int) -> None:
        if spec not in self.target_words and not spec.startswith("role:"):
            for name in spec.split("+"):
                if name not in arena.nodes:
                    raise unknown_name(f"target of {self.name}", name, [*self.target_words, *arena.nodes])
        if not arena.fits(spec, limit):
            raise UsageError(
                f"expected targets of {self.name} that the model claims to survive ({limit} of {len(arena.nodes)} nodes at once) "
                f"but got targets={spec!r}; write '{self.name}!' to go beyond the claim."
            )
