"""Histories in one line, for tests: `h("0:w1 1(w2 2:r2 3:r1 1)")`.

Tokens are events in real-time order, each beginning with its process:

    0:w1   process 0 writes 1: invoked, and ok before anything else happens    0:w1!  it fails    0:w1?  nobody knows (info)
    0(w1   it is only invoked;  then  0)  ok    0)5  ok with the value 5    0!  fail    0?  info

Operations are a letter, then the key and = where there is one, then the value as JSON (nil for None): `w1` `wk=1` write, `r1`
read returning 1, `c1>2` cas, `a1` add, `m1` remove, `t1` contains (its answer: `0(t1 0)true`), `e1` enqueue, `d1` dequeue, `l`
acquire, `u` release, `b1` append (at the back), `p"x"` put, `g"x"` get.

Source: the test language of Elle, where `ax1ry12` appends 1 to x and reads [1 2] from y.
"""

from __future__ import annotations

import json
import re
from typing import Any

from chaoskit.core.errors import UsageError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import FAIL, INFO, INVOKE, OK
from chaoskit.core.units import MILLISECOND

FUNCTIONS = {
    "w": "write",
    "r": "read",
    "c": "cas",
    "a": "add",
    "m": "remove",
    "t": "contains",
    "e": "enqueue",
    "d": "dequeue",
    "l": "acquire",
    "u": "release",
    "b": "append",
    "p": "put",
    "g": "get",
}
ANSWERS = frozenset({"read", "dequeue", "get"})  # their value is what came back
ENDINGS = {")": OK, "!": FAIL, "?": INFO}

_TOKEN = re.compile(r"^(\d+)(?:(:)(\S+?)([!?]?)|(\()(\S+)|([)!?])(\S*))$")
_OPERATION = re.compile(r"^([a-z])(?:([A-Za-z]\w*)=)?(.*)$")


def h(text: str, *, step: int = MILLISECOND) -> History:
    """The history that a line stands for, an event every `step` nanoseconds. Raises `UsageError` naming the token."""
    builder = HistoryBuilder()
    opened: dict[int, tuple[str, Any, Any]] = {}
    for token in text.split():
        match = _TOKEN.match(token)
        if match is None:
            raise UsageError(f"expected an event such as 0:w1, 0(w1 or 0)5 but got {token!r}.")
        process = int(match[1])
        operation, ending, answer = match[3] or match[6], match[4] or match[7], match[8]
        time = len(builder) * step
        if operation:
            f, key, value = _operation(operation)
            opened[process] = (f, key, value)
            builder.append(INVOKE, process, f, key, None if f in ANSWERS else value, time=time)
            if not match[2]:
                continue
            time += step
        if process not in opened:
            raise UsageError(f"expected process {process} to have an operation open at {token!r}; open one with {process}(w1.")
        f, key, value = opened.pop(process)
        kind = ENDINGS[ending or ")"]
        result = _value(answer) if answer else None if kind != OK and f in ANSWERS else value
        builder.append(kind, process, f, key, result, time=time)
    return builder.build()


def _operation(text: str) -> tuple[str, Any, Any]:
    match = _OPERATION.match(text)
    f = FUNCTIONS.get(match[1]) if match else None
    if match is None or f is None:
        raise UsageError(f"expected an operation such as w1, rk=nil or c1>2 but got {text!r}; letters: {' '.join(FUNCTIONS)}.")
    if f == "cas":
        return f, match[2], [_value(part) for part in match[3].split(">")]
    return f, match[2], _value(match[3])


def _value(text: str) -> Any:
    if text in ("", "nil"):
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise UsageError(f"expected a value as JSON, or nil, but got {text!r}.") from None
