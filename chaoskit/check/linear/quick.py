"""What can be judged without a search: registers by blocks, straight from the history's columns; the rest is left over.

Small histories are left over too: for them a search is as quick. A bad key is explained from the calls around its failure, and
all calls on the values that they touch, when it has very many.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.blocks import Failure, first_failure, judge
from chaoskit.check.linear.columns import NO_VALUE, Columns, Registers, registers
from chaoskit.check.linear.explain import explain
from chaoskit.check.linear.normalise import Call, Problem, problems
from chaoskit.check.linear.paths import PATHS, Path, judge_by_path
from chaoskit.check.linear.tables import Table
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import INVOKE, Value
from chaoskit.core.verdict import Violation
from chaoskit.spec import CompleteSpec, Label
from chaoskit.spec.cas_register import CasRegister, cas_pair
from chaoskit.spec.exact import exact
from chaoskit.spec.register import Register

CALLS_EXPLAINED = 4_000  # of a larger object only so many around the failure, and what they touch
TOUCHING_ROUNDS = 2  # calls that touch a value that is touched, and once more


class Quick(NamedTuple):
    """What was judged, and the part of the history that was not."""

    left: History
    good: int  # keys
    calls: int  # of all keys judged
    violations: list[Violation]
    witnesses: list[tuple[Value, list[int]]]  # key, invocations in the order of a linearization


def judge_quickly(clients: History, spec: CompleteSpec, *, more_than: int, witness: bool, checker: str, has_times: bool) -> Quick:
    """Judges what it can of a history of more than so many calls. `witness`: linearizations of good keys are wanted."""
    register = spec.original
    nothing = Quick(clients, 0, 0, [], [])
    if np.count_nonzero(clients.types == TYPE_CODES[INVOKE]) <= more_than:
        return nothing
    path = PATHS.get(type(register))
    if path is not None:
        return _by_path(clients, spec, path, witness=witness, checker=checker, has_times=has_times)
    if type(register) not in (Register, CasRegister):
        return nothing
    assert isinstance(register, Register | CasRegister)
    found = registers(clients, register)
    if found is None:
        return nothing
    calls = found.calls
    judged = judge(calls.take(~found.odd[calls.key]), len(found.odd))
    decided = judged.decided & ~found.odd
    rows = np.flatnonzero(~found.odd[calls.key])[judged.order]
    violations = []
    for key in np.flatnonzero(judged.bad & decided).tolist():
        violation = _violation(clients, found, key, int(judged.fails_by[key]), spec, checker=checker, has_times=has_times)
        if violation is None:
            decided[key] = False
        else:
            violations.append(violation)
    judged_keys = np.zeros(len(clients.values) + 1, dtype=bool)
    judged_keys[found.key_numbers[decided]] = True
    good = decided & ~judged.bad
    return Quick(
        left=clients.where(~judged_keys[clients.keys]) if decided.any() else clients,
        good=int(good.sum()),
        calls=int(decided[calls.key].sum()),
        violations=violations,
        witnesses=_witnesses(clients, found, rows, np.flatnonzero(good).tolist()) if witness else [],
    )


def _by_path(clients: History, spec: CompleteSpec, path: Path, *, witness: bool, checker: str, has_times: bool) -> Quick:
    """The same for objects that are judged one by one."""
    found = judge_by_path(clients, spec, path, witness=witness, checker=checker, has_times=has_times)
    left = clients.where(~found.decided[clients.keys]) if found.decided.any() else clients
    return Quick(left, found.good, found.calls, found.violations, found.witnesses)


def _witnesses(clients: History, found: Registers, rows: np.ndarray, keys: list[int]) -> list[tuple[Value, list[int]]]:
    owners = found.calls.key[rows]
    begun = _indices(clients)[found.calls.began[rows]]
    return [
        (
            clients.values[int(found.key_numbers[key])],
            begun[np.searchsorted(owners, key) : np.searchsorted(owners, key, side="right")].tolist(),
        )
        for key in keys
    ]


def _violation(
    clients: History, found: Registers, key: int, fails_by: int, spec: CompleteSpec, *, checker: str, has_times: bool
) -> Violation | None:
    """The evidence on one bad key, None when its first failure cannot be decided by blocks."""
    rows = np.flatnonzero(found.calls.key == key)
    of_key = found.calls.take(rows)
    calls = of_key._replace(key=np.zeros_like(of_key.key))
    failure = first_failure(calls, fails_by)
    if failure is None:
        return None
    kept = _around(calls, failure)
    events = clients.keys == found.key_numbers[key]
    if not kept.all():
        completions = found.completions[rows[~kept]]
        events[calls.began[~kept]] = False
        events[completions[completions >= 0]] = False
    (problem,) = problems(clients.where(events), spec)
    by_begin = {call.began: call for call in problem.calls}
    begun = _indices(clients)[calls.began]
    failing_row = int(np.flatnonzero(calls.ended == failure.position)[0])
    failing = by_begin[int(begun[failing_row])]
    placed = [by_begin[int(begun[row])] for row in failure.order[kept[failure.order]].tolist() if row != failing_row]
    table = Table(spec, problem.labels, problem.is_read)
    states = [
        table.number(_written(problem, by_begin[int(begun[row])])) if row >= 0 else table.initial
        for row in failure.last
        if row != failing_row
    ]
    return explain(
        problem,
        table,
        failing=failing,
        placed=placed,
        states=list(dict.fromkeys(states)) or [table.initial],
        checker=checker,
        has_times=has_times,
    )


def _around(calls: Columns, failure: Failure) -> np.ndarray:
    """Which calls of a key its violation is explained by."""
    if len(calls.began) <= CALLS_EXPLAINED:
        return np.ones(len(calls.began), dtype=bool)
    middle = int(np.searchsorted(calls.began, failure.position))
    kept = np.zeros(len(calls.began), dtype=bool)
    kept[max(middle - CALLS_EXPLAINED // 2, 0) : middle + CALLS_EXPLAINED // 2] = True
    kept[[row for row in failure.last if row >= 0]] = True
    kept |= calls.ended == failure.position
    for _ in range(TOUCHING_ROUNDS):
        touched = np.zeros(calls.values + 1, dtype=bool)
        touched[calls.seen[kept]] = True
        touched[calls.written[kept]] = True
        touched[NO_VALUE] = False
        kept |= touched[calls.seen] | touched[calls.written]
    return kept


def _indices(clients: History) -> np.ndarray:
    return np.arange(len(clients)) if clients.indices is None else clients.indices


def _written(problem: Problem, call: Call) -> object:
    label: Label = problem.label(call)
    return exact(cas_pair(label)[1] if label.f == "cas" else label.input)
