"""Decides by a seed what fails in a test that makes its own faults, and always says which seed that was.

    injector = FaultInjector()                       # prints "[FaultInjector] Using seed: 1"
    if injector.should_fail(0.3, "send", "n1"):
        raise ConnectionResetError

The seed is the argument, else `CHAOSKIT_SEED`, else `TEST_SEED`, else 1. The n-th decision at a place depends on the seed, the
place and n: what is asked elsewhere, and when, changes nothing. The same seed gives the same schedule on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chaoskit.core.errors import UsageError
from chaoskit.core.units import MILLION
from chaoskit.draws import Draws
from chaoskit.testing.seeds import SEED_VARIABLE, parse_seed

SEED_DEFAULT = 1
SEED_VARIABLES = (SEED_VARIABLE, "TEST_SEED")

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: where, for which time there, and whether it failed."""

    place: Place
    number: int
    fails: bool


class FaultInjector:
    """Seeded decisions. `schedule` holds all that were made, in their order."""

    def __init__(
        self,
        seed: int | None = None,
        *,
        environment: Mapping[str, str] = os.environ,
        tell: Callable[[str], object] = print,
    ) -> None:
        self.seed = _seed_in(environment) if seed is None else seed
        self.schedule: list[Decision] = []
        self._draws = Draws(self.seed).child("injector")
        self._asked: dict[Place, int] = {}
        tell(told(self.seed))

    def should_fail(self, probability: float, *place: str | int) -> bool:
        """Whether this fails: with this probability, for the n-th time at this place. Raises `UsageError`."""
        if not 0 <= probability <= 1:
            raise UsageError(f"expected a probability between 0 and 1 but got probability={probability}.")
        number = self._asked.get(place, 0)
        self._asked[place] = number + 1
        fails = self._draws.chance(round(probability * MILLION), *place, "number", number)
        self.schedule.append(Decision(place, number, fails))
        return fails


def told(seed: int) -> str:
    """The line that names a seed."""
    return f"[FaultInjector] Using seed: {seed}"


def _seed_in(environment: Mapping[str, str]) -> int:
    for name in SEED_VARIABLES:
        text = environment.get(name)
        if text:
            try:
                return parse_seed(text)
            except ValueError as error:
                raise UsageError(f"{name}: {error}") from error
    return SEED_DEFAULT
