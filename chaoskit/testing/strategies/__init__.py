"""Hypothesis strategies for what chaoskit works on: values, operations, histories, faults and plans.

They use what Hypothesis offers to everybody, so that what fails is made small and printed short by its own means.
"""

from chaoskit.testing.strategies.asks import Ask, asks_of, operations
from chaoskit.testing.strategies.events import client_histories, histories, ops, processes, transactions
from chaoskit.testing.strategies.faults import fault_schedules
from chaoskit.testing.strategies.linearizable import answered_histories, linearizable_histories, mutated_histories
from chaoskit.testing.strategies.plans import plans_of
from chaoskit.testing.strategies.values import scalars, texts, values

__all__ = [
    "Ask",
    "answered_histories",
    "asks_of",
    "client_histories",
    "fault_schedules",
    "histories",
    "linearizable_histories",
    "mutated_histories",
    "operations",
    "ops",
    "plans_of",
    "processes",
    "scalars",
    "texts",
    "transactions",
    "values",
]
