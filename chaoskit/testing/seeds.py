"""Which seeds a test is tried with: those that failed before, then its own, unless a flag or the environment says otherwise.

The same on every machine and in every process of a test run: where nobody says which, they are 1, 2, 3 … Imports nothing of
ours, because pytest loads it at every start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

SEEDS = 10  # where a test does not say how many
FAILING_MAX = 20  # kept for a test
SEED_VARIABLE = "CHAOSKIT_SEED"
SEED_MAX = 2**64 - 1

_RANGE = re.compile(r"^(\d+)\.\.(\d+)$")


def seeds_of(
    asked: int | Iterable[int] | None,
    *,
    only: str | None,
    instead: str | None,
    environment: Mapping[str, str],
    failing: Sequence[int],
) -> list[int]:
    """The seeds of a test, in order.

    `asked` is what the test says, `only` is --chaoskit-seed, `instead` is --chaoskit-seeds, `failing` those that failed before.
    Raises `ValueError` with what was expected.
    """
    one = only if only is not None else environment.get(SEED_VARIABLE)
    if one:
        try:
            return [parse_seed(one)]
        except ValueError as error:
            raise ValueError(f"{SEED_VARIABLE}: {error}" if only is None else str(error)) from None
    own = parse_seeds(instead) if instead is not None else _listed(SEEDS if asked is None else asked)
    return list(dict.fromkeys([*failing, *own]))


def parse_seed(text: str) -> int:
    """A seed as people write it: 7 or 0x1f."""
    try:
        seed = int(text, 0)
    except ValueError:
        seed = -1
    if not 0 <= seed <= SEED_MAX:
        raise ValueError(f"expected a seed, a whole number or 0x…, but got {text!r}.")
    return seed


def parse_seeds(text: str) -> list[int]:
    """How many seeds (50), or which (100..199)."""
    found = _RANGE.match(text)
    if found is not None and int(found[1]) <= int(found[2]):
        return list(range(int(found[1]), int(found[2]) + 1))
    if not text.isdecimal() or not int(text):
        raise ValueError(f"expected how many seeds (50), or which (100..199), but got {text!r}.")
    return _listed(int(text))


def failing_now(before: Sequence[int], results: Mapping[int, bool]) -> list[int]:
    """The failing seeds of a test after some were tried (seed → whether it failed): the newest first."""
    again = [seed for seed, failed in results.items() if failed]
    return [*again, *(seed for seed in before if seed not in results)][:FAILING_MAX]


def seeds_text(seeds: Iterable[int]) -> str:
    """Seeds for people: `1-20 77`."""
    parts: list[list[int]] = []
    for seed in seeds:
        if parts and seed == parts[-1][-1] + 1:
            parts[-1][1:] = [seed]
        else:
            parts.append([seed])
    return " ".join("-".join(map(str, part)) for part in parts)


def _listed(asked: int | Iterable[int]) -> list[int]:
    seeds = list(range(1, asked + 1)) if isinstance(asked, int) else list(asked)
    if not seeds or not all(isinstance(seed, int) and 0 <= seed <= SEED_MAX for seed in seeds):
        raise ValueError(f"expected seeds=20 or seeds=[7, 12] but got seeds={asked!r}.")
    return seeds
