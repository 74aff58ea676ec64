"""Parameters as people type them."""

from __future__ import annotations

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.parameters import Parameter, parse_parameters

KNOWN = {
    "keys": Parameter(default=3, summary="how many", low=1, high=10),
    "least": Parameter(default=3, summary="how many", low=1),
    "most": Parameter(default=3, summary="how many", high=10),
    "cas": Parameter(default=True, summary="whether"),
    "mode": Parameter(default="fast", summary="which", choices=("fast", "safe")),
    "name": Parameter(default="x", summary="what"),
}


def test_a_value_has_its_parameters_type() -> None:
    """Typed texts become integers, booleans and texts."""
    given = {"keys": "7", "cas": "false", "mode": "safe", "name": "7"}
    assert parse_parameters("raft", KNOWN, given) == {"keys": 7, "cas": False, "mode": "safe", "name": "7"}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("keys", "0", "an integer from 1 to 10"),
        ("keys", "many", "an integer from 1 to 10"),
        ("least", "0", "an integer of at least 1"),
        ("most", "11", "an integer of at most 10"),
        ("cas", "maybe", "true or false"),
        ("mode", "slow", "one of fast, safe"),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, text: str, expected: str) -> None:
    """With what it may be."""
    with pytest.raises(UsageError, match=rf"^expected {expected} but got {name}='{text}'\.$"):
        parse_parameters("raft", KNOWN, {name: text})


def test_an_unknown_parameter_is_answered_with_the_nearest() -> None:
    """It names whose parameter it would be."""
    with pytest.raises(UsageError, match=r"^unknown parameter of raft 'kyes'\. Did you mean 'keys'\?$"):
        parse_parameters("raft", KNOWN, {"kyes": "7"})
