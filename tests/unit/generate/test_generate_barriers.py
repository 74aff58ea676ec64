"""synchronize, phases, then."""

from __future__ import annotations

from chaoskit import generate as gen


def test_phases_wait_until_all_threads_are_free() -> None:
    """Each phase begins when the last op of the one before is complete."""
    history = gen.perfect(
        gen.clients(gen.phases(gen.repeat({"f": "a"}, times=2), {"f": "b"}, gen.repeat({"f": "c"}, times=3)))
    )
    assert [(op.f, op.time) for op in history] == [("a", 0), ("a", 0), ("b", 10), ("c", 20), ("c", 20), ("c", 30)]


def test_phases_of_nothing_are_nothing() -> None:
    """None is no phase."""
    assert gen.phases() is None
    assert gen.phases(None, None) is None


def test_synchronize_of_nothing_still_waits() -> None:
    """A barrier alone holds up what comes after it in a sequence."""
    history = gen.perfect([{"f": "a"}, gen.synchronize(None), {"f": "b"}])
    assert [(op.f, op.time) for op in history] == [("a", 0), ("b", 10)]


def test_concat_does_not_wait() -> None:
    """Unlike phases, a sequence goes on while earlier ops are under way."""
    assert [op.time for op in gen.perfect(gen.concat({"f": "a"}, {"f": "b"}))] == [0, 0]


def test_synchronize_waits_for_the_latest() -> None:
    """Ops at 2, 3 and 5 ns that take 10: the phase after them begins at 15."""
    first = [{"f": "a", "time": 2}, {"f": "a", "time": 3}, {"f": "a", "time": 5}]
    history = gen.perfect([first, gen.synchronize(gen.repeat({"f": "b"}, times=2))])
    assert [(op.f, op.time) for op in history] == [("a", 2), ("a", 3), ("a", 5), ("b", 15), ("b", 15)]


def test_then_is_backwards() -> None:
    """then(after, first): first, and when it is complete, after; nothing on either side leaves the other."""
    history = gen.perfect(gen.then(gen.once({"f": "read"}), gen.limit(3, gen.repeat({"f": "write"}))))
    assert [(op.f, op.time) for op in history] == [("write", 0)] * 3 + [("read", 10)]
    assert gen.then(None, {"f": "r"}) == gen.lift({"f": "r"})
    assert gen.then(None, None) is None
