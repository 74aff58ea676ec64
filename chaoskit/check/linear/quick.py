"""What can be judged without a search: registers by blocks, straight from the history's columns; the rest is left over.

Small histories are left over too: for them a search is as quick. A bad key is explained from the calls around its failure, and
all calls on the values that they touch, when it has very many.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from chaoskit.check.linear.blocks import Blocks, Failure, first_failure
from chaoskit.check.linear.columns import NO_VALUE, Columns, Registers, registers
from chaoskit.check.linear.decided import Failing
from chaoskit.check.linear.explain import CALLS_EXPLAINED, explain
from chaoskit.check.linear.normalise import Call, Problem, problems
from chaoskit.check.linear.paths import PATHS, SEARCH_UP_TO, Telling, judge_by_path
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove, prove_registers
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import INVOKE, Value
from chaoskit.core.verdict import Violation
from chaoskit.spec import CompleteSpec, Label
from chaoskit.spec.cas_register import CasRegister, cas_pair
from chaoskit.spec.exact import exact
from chaoskit.spec.register import Register

EVENTS_REPLAYED = 20_000  # of a larger history the linearizations are replayed over columns only, not through the spec itself
TOUCHING_ROUNDS = 2  # calls that touch a value that is touched, and once more


class Quick(NamedTuple):
    """What was judged, and the part of the history that was not."""

    left: History
    good: int  # keys
    calls: int  # of all keys judged
    failing: list[Failing]
    witnesses: list[tuple[Value, list[int]]]  # key, invocations in the order of a linearization


def judge_quickly(clients: History, spec: CompleteSpec, *, search_up_to: int | None, witness: bool, telling: Telling) -> Quick:
    """Judges what it can of a history of more than so many calls, None for as many as pay.

    `witness`: linearizations of good keys are wanted.
    """
    register = spec.original
    nothing = Quick(clients, 0, 0, [], [])
    path = PATHS.get(type(register))
    least = SEARCH_UP_TO if path is None else path.search_up_to
    if np.count_nonzero(clients.types == TYPE_CODES[INVOKE]) <= (least if search_up_to is None else search_up_to):
        return nothing
    if path is not None:
        if search_up_to is not None:
            path = path._replace(explain_up_to=0)
        judged = judge_by_path(clients, spec, path, witness=witness, telling=telling)
        left = clients.where(~judged.decided[clients.keys]) if judged.decided.any() else clients
        return Quick(left, judged.good, judged.calls, judged.failing, judged.witnesses)
    if type(register) not in (Register, CasRegister):
        return nothing
    assert isinstance(register, Register | CasRegister)
    found = registers(clients, register)
    if found is None:
        return nothing
    calls, odd = found.calls, found.odd[found.calls.key]
    fitting = np.flatnonzero(~odd)
    blocks = Blocks(calls.take(fitting) if odd.any() else calls, len(found.odd))
    decided = blocks.decided & ~found.odd
    good = decided & ~blocks.bad
    order = fitting[blocks.order()]
    prove_registers(calls, order, good)
    bad = []
    for key in np.flatnonzero(decided & blocks.bad).tolist():
        failing = _failing(clients, found, key, int(blocks.fails_by[key]), spec, telling)
        if failing is None:
            decided[key] = False
        else:
            bad.append(failing)
    judged_keys = np.zeros(len(clients.values) + 1, dtype=bool)
    judged_keys[found.key_numbers[decided]] = True
    _prove_by_spec(clients, found, order, good, spec)
    return Quick(
        left=clients.where(~judged_keys[clients.keys]) if decided.any() else clients,
        good=int(good.sum()),
        calls=int(decided[calls.key].sum()),
        failing=bad,
        witnesses=_witnesses(clients, found, order, np.flatnonzero(good).tolist()) if witness else [],
    )


def _prove_by_spec(clients: History, found: Registers, order: np.ndarray, good: np.ndarray, spec: CompleteSpec) -> None:
    """Replays the linearizations of good keys through the spec too, unless the history is large."""
    if not good.any() or len(clients) > EVENTS_REPLAYED:
        return
    chosen = np.zeros(len(clients.values) + 1, dtype=bool)
    chosen[found.key_numbers[good]] = True
    orders = {exact(key): begun for key, begun in _witnesses(clients, found, order, np.flatnonzero(good).tolist())}
    for problem in problems(clients.where(chosen[clients.keys]), spec):
        numbers = {call.began: number for number, call in enumerate(problem.calls)}
        state, steps = spec.init(), []
        for began in orders[exact(problem.key)]:
            call = problem.calls[numbers[began]]
            state = state if problem.is_read[call.label] else _written(problem, call)
            steps.append((numbers[began], state))
        prove(problem, spec, steps)


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


def _failing(clients: History, found: Registers, key: int, fails_by: int, spec: CompleteSpec, telling: Telling) -> Failing | None:
    """Where one bad key fails first, None when that cannot be decided by blocks."""
    rows = np.flatnonzero(found.calls.key == key)
    of_key = found.calls.take(rows) if len(rows) < len(found.calls.key) else found.calls
    calls = of_key._replace(key=np.zeros_like(of_key.key))
    failure = first_failure(calls, fails_by)
    if failure is None:
        return None
    explained = partial(_violation, clients, found, key, rows, calls, failure, spec, telling)
    return Failing(clients.values[int(found.key_numbers[key])], int(_indices(clients)[failure.position]), explain=explained)


def _violation(
    clients: History,
    found: Registers,
    key: int,
    rows: np.ndarray,
    calls: Columns,
    failure: Failure,
    spec: CompleteSpec,
    telling: Telling,
) -> Violation:
    """The evidence on one bad key."""
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
    placed = [by_begin[int(begun[row])] for row in failure.order(kept).tolist() if row != failing_row]
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
        checker=telling.checker,
        has_times=telling.has_times,
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
