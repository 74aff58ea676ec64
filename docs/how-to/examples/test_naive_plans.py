"""Any few operations and faults, and the naive store."""

from hypothesis import Phase, given, settings
from naive_store import naive_store

from chaoskit.core.plan import Plan
from chaoskit.testing.plans import assert_valid
from chaoskit.testing.strategies import plans_of


@given(plans_of(naive_store, parameters={"keys": "1"}))
@settings(deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
def test_no_plan_breaks_the_naive_store(plan: Plan) -> None:
    """Hypothesis looks for one that does, and makes it small."""
    assert_valid(plan)
