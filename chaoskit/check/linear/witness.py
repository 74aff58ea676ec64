"""The proof of `valid`: a linearization is replayed, by code that shares nothing with what found it.

It holds when it has every call that returned once, none twice, none placed after one that began when it had already ended,
and every step of it is one that the spec allows. `prove` asks the spec itself. `prove_registers` does the same over columns, for
histories of which a list of calls would take longer than all else: what a register allows is written there once more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE, Columns, Flags, Numbers
from chaoskit.check.linear.normalise import Problem
from chaoskit.core.errors import InternalError
from chaoskit.spec import CompleteSpec, Illegal, State
from chaoskit.spec.exact import identity


def prove(problem: Problem, spec: CompleteSpec, order: Sequence[tuple[int, State]]) -> None:
    """Checks a linearization: (call, state after it), first to last. Raises `InternalError` when it is none."""
    calls = problem.calls
    placed = {number for number, _ in order}
    if len(placed) != len(order) or any(call.returned and number not in placed for number, call in enumerate(calls)):
        raise InternalError(f"the linearization of key {problem.key!r} leaves out a call or has one twice.")
    state = spec.init()
    latest = -1
    for number, after in order:
        call = calls[number]
        if call.ended < latest:
            raise InternalError(
                f"the linearization of key {problem.key!r} places the call {call.began} after one that began later than it ended."
            )
        latest = max(latest, call.began)
        answer = spec.step(state, problem.label(call))
        if isinstance(answer, Illegal) or identity(after) not in map(identity, answer):
            raise InternalError(
                f"the linearization of key {problem.key!r} takes a step at the call {call.began} that spec {spec.name!r} forbids."
            )
        state = after


def prove_registers(calls: Columns, order: Numbers, good: Flags) -> None:
    """Checks linearizations of registers, key by key: rows of the calls of good keys. Raises `InternalError` when one is none."""
    placed = np.bincount(order, minlength=len(calls.began))
    wanted = good[calls.key]
    if (placed > wanted).any() or (wanted & (placed == 0) & (calls.ended < calls.horizon)).any():
        raise InternalError("the blocks of a register leave out a call or have one twice.")
    key, began, ended, seen, written = (
        column[order] for column in (calls.key, calls.began, calls.ended, calls.seen, calls.written)
    )
    stride = calls.horizon + 1
    latest = np.maximum.accumulate(key * stride + began) - key * stride
    if (np.diff(key) < 0).any() or (ended < latest).any():
        raise InternalError("the blocks of a register were put in an order against real time.")
    writes = np.flatnonzero(written[:-1] != NO_VALUE)
    before = np.full(len(order), NO_VALUE, dtype=np.int64)  # the write before
    before[writes + 1] = writes
    before = np.maximum.accumulate(before)
    of_key = (before >= 0) & (key[before] == key)
    held = np.where(of_key, written[before], calls.initial)
    if ((seen != NO_VALUE) & (seen != held)).any():
        raise InternalError("the blocks of a register were put in an order in which a call saw what was not there.")
