"""Plans of a model, for `@given`: a few operations of its workload at any time, a few faults, and a seed for the rest.

    @given(plans_of("raft", workload="register"))
    def test_raft_is_linearizable(plan: Plan) -> None:
        assert_valid(plan)

A falsifying example is printed as the call of `plan_of` that makes it: nothing in it that did not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from chaoskit.catalogue import reference_of
from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.sim.phases import MAIN
from chaoskit.testing.plans import plan_of, questions
from chaoskit.testing.strategies.faults import fault_schedules

if TYPE_CHECKING:
    from chaoskit.model import Model

OPERATIONS = 40  # that examples choose from
SEEDS_MAX = 1 << 16


def plans_of(
    model: Model | str,
    *,
    workload: str | None = None,
    bugs: Sequence[str] = (),
    nodes: int = 3,
    clients: int = 3,
    parameters: Mapping[str, str] | None = None,
    kinds: Sequence[str] = ("pause", "kill", "partition"),
    max_ops: int = 12,
    max_faults: int = 3,
    horizon: int = 2 * SECOND,
) -> st.SearchStrategy[Plan]:
    """Plans of a model: a catalogue name, `path/to/file.py:name`, or the model itself.

    `kinds` are the kinds of fault; those that the model does not claim to survive are refused when they are injected. Safety and
    agreement at the end are judged; whether a healed core makes progress is not, for these plans ask nothing of it. Raises
    `UsageError` for what cannot be meant.
    """
    reference = model if isinstance(model, str) else reference_of(model)
    given: dict[str, Any] = {"nodes": nodes, "clients": clients}
    given |= {"workload": workload} if workload else {}
    given |= {"bugs": list(bugs)} if bugs else {}
    given |= {"parameters": dict(parameters)} if parameters else {}
    empty = plan_of(reference, **given)
    operations = [(f, key, value) for _, f, key, value in questions(empty, MAIN, count=OPERATIONS)]
    instants, slots = st.integers(0, horizon // MILLISECOND), st.integers(0, clients - 1)
    ask = st.tuples(slots, instants, st.integers(0, len(operations) - 1))
    asks = st.lists(ask, min_size=1, max_size=max_ops, unique_by=lambda drawn: drawn[2]).map(
        lambda drawn: [
            (slot, at, *operations[number]) for slot, at, number in sorted(drawn, key=lambda each: (each[1], each[0], each[2]))
        ]
    )
    return st.builds(
        plan_of,
        st.just(reference),
        **{name: st.just(value) for name, value in given.items()},
        seed=st.integers(0, SEEDS_MAX),
        asks=asks,
        faults=fault_schedules(empty.cluster.nodes, kinds=kinds, horizon=horizon, max_size=max_faults),
    )
