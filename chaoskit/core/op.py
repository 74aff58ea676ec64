"""One operation's event, as a client saw it: the atom of a history.

The model is Jepsen's: a process *invokes* an operation, and later it is *ok* (it happened), *fail* (it did not) or *info*
(nobody knows; it may still happen at any time after). After `info` the process is retired and its slot goes on as a new one.
"""

from __future__ import annotations

from typing import Any

import msgspec

INVOKE = "invoke"
OK = "ok"
FAIL = "fail"
INFO = "info"
TYPES = (INVOKE, OK, FAIL, INFO)

NEMESIS = "nemesis"  # the process name under which faults appear in a history; checkers skip it

Process = int | str
Value = Any  # JSON-like: None, bool, int, float, str, bytes, and lists, tuples and string-keyed dicts of them


class Op(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False, repr_omit_defaults=True):
    """An event of a history.

    `index` is the place in the history, and index order **is** the real-time order. `time` is virtual nanoseconds, for
    show only. `key` is the object the operation is about (None where a workload has only one).
    """

    index: int = -1
    time: int = 0
    type: str
    process: Process
    f: str
    key: Value = None
    value: Value = None
    error: str | None = None

    def ok(self, value: Value = None) -> Op:
        """The completion of this invocation when it happened, with what it returned."""
        return msgspec.structs.replace(self, type=OK, value=value)

    def fail(self, error: str) -> Op:
        """The completion of this invocation when it certainly did not happen, and why."""
        return msgspec.structs.replace(self, type=FAIL, error=error)

    def info(self, error: str) -> Op:
        """The completion of this invocation when nobody knows whether it happened, and why."""
        return msgspec.structs.replace(self, type=INFO, error=error)

    @property
    def is_invoke(self) -> bool:
        return self.type == INVOKE

    def __str__(self) -> str:
        key = "" if self.key is None else f" {self.key}"
        error = f" [{self.error}]" if self.error else ""
        return f"{self.index} {self.process} {self.type} {self.f}{key} {self.value!r}{error}"
