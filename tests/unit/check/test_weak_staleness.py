"""How stale the reads of registers were: the smallest k for which every read returned one of the last k values."""

from __future__ import annotations

import pytest

from chaoskit.check.weak.order import Purse
from chaoskit.check.weak.registers import registers
from chaoskit.check.weak.staleness import Staleness, bounds, staleness
from chaoskit.core.errors import UsageError
from chaoskit.testing.histories import h


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("", 1),
        ("0:w1 1:r1", 1),
        ("0:w1 1:r", 2),
        ("0:w1 0:w2 1:r1", 2),
        ("0:w1 0:w2 0:w3 1:r", 4),
        ("0:w1 0:w2 0(w3 1:r1 0)", 2),
        ("0(w1 1:r1 2:r 1:r1 0)", 2),
        ("0:w1 0:w2 1:r1 1:r2 1:r1", 2),
        ("0:w1 0:w2 1:r1 0:w3 1:r2 1:r1", 3),
        ("0:w1? 0:w2 1:r", 2),
    ],
)
def test_the_smallest_k_is_found(text: str, k: int) -> None:
    """1 is linearizable; each further value that may be read is one more."""
    found = staleness(h(text))
    assert found is not None
    assert (found.lower, found.upper, found.is_exact) == (k, k, True)


def test_the_stalest_register_is_named() -> None:
    """Each is judged alone."""
    assert staleness(h("0:wx=1 0:wx=2 1:rx=2 0:wy=1 0:wy=2 1:ry=1")) == Staleness(2, 2, "y")


@pytest.mark.parametrize("text", ["0:w1 1:r2", "0(r 0)1 0:w1", "0:w1 1:w1 2:r1"])
def test_where_no_k_can_be_there_is_none(text: str) -> None:
    """A phantom, a read from the future, and a value that two wrote."""
    assert staleness(h(text)) is None


def test_without_a_budget_the_bounds_stay_apart() -> None:
    """Four writes at once, read so that none of the simple orders is best."""
    text = "0(w1 1(w2 2(w3 4:r3 4:r1 4:r2 4:r3 4:r1 0) 1) 2)"
    found = registers(h(text))
    exact, rough = bounds(found, Purse(10_000)), bounds(found, Purse(0))
    assert exact is not None and rough is not None
    assert rough.lower <= exact.lower == exact.upper <= rough.upper
    assert not rough.is_exact


def test_only_registers_have_a_bound() -> None:
    """Other operations are refused."""
    with pytest.raises(UsageError, match=r"^expected reads and writes of registers"):
        staleness(h("0:a1"))
