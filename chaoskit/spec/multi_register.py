"""Several registers changed by small transactions: `txn [[read x 1] [write y 2]]` happens as a whole.

A micro-operation is [f, register, value] with f one of read (r) and write (w); a transaction's output repeats its
micro-operations with what the reads returned. Registers that nobody wrote hold `initial`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.contract import Illegal, Label, Outcome, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.text import show, show_key

READS = ("read", "r")
WRITES = ("write", "w")


@dataclass(frozen=True, kw_only=True)
class MultiRegister:
    """Several registers, read and written in small transactions."""

    initial: Value = None
    nil_read: str = "value"

    name: ClassVar[str] = "multi-register"
    functions: ClassVar[frozenset[str]] = frozenset({"txn"})

    def init(self) -> State:
        return frozenset()  # of (register, value), both exact, for the registers that were written

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, frozenset)
        cells = dict(state)
        for f, register, value in micro_ops(label):
            held = cells.get(exact(register), exact(self.initial))
            if f in WRITES:
                cells[exact(register)] = exact(value)
            elif self._observes(label, value) and exact(value) != held:
                return Illegal(f"{show(held)}≠{show(value)} in {show_key(register)}")
        return (frozenset(cells.items()),)

    def is_read(self, label: Label) -> bool:
        return all(f in READS for f, _, _ in micro_ops(label))

    def describe_op(self, label: Label) -> str:
        return "txn " + ", ".join(
            f"{'read' if f in READS else 'write'} {show_key(register)}{'=' if f in WRITES else ' → '}{show(value)}"
            for f, register, value in micro_ops(label)
        )

    def describe_state(self, state: State) -> str:
        assert isinstance(state, frozenset)
        cells = sorted(f"{show(register)}={show(value)}" for register, value in state)
        return ", ".join(cells) or f"every register {show(self.initial)}"

    def _observes(self, label: Label, value: Value) -> bool:
        return not isinstance(label.output, Outcome) and not (value is None and self.nil_read == "unknown")


def micro_ops(label: Label) -> Iterator[tuple[str, Value, Value]]:
    """The micro-operations of a transaction, with what its reads returned once that is known. Raises `ModelError`."""
    known = not isinstance(label.output, Outcome) and label.output is not None
    listed = label.output if known else label.input
    if not isinstance(listed, list | tuple):
        raise wrong_input(MultiRegister.name, label, "a list of micro-operations")
    for micro_op in listed:
        if not isinstance(micro_op, list | tuple) or len(micro_op) != 3 or micro_op[0] not in READS + WRITES:
            raise wrong_input(MultiRegister.name, label, "micro-operations [read|write, register, value]")
        yield micro_op[0], micro_op[1], micro_op[2]
