"""Evidence that the set checkers share: elements that are lost, that nobody added, or that are there twice.

Each violation tells the story of one element, and then how many others fared alike.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from chaoskit.check.operations import Operation, keys_of, on_key, reference, some_of, when
from chaoskit.core.units import plural
from chaoskit.core.verdict import Sentence, Violation
from chaoskit.spec.exact import plain
from chaoskit.spec.text import show

OPS_SHOWN = 32  # operations that a violation names


class Missing(NamedTuple):
    """An element, the operation whose end made it known to be there, and a later read without it."""

    element: Hashable
    known: Operation
    absent: Operation


def lost_elements(checker: str, lost: Sequence[Missing], *, closing: str) -> Violation:
    """`closing` is who else does not have them: "no read that began later"."""
    shown = show(lost[0].element)
    ending: Sentence = [
        reference(lost[0].absent, described=False),
        f" does not have {shown}, and {closing} has it: it is lost.",
    ]
    return _missing_elements(checker, "lost-element", "lost", lost, ending)


def stale_elements(checker: str, stale: Sequence[Missing]) -> Violation:
    """Elements that were missing for a while and came back."""
    ending: Sentence = [
        reference(stale[0].absent, described=False),
        f" does not have {show(stale[0].element)}: it is behind the times.",
    ]
    return _missing_elements(checker, "stale-read", "missing for a while", stale, ending)


def phantom_elements(checker: str, elements: Sequence[Hashable], read: Operation, failed: Iterable[Operation]) -> Violation:
    """Elements of a read that no add can have put there; `failed` are the failed adds of them."""
    shown = show(elements[0])
    adds = [add for add in failed if add.type == "fail"]
    first = next((add for add in adds if show(add.argument) == shown), None)
    sentences: list[Sentence] = [[reference(read), f" returned {shown}{when(read.ended_time)}."]]
    if first:
        sentences.append(
            ["Only ", reference(first), f" adds {shown}, and it failed{when(first.ended_time)}: it did not happen."]
        )
    else:
        sentences.append([f"No operation that had begun by then adds {shown}."])
    return Violation(
        checker=checker,
        kind="phantom-element",
        summary=f"{on_key(read)}{plural(len(elements), 'element')} that nobody added: {some_of(elements)}",
        sentences=sentences + _others(elements),
        ops=_unique([read.began, *(add.began for add in adds[:OPS_SHOWN])]),
        keys=keys_of(read),
        time=read.ended_time,
        data={"elements": [plain(element) for element in elements]},
    )


def duplicate_elements(checker: str, counts: dict[Hashable, int], read: Operation) -> Violation:
    """Elements that one read returned more than once; `read` is a read that did so with the first of them."""
    element, count = next(iter(counts.items()))
    return Violation(
        checker=checker,
        kind="duplicate-element",
        summary=f"{on_key(read)}{plural(len(counts), 'element')} more than once in one read: {some_of(counts)}",
        sentences=[
            [reference(read), f" returned {show(element)} {count} times{when(read.ended_time)}, but a set has it once."],
            *_others(list(counts)),
        ],
        ops=[read.began],
        keys=keys_of(read),
        time=read.ended_time,
        data={"elements": [plain(each) for each in counts]},
    )


def _missing_elements(checker: str, kind: str, fate: str, missing: Sequence[Missing], ending: Sentence) -> Violation:
    element, known, absent = missing[0]
    sign = "was acknowledged" if known.f == "add" else f"saw {show(element)}"
    opening: Sentence = [
        reference(known),
        f" {sign}{when(known.ended_time)}, before ",
        reference(absent),
        f" began{when(absent.began_time)}: {show(element)} must be there.",
    ]
    return Violation(
        checker=checker,
        kind=kind,
        summary=f"{on_key(absent)}{plural(len(missing), 'element')} {fate}: {some_of(each.element for each in missing)}",
        sentences=[opening, ending, *_others([each.element for each in missing])],
        ops=_unique([absent.began, *(each.known.began for each in missing[:OPS_SHOWN])]),
        keys=keys_of(absent),
        time=absent.ended_time,
        data={"elements": [plain(each.element) for each in missing]},
    )


def _others(elements: Sequence[Hashable]) -> list[Sentence]:
    return [[f"So it is with {some_of(elements[1:])}."]] if len(elements) > 1 else []


def _unique(indices: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(indices))
