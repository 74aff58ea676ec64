"""Histories that are bad for certain, though few values are written again and again and some calls were never answered.

Where a wrong answer may be explained by a call that nobody answered, planting one proves nothing. Here the clients come to rest
in the middle, and one of them writes a value and then reads another, alone, some times over. Between such a write and its read
nothing can take effect but calls that were never answered. Each of these takes effect at most once; so with one pair more than
there are such calls that could have put the other value there, the history is bad, whatever else happened.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
from linear_histories import Shape, register_history

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import FAIL, OK, Op


def certainly_bad(shape: Shape, *, rest_after: int) -> tuple[History, int]:
    """A history of this shape whose clients come to rest after so many operations; and how many pairs were needed then.

    Of the values the one is read that the fewest unanswered calls could have put there; it is not the one that is written.
    """
    before = register_history(replace(shape, ops=rest_after))
    after = register_history(replace(shape, ops=shape.ops - rest_after, seed=shape.seed + 1_000))
    could_be = _could_be(before, shape.values)
    read = min(could_be, key=lambda value: (could_be[value], value))
    written = next(value for value in could_be if value != read)
    builder = HistoryBuilder()
    for op in before:
        builder.append_op(op)
    alone = 1 + int(before.processes.max())
    for _ in range(could_be[read] + 1):
        for f, asked, answered in (("write", written, written), ("read", None, read)):
            builder.append("invoke", alone, f, None, asked)
            builder.append("ok", alone, f, None, answered)
    for op in after:
        builder.append_op(msgspec.structs.replace(op, process=op.process + alone + 1) if isinstance(op.process, int) else op)
    return builder.build(), could_be[read] + 1


def _could_be(history: History, values: int) -> dict[int, int]:
    """By value: how many calls that nobody answered could have put it there."""
    found = dict.fromkeys(range(1, values + 1), 0)
    partners = history.partners
    for place in np.flatnonzero(history.types == 0).tolist():
        op = history[place]
        ending = history[int(partners[place])].type if partners[place] >= 0 else None
        if op.f != "read" and ending not in (OK, FAIL):
            found[_puts(op)] += 1
    return found


def _puts(op: Op) -> int:
    value = op.value[1] if op.f == "cas" else op.value
    assert isinstance(value, int)
    return value
