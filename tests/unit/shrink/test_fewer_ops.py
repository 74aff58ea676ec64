"""Fewer operations: one goes where another is asked at a better moment, so that those that are left still meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.shrink import OneByOne, Seen, ShrinkBudget
from chaoskit.shrink.passes import slide
from chaoskit.shrink.plans import asked
from chaoskit.shrink.search import Search

MANY = slide.OPS_FEW + 1


def writes(*begins: int) -> list[Invocation]:
    """One client each, at these milliseconds."""
    return [Invocation(id=n, slot=n, f="write", value=n, not_before=begin * MILLISECOND) for n, begin in enumerate(begins)]


def search_of(
    invocations: Sequence[Invocation],
    shows: Callable[[dict[int, int]], bool],
    *,
    proof: Sequence[int] = (),
    overrides: dict[str, int] | None = None,
) -> Search:
    """A search whose trial looks at when what is asked (id → ms) and at no more."""
    plan = Plan(
        seed=1,
        model="toy",
        workload="register",
        cluster=Cluster(nodes=["n1", "n2"], clients=len(invocations)),
        pacing=Pacing(ops=1, rate=10, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
        invocations=list(invocations),
        overrides=overrides or {},
    )
    seen = Seen(shows=True, proof=list(proof), begins={one.id: one.not_before for one in invocations})
    return Search(
        plan,
        OneByOne(lambda tried: msgspec.structs.replace(seen, shows=shows(times_of(tried)))),
        budget=ShrinkBudget(),
        edits=FaultEdits(),
        is_late=lambda: False,
        progress=lambda _plan, _runs: None,
    )


def times_of(plan: Plan) -> dict[int, int]:
    return {one.id: one.not_before // MILLISECOND for one in asked(plan)}


def test_what_is_not_in_the_proof_goes_when_another_is_asked_with_the_rest() -> None:
    """Two writes that met because five more were in the way: they alone must begin together, and all five go at once."""
    many = writes(0, 10, 10, 10, 20, 20, 30)

    def shows(times: dict[int, int]) -> bool:
        return len(times) == len(many) or (0 in times and times[0] == times.get(6))

    search = search_of(many, shows, proof=[0, 6])
    assert slide.run(search)
    assert times_of(search.plan) in ({0: 0, 6: 0}, {0: 30, 6: 30})


def test_one_operation_goes_when_another_is_asked_a_little_earlier() -> None:
    """Without the one that warmed a connection up, the next comes through later: it must begin a millisecond before."""
    many = writes(0, *[10] * (MANY - 1))

    def shows(times: dict[int, int]) -> bool:
        return len(times) == MANY or (len(times) == MANY - 1 and 0 not in times and times[1] == 9)

    search = search_of(many, shows, proof=range(1, MANY))
    assert slide.run(search)
    assert times_of(search.plan) == {1: 9, **dict.fromkeys(range(2, MANY), 10)}


def test_decisions_that_were_kept_go_with_the_operation_if_they_can() -> None:
    """What a link did to one message matters no more where the operations meet otherwise; its default stays."""
    search = search_of(writes(*[0] * MANY), lambda _: True, overrides={"packet": 0, "packet/i0/n1>n2/0": 7})
    assert slide.run(search)
    assert search.plan.overrides == {"packet": 0}


def test_a_story_with_few_operations_is_left_as_it_is() -> None:
    """It costs no run."""
    search = search_of(writes(*[0] * slide.OPS_FEW), lambda _: True)
    runs = search.runs
    assert not slide.run(search)
    assert search.runs == runs


def test_what_cannot_be_slid_is_tried_so_often_and_no_more() -> None:
    """A plan with many operations would take many thousand runs."""
    search = search_of(writes(*range(0, 600, 10)), lambda times: len(times) == 60)
    assert not slide.run(search)
    assert search.runs <= slide.TRIES + 1
