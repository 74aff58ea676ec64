"""Linearizability by trying everything: what the fast search is compared with in tests.

It follows the definition and shares no idea with the search: pick any call that no unplaced call wholly precedes, take every
step the spec allows, go on until all that returned is placed. Exponential; meant for a dozen calls.

Source: Herlihy and Wing, "Linearizability", 1990.
"""

from __future__ import annotations

from chaoskit.check.linear.normalise import NEVER, Call, Problem
from chaoskit.spec import CompleteSpec, Illegal, Label, State
from chaoskit.spec.exact import identity


def linearizable(problem: Problem, spec: CompleteSpec) -> bool:
    """Is there an order of the calls that respects real time and the spec?"""
    return _completes([(call, problem.label(call)) for call in problem.calls], spec.init(), spec, set())


def first_failure(problem: Problem, spec: CompleteSpec) -> int | None:
    """The index of the first completion up to which the calls have no such order; None when they have one to the end."""
    if linearizable(problem, spec):
        return None
    for end in sorted(call.ended for call in problem.calls if call.returned):
        known = [call._replace(ended=NEVER) if call.ended > end else call for call in problem.calls if call.began < end]
        if not _completes([(call, problem.label(call)) for call in known], spec.init(), spec, set()):
            return end
    return None


def _completes(left: list[tuple[Call, Label]], state: State, spec: CompleteSpec, seen: set[object]) -> bool:
    if not any(call.returned for call, _ in left):
        return True
    key = (tuple(call.began for call, _ in left), identity(state))
    if key in seen:
        return False
    seen.add(key)
    first_end = min(call.ended for call, _ in left)
    for position, (call, label) in enumerate(left):
        if call.began > first_end:
            continue
        answer = spec.step(state, label)
        if isinstance(answer, Illegal):
            continue
        rest = left[:position] + left[position + 1 :]
        if any(_completes(rest, after, spec, seen) for after in answer):
            return True
    return False
