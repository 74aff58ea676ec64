"""What a run exercised: a green verdict is worth as much as what was tried.

Counts are exact. The warnings name the commonest ways for a run to prove nothing: faults that touched no operation, faults
under which hardly any operation succeeded, and reads that saw nothing ever written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaoskit.core.history import TYPE_CODES
from chaoskit.core.op import TYPES
from chaoskit.reports.faults import EFFECTIVE, FaultView, spans
from chaoskit.reports.operations import NONE, Operations
from chaoskit.reports.words import show

NO_OVERLAP = "no fault overlapped any operation"
INITIAL_READS = "every read saw the initial value"
NO_READ = "no read succeeded"
NO_OPERATION = "no operation succeeded"
FEW_OPERATIONS = "only {share:.0%} of the operations succeeded (fewer faults, by --nemesis-interval, leave more)"
FEW = 0.1  # a share of operations: below it there is little that could contradict anything

_COMPLETIONS = TYPES[1:]
_OK = TYPE_CODES["ok"]
_READS = ("read", "get", "r")


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """How hard a run tried. `by_function` counts completions: function → {"ok": …, "fail": …, "info": …}."""

    by_function: dict[str, dict[str, int]]
    operations: int
    keys: int
    peak: int
    overlapped: int
    effective: list[FaultView]
    warnings: list[str]


def exercise_of(operations: Operations, faults: list[FaultView], *, until: int) -> Exercise:
    """What a run exercised; it ended at `until` (ns)."""
    overlapped = operations.overlapping(spans(faults), until=until)
    return Exercise(
        by_function=_by_function(operations),
        operations=len(operations),
        keys=int(np.count_nonzero(np.unique(operations.key) != NONE)),
        peak=operations.peak,
        overlapped=overlapped,
        effective=[fault for fault in faults if fault.state == EFFECTIVE],
        warnings=_warnings(operations, overlapped),
    )


def _by_function(operations: Operations) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for number in np.unique(operations.f).tolist():
        types = np.bincount(operations.type[operations.f == number], minlength=len(TYPES)).tolist()
        counts[str(operations.values[number])] = {name: types[TYPE_CODES[name]] for name in _COMPLETIONS}
    return dict(sorted(counts.items()))


def _warnings(operations: Operations, overlapped: int) -> list[str]:
    warnings = [] if overlapped else [NO_OVERLAP]
    succeeded = operations.type == _OK
    if not succeeded.any():
        return [*warnings, NO_OPERATION]
    share = float(succeeded.mean())
    if share < FEW:
        warnings.append(FEW_OPERATIONS.format(share=share))
    functions = np.unique(operations.f).tolist()
    reads = np.isin(operations.f, [number for number in functions if operations.values[number] in _READS])
    if not reads.any():
        return warnings
    if not (reads & succeeded).any():
        return [*warnings, NO_READ]
    seen = np.unique(operations.result[reads & succeeded]).tolist()
    if len(seen) == 1 and seen[0] != NONE and show(operations.values[seen[0]]) not in _asked(operations, ~reads):
        return [*warnings, INITIAL_READS]
    return warnings


def _asked(operations: Operations, mask: NDArray[np.bool_]) -> frozenset[str]:
    """All that these operations may have stored: what they were given, and its elements (a cas is given old and new)."""
    given = [operations.values[number] for number in np.unique(operations.asked[mask]).tolist() if number != NONE]
    elements = [element for value in given if isinstance(value, list | tuple) for element in value]
    return frozenset(map(show, given + elements))
