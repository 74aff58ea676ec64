"""Histories of anything at all: a verdict or an error with a reason, never a crash; and by path what the search says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.core.errors import InternalError, ModelError, UsageError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import FAIL, INFO, INVOKE, NEMESIS, OK, Value
from chaoskit.core.verdict import Budget, Verdict
from chaoskit.spec import SPECS, complete, spec_from_text

VALUES = st.sampled_from(
    [
        *(None, 0, 1, 2, True, False, 1.0, -0.0, float("nan"), float("inf"), -1, 2**63, "", "a", "ab"),
        *([], [1], [1, 2], [2, 1], [1, 1], [True], [None, 1], [0, [1]], ["r", "x", 1], [["r", "x", None]], [["w", "x", 1]]),
        *({}, {"a": 1}, [["w", "x"]], [["append", "x", 1]]),
    ]
)


@st.composite
def any_histories(draw: st.DrawFn, text: str) -> History:
    """Events of a spec's functions in any order, about anything: orphans, twice begun, of named clients and of the nemesis."""
    functions = sorted(complete(spec_from_text(text)).functions)
    builder = HistoryBuilder()
    opened: dict[int | str, tuple[str, object, Value]] = {}
    for _ in range(draw(st.integers(1, 16))):
        process = draw(st.sampled_from([0, 1, 2, 3, "ann", NEMESIS]))
        f, key = draw(st.sampled_from(functions)), draw(st.sampled_from([None, "x", 1, True]))
        if process == NEMESIS:
            builder.append(draw(st.sampled_from([INFO, INVOKE, OK])), process, "partition", None, draw(VALUES))
        elif process in opened and draw(st.integers(0, 9)):
            f, key, asked = opened.pop(process)
            value = asked if draw(st.booleans()) else draw(VALUES)
            builder.append(draw(st.sampled_from([OK, OK, OK, FAIL, INFO])), process, f, key, value)
        elif draw(st.integers(0, 60)):
            opened[process] = f, key, draw(VALUES)
            builder.append(INVOKE, process, *opened[process])
        else:
            builder.append(OK, process, f, key, draw(VALUES))
    return builder.build()


def judged(history: History, text: str, *, search_up_to: int) -> Verdict | str:
    """The verdict, or the kind of error that says why there is none."""
    try:
        return Linearizable(spec_from_text(text), search_up_to=search_up_to).check(history, budget=Budget(configurations=20_000))
    except (UsageError, ModelError) as error:
        assert not isinstance(error, InternalError) and str(error).endswith("."), error
        return type(error).__name__


@pytest.mark.parametrize("text", sorted([*SPECS, "cas-register:failed-cas=observe", "register:nil-read=unknown"]))
@settings(deadline=None, derandomize=True, max_examples=30)
@given(data=st.data())
def test_whatever_a_history_holds_there_is_a_verdict_or_a_reason(text: str, data: st.DataObject) -> None:
    """Where path and search both have a verdict it is the same, down to the failing completions."""
    history = data.draw(any_histories(text))
    quick, searched = (judged(history, text, search_up_to=limit) for limit in (0, 1_000))
    if isinstance(quick, Verdict) and isinstance(searched, Verdict) and not searched.is_unknown:
        assert quick.status is searched.status
        assert [each.data["op"] for each in quick.violations] == [each.data["op"] for each in searched.violations]
