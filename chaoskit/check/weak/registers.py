"""From a history to what the weaker promises are about: reads and writes of registers, and which write every read saw.

Which write a read saw is told by the value, so that a value must have been written once; where it was not, the read is set
aside: what the rest contradicts stays contradicted, and what it does not is unknown. What happens to an operation: `fail` did
not happen; a read without an answer says nothing; a write without an answer counts when somebody saw it, comes after what its
process did before, and before nothing, since it may happen at any later time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from chaoskit.check.operations import Operation, operations
from chaoskit.core.errors import UsageError
from chaoskit.core.history import History
from chaoskit.core.op import Process, Value
from chaoskit.core.units import plural
from chaoskit.core.verdict import OpRef
from chaoskit.spec.exact import exact
from chaoskit.spec.text import call_text, show, show_key

INITIAL = -1  # the source of a read that returned what was there before any write
FUNCTIONS = ("read", "write")


class Call(NamedTuple):
    """A read that was answered, or a write that happened."""

    operation: Operation
    is_write: bool
    cell: int  # number of its register
    source: int  # of a read: the number of the write that it saw, or INITIAL

    @property
    def is_answered(self) -> bool:
        return self.operation.is_ok

    @property
    def value(self) -> Value:
        return self.operation.argument if self.is_write else self.operation.result

    @property
    def text(self) -> str:
        """As a person would say it: `write x=1`, `read x → 1`."""
        if self.is_write:
            return call_text("write", self.operation.key, self.operation.argument)
        return call_text("read", self.operation.key, result=self.operation.result, shows_result=True)

    def named(self, *, described: bool = True) -> OpRef:
        """How a sentence mentions it: `w7 (write x=1)`, or the name alone."""
        name = f"{self.operation.f[0]}{self.operation.began}"
        return OpRef(self.operation.began, f"{name} ({self.text})" if described else name)


class Unwritten(NamedTuple):
    """A read of a value that nobody wrote, and the failed writes of it."""

    read: Operation
    failed: list[Operation]


class Unclear(NamedTuple):
    """A read of a value that several may have written, the initial one among them or not."""

    read: Operation
    writers: list[Operation]
    may_be_initial: bool


@dataclass(kw_only=True)
class Registers:
    """The calls of a history, by when they began, and what could not be told."""

    initial: Value
    calls: list[Call] = field(default_factory=list)
    cells: list[Value] = field(default_factory=list)  # the key of each register
    sessions: dict[Process, list[int]] = field(default_factory=dict)  # the calls of each process, in order
    unwritten: list[Unwritten] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    operations: int = 0

    @property
    def reads(self) -> list[int]:
        return [number for number, call in enumerate(self.calls) if not call.is_write]

    def reads_of(self, process: Process) -> list[int]:
        return [number for number in self.sessions.get(process, ()) if not self.calls[number].is_write]

    def doubt(self) -> str | None:
        """Why it cannot be told what some read saw, and what to change; None where it can."""
        if not self.unclear:
            return None
        read, writers, may_be_initial = self.unclear[0]
        where = "" if read.key is None else f" of key {show_key(read.key)}"
        others = len(self.unclear) - 1
        more = f" ({plural(others, 'more read')} like it)" if others else ""
        told = f"r{read.began}{where} returned {show(read.result)}, which "
        times = f"w{writers[0].began} wrote" if may_be_initial else f"was written {len(writers)} times"
        also = " and which was there at first" if may_be_initial else ""
        return f"{told}{times}{also}: nobody can tell which it saw{more}; let every write have a value of its own"


def registers(history: History, *, initial: Value = None, nil_read: str = "value") -> Registers:
    """The registers of a history. Raises `UsageError` for an operation that is neither a read nor a write."""
    found = operations(history)
    for operation in found:
        if operation.f not in FUNCTIONS:
            raise UsageError(
                f"expected reads and writes of registers but got f={operation.f!r} at index {operation.began}; "
                "only linearizable judges other operations."
            )
    return _Intake(found, initial=initial, nil_read=nil_read).registers()


class _Intake:
    """Finds who wrote what, then what each read saw, then numbers the calls that count."""

    def __init__(self, found: list[Operation], *, initial: Value, nil_read: str) -> None:
        self._found = found
        self._initial = initial
        self._reads = [
            operation
            for operation in found
            if operation.f == "read" and operation.is_ok and not (operation.result is None and nil_read == "unknown")
        ]
        self._writers: dict[Hashable, list[Operation]] = {}
        self._failed: dict[Hashable, list[Operation]] = {}
        for operation in found:
            if operation.f == "write":
                table = self._writers if operation.may_have_happened else self._failed
                table.setdefault(_written(operation), []).append(operation)

    def registers(self) -> Registers:
        made = Registers(initial=self._initial, operations=len(self._found))
        seen: dict[int, Operation | None] = {}  # read → who wrote what it saw
        for read in self._reads:
            writers = self._writers.get(_observed(read), [])
            may_be_initial = exact(read.result) == exact(self._initial)
            if not writers and not may_be_initial:
                made.unwritten.append(Unwritten(read, self._failed.get(_observed(read), [])))
            elif len(writers) + may_be_initial > 1:
                made.unclear.append(Unclear(read, writers, may_be_initial))
            else:
                seen[read.began] = writers[0] if writers else None
        self._number(made, seen)
        return made

    def _number(self, made: Registers, seen: dict[int, Operation | None]) -> None:
        visible = {writer.began for writer in seen.values() if writer is not None}
        counted = [
            operation
            for operation in self._found
            if operation.began in seen or (operation.f == "write" and (operation.is_ok or operation.began in visible))
        ]
        numbers = {operation.began: number for number, operation in enumerate(counted)}
        cells: dict[Hashable, int] = {}
        for number, operation in enumerate(counted):
            cell = cells.setdefault(exact(operation.key), len(cells))
            if cell == len(made.cells):
                made.cells.append(operation.key)
            writer = seen.get(operation.began)
            source = INITIAL if writer is None else numbers[writer.began]
            made.calls.append(Call(operation, operation.f == "write", cell, source))
            made.sessions.setdefault(operation.process, []).append(number)


def _written(operation: Operation) -> Hashable:
    return exact(operation.key), exact(operation.argument)


def _observed(operation: Operation) -> Hashable:
    return exact(operation.key), exact(operation.result)
