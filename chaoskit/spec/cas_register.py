"""A register with compare-and-set: `cas [old, new]` writes new if it holds old, and fails otherwise.

A failed cas did not happen, and Jepsen drops it (`failed-cas=drop`). It also says that the register did not hold `old`;
Porcupine's etcd model uses that (`failed-cas=observe`), for failures that mean just this and not, say, a refused connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.contract import FAILED, UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.read_whole import ReadWhole
from chaoskit.spec.register import observes
from chaoskit.spec.text import show, show_key

PRECONDITION_ERRORS = (None, "precondition-failed")  # the errors of a fail by which a server says "it held something else"


@dataclass(frozen=True, kw_only=True)
class CasRegister(ReadWhole):
    """One cell with compare-and-set."""

    initial: Value = None
    failed_cas: str = "drop"
    nil_read: str = "value"

    name: ClassVar[str] = "cas-register"
    functions: ClassVar[frozenset[str]] = frozenset({"read", "write", "cas"})

    def init(self) -> State:
        return exact(self.initial)

    def step(self, state: State, label: Label) -> Step:
        if label.f == "read":
            legal = not observes(label, nil_read=self.nil_read) or exact(label.output) == state
            return (state,) if legal else Illegal(lambda: f"can't read {show(label.output)} from register {show(state)}")
        if label.f == "write":
            return (exact(label.input),)
        if label.f != "cas":
            raise wrong_input(self.name, label, "a read, a write or a cas")
        old, new = cas_pair(label)
        holds = exact(old) == state
        if label.output is FAILED:
            if holds:
                return Illegal(lambda: f"cas from {show(old)} failed, but the register holds {show(state)}")
            return (state,)
        if holds:
            return (exact(new),)
        if label.output is UNKNOWN:
            return (state,)
        return Illegal(lambda: f"can't CAS {show(state)} from {show(old)} to {show(new)}")

    def is_read(self, label: Label) -> bool:
        return super().is_read(label) or label.output is FAILED

    def is_write(self, label: Label) -> bool:
        return label.f == "write"

    def observes_failure(self, f: str, error: str | None) -> bool:
        return f == "cas" and self.failed_cas == "observe" and error in PRECONDITION_ERRORS

    def describe_op(self, label: Label) -> str:
        if label.f != "cas":
            return super().describe_op(label)
        old, new = cas_pair(label)
        key = "" if label.key is None else f"{show_key(label.key)} "
        return f"cas {key}{show(old)}→{show(new)}{' failed' if label.output is FAILED else ''}"


def cas_pair(label: Label) -> tuple[Value, Value]:
    """What a cas compares with and what it writes. Raises `ModelError` when its input is not a pair."""
    if not isinstance(label.input, list | tuple) or len(label.input) != 2:
        raise wrong_input(CasRegister.name, label, "the input of cas to be [old, new]")
    return label.input[0], label.input[1]
