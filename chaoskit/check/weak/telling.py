"""From a contradiction to evidence: sentences of the form let / then / a contradiction, and the operations that they name.

Every sentence says one step and why it holds; an operation is described where it is first mentioned. What a rule concluded is
told after the steps that it was concluded from.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaoskit.check.weak.order import Because, Edge, Order
from chaoskit.check.weak.registers import Registers, Unwritten
from chaoskit.core.units import plural
from chaoskit.core.verdict import OpRef, Sentence, Violation
from chaoskit.spec.text import call_text, show, show_key

STEPS_SHOWN = 24

Piece = str | int  # words, or the number of a call
Step = tuple[Piece, ...]


def violation(
    registers: Registers,
    *,
    level: str,
    kind: str,
    summary: str,
    steps: Sequence[Step],
    calls: Sequence[int],
    order: Sequence[int] = (),
) -> Violation:
    """The evidence that these steps tell. `calls` are its operations, the one that shows it first."""
    operations = [registers.calls[number].operation for number in dict.fromkeys(calls)]
    keys = list({show_key(each.key): each.key for each in operations if each.key is not None}.values())
    where = f"key {show_key(keys[0])}: " if len(keys) == 1 else ""
    return Violation(
        checker=level,
        kind=kind,
        summary=where + summary,
        sentences=_sentences(registers, steps),
        ops=[operation.began for operation in operations],
        keys=keys,
        time=max((each.ended_time for each in operations if each.ended_time is not None), default=None),
        order=[registers.calls[number].operation.began for number in order],
        data={"op": max(operation.began if operation.ended is None else operation.ended for operation in operations)},
    )


def unwritten_violation(found: Unwritten, *, level: str, initial: object) -> Violation:
    """A value out of nothing, or of a write that failed: no level allows that."""
    read = found.read
    text = call_text("read", read.key, result=read.result, shows_result=True)
    mention = OpRef(read.began, f"r{read.began} ({text})")
    value = show(read.result)
    if found.failed:
        failed = OpRef(found.failed[0].began, f"w{found.failed[0].began} (write, failed)")
        why: Sentence = ["Only ", failed, f" wrote {value}, and it failed: it did not happen."]
        kind, summary = "dirty-read", f"a read returned {value}, which only a failed operation wrote"
    else:
        why = [f"No write of {value} is in the history, and the initial value is {show(initial)}."]
        kind, summary = "phantom-read", f"a read returned {value}, which nobody wrote"
    where = "" if read.key is None else f"key {show_key(read.key)}: "
    return Violation(
        checker=level,
        kind=kind,
        summary=where + summary,
        sentences=[[mention, f" returned {value}."], [*why, " A read returns what was written: a contradiction."]],
        ops=[read.began, *(operation.began for operation in found.failed)],
        keys=[] if read.key is None else [read.key],
        time=read.ended_time,
        data={"op": read.ended},
    )


def cycle_steps(order: Order, cycle: Sequence[Edge]) -> list[Step]:
    """The steps that lead to a cycle, and the cycle as the last."""
    steps = _told(order, cycle)
    turned = next((place for place, edge in enumerate(cycle) if edge.because is Because.FIRST), None)
    if turned is None:
        names: list[Piece] = []
        for edge in cycle:
            names += [edge.start, " before "]
        end: Step = ("So ", *names, cycle[0].start, ": a contradiction.")
    else:  # something came before the initial value
        write = cycle[turned].end
        value = show(order.registers.initial)
        end = ("But ", write, f" cannot come before {value}, which was there at first: a contradiction.")
    if len(steps) > STEPS_SHOWN:
        left_out = len(steps) - STEPS_SHOWN
        return [(f"({plural(left_out, 'step')} of the proof before these are left out.)",), *steps[-STEPS_SHOWN:], end]
    return [*steps, end]


def calls_of(order: Order, cycle: Sequence[Edge]) -> list[int]:
    """The calls of a cycle and of what its edges were concluded from: reads first, for they show it."""
    calls = len(order.registers.calls)
    named = [piece for step in _told(order, cycle) for piece in step if isinstance(piece, int) and piece < calls]
    return sorted(dict.fromkeys(named), key=lambda number: (order.registers.calls[number].is_write, -number))


def _told(order: Order, cycle: Sequence[Edge]) -> list[Step]:
    return [step for edge in order.proof(cycle) if (step := _step(order, edge))]


def _step(order: Order, edge: Edge) -> Step:
    registers = order.registers
    initial = show(registers.initial)
    start, end = edge.start, edge.end
    match edge.because:
        case Because.PROCESS:
            process = registers.calls[start].operation.process
            return start, " comes before ", end, f": process {process} did them in this order."
        case Because.SEEN if start < len(registers.calls):
            return start, " comes before ", end, ", which saw what it wrote."
        case Because.PASSED if end < len(registers.calls):
            return edge.by, " comes after ", start, " and yet saw ", end, ": so ", start, " comes before ", end, "."
        case Because.PASSED:
            return edge.by, " comes after ", start, f", and yet returned {initial}, the initial value."
        case Because.REPLACED if edge.by < len(registers.calls):
            return start, " saw ", edge.by, ", which ", end, " replaced: so ", start, " comes before ", end, "."
        case Because.REPLACED:
            return start, f" returned {initial}, the initial value: it comes before ", end, "."
        case _:
            return ()


def _sentences(registers: Registers, steps: Sequence[Step]) -> list[Sentence]:
    mentioned: set[int] = set()
    sentences: list[Sentence] = []
    for step in steps:
        sentence: Sentence = []
        for piece in step:
            if isinstance(piece, str):
                sentence.append(piece)
            else:
                sentence.append(registers.calls[piece].named(described=piece not in mentioned))
                mentioned.add(piece)
        sentences.append(sentence)
    return sentences
