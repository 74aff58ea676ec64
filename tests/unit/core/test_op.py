"""Events of a history: completions keep what was asked."""

from __future__ import annotations

from chaoskit.core.op import Op

INVOCATION = Op(index=4, time=7, type="invoke", process=2, f="cas", key="x", value=[1, 2])


def test_a_completion_keeps_what_was_asked() -> None:
    """Except the type, and the value or the error."""
    assert INVOCATION.ok(5) == Op(index=4, time=7, type="ok", process=2, f="cas", key="x", value=5)
    assert INVOCATION.fail("no") == Op(index=4, time=7, type="fail", process=2, f="cas", key="x", value=[1, 2], error="no")
    assert INVOCATION.info("?") == Op(index=4, time=7, type="info", process=2, f="cas", key="x", value=[1, 2], error="?")
    assert INVOCATION.is_invoke
    assert not INVOCATION.ok().is_invoke


def test_an_event_reads_on_one_line() -> None:
    """Key and error appear when there are some."""
    assert str(INVOCATION) == "4 2 invoke cas x [1, 2]"
    assert str(Op(index=1, type="fail", process="a", f="read", error="refused")) == "1 a fail read None [refused]"
