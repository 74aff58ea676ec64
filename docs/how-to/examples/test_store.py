"""What the store with leases promises: with seeds, in a situation made by hand, and for any plan that Hypothesis can think of."""

import pytest
from hypothesis import given, settings
from store import store

from chaoskit.core.plan import Plan
from chaoskit.core.record import RunRecord
from chaoskit.testing.plans import assert_valid
from chaoskit.testing.small_world import SmallWorld
from chaoskit.testing.strategies import plans_of


@pytest.mark.chaoskit(model=store, seeds=5, ops=100)
def test_the_store_is_linearizable(chaoskit_run: RunRecord) -> None:
    """Under all that it claims to survive; and the runs are worth something: most operations were answered in some."""
    assert chaoskit_run.outcome.history.count_types()["ok"] > 0


@pytest.mark.chaoskit(model=store, clients=3)
def test_a_backup_refuses_to_read_once_its_lease_has_run_out(world: SmallWorld) -> None:
    """Cut off from the primary, it answers as long as the lease lasts, and then no more."""
    [primary] = world.with_role("primary")
    world.do("write", "k0", 1)
    world.advance("100ms")
    assert world.do("read", "k0", client=1).value == 1
    cut = world.cut(primary)
    world.advance("5s")
    assert world.do("read", "k0", client=1).type == "fail"
    world.heal(cut)
    world.advance("1s")
    assert world.do("read", "k0", client=1).value == 1
    world.assert_valid()


@given(plans_of(store))
@settings(deadline=None, max_examples=50)
def test_no_plan_breaks_the_store(plan: Plan) -> None:
    """A few operations and faults at any time."""
    assert_valid(plan)
