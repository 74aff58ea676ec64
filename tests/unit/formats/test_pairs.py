"""Completions end what their process has begun, whatever the format was."""

from __future__ import annotations

import pytest

from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.formats.pairs import check_pairs, overtaken


def history(*events: str, keys: str = "") -> History:
    """`i0w` is an invocation of write by process 0, `o0r` its ok as a read; `keys` has a letter for each event, - for none."""
    kinds, functions = {"i": "invoke", "o": "ok", "f": "fail", "n": "info"}, {"w": "write", "r": "read"}
    found = [key if key != "-" else None for key in keys.ljust(len(events), "-")]
    return History.of(
        [
            Op(type=kinds[kind], process=int(process) if process.isdigit() else "nemesis", f=functions[f], key=key)
            for (kind, process, f), key in zip(events, found, strict=True)
        ]
    )


@pytest.mark.parametrize("ending", ["o", "f", "n"])
def test_a_completion_of_another_function_is_refused(ending: str) -> None:
    """Whatever its type, with both indices, among operations of others."""
    with pytest.raises(FormatError) as refused:
        check_pairs(history("i1r", "i0w", "o1r", f"{ending}0r"), file="a.jsonl")
    kind = {"o": "ok", "f": "fail", "n": "info"}[ending]
    assert str(refused.value) == (
        f"a.jsonl: expected the {kind} of process 0 at index 3 to end its operation of index 1, f='write', but got f='read'; "
        "concurrent operations need processes of their own."
    )


def test_a_completion_of_another_key_is_refused_and_one_without_a_key_is_not() -> None:
    """Some recorders leave out in a completion what the invocation has said."""
    check_pairs(history("i0w", "o0w", keys="aa"), file="a")
    check_pairs(history("i0w", "o0w", keys="a-"), file="a")
    with pytest.raises(FormatError, match=r"^a: .* index 0, key='a', but got key='b';"):
        check_pairs(history("i0w", "o0w", keys="ab"), file="a")
    with pytest.raises(FormatError, match=r"^a: .* index 0, key=None, but got key='b';"):
        check_pairs(history("i0w", "o0w", keys="-b"), file="a")


def test_the_first_mistake_of_the_file_is_told() -> None:
    """By the order of the file, not by that of the processes."""
    with pytest.raises(FormatError, match="the ok of process 1 at index 2 "):
        check_pairs(history("i0w", "i1w", "o1r", "o0r"), file="a")


@pytest.mark.parametrize(
    "events",
    [
        (),
        ("o0w",),
        ("o0w", "o0r"),
        ("i0w",),
        ("i0w", "i0r", "o0r"),
        ("i0w", "nnr", "o0w"),
        ("nnw", "nnr"),
        ("i0w", "n0w", "i0r", "o0r"),
    ],
)
def test_everything_else_is_for_the_checkers_to_judge(events: tuple[str, ...]) -> None:
    """Completions alone, operations that nobody ever answered, and whatever the nemesis does."""
    check_pairs(history(*events), file="a")


def test_an_operation_that_its_process_overtook_is_found() -> None:
    """Not one that is the last of its process, and none that has an end; the first by the order of the file."""
    number, first = overtaken(history("nnw", "i1w", "i0r", "o1w", "i1r", "i1w", "i0w", "o0w", "i2w"))
    assert first is not None
    assert (number, first.index, first.process) == (2, 2, 0)
    assert overtaken(history("i0w", "n0w", "i0r", "i1r")) == (0, None)
