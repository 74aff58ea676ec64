"""The proof of `valid`: a linearization is replayed through the spec itself, apart from the tables that the search used.

It holds when it has every call that returned once, none twice, none placed after one that began when it had already ended,
and every step of it is one that the spec allows.
"""

from __future__ import annotations

from collections.abc import Sequence

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
