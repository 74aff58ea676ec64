"""Which shortcuts the search takes. All of them, but for the tests: each is turned off, and held to brute force, alone.

None changes a verdict; each spares the search configurations that could not have helped.
"""

from __future__ import annotations

from typing import NamedTuple


class Prunings(NamedTuple):
    """The shortcuts of the search, each argued where it is taken."""

    eager_reads: bool = True  # a read is placed as soon as the state allows it
    dominance: bool = True  # a configuration is skipped when one with a part of its burden was visited
    twins: bool = True  # of equal pending calls the one that returns first is placed first
    crashed_groups: bool = True  # equal calls that never return are counted, not told apart
    hidden_writes: bool = True  # before a write, all other open writes are as good as placed
    unseen_writes: bool = True  # no write is placed after one that nobody saw
    waste: bool = True  # no call is placed whose result does not need the crashed call placed before it


ALL_PRUNINGS = Prunings()
