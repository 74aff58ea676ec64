"""Large histories with known verdicts, to measure the linearizability checkers by: simulated clients of a correct object.

Every client waits a little, invokes, and is answered after an exponential time; the operation takes effect at a random moment
between. Some are never answered, and take effect or not. A bad history has a wrong answer at nine tenths of its length, or, where
few values are written again and again, several.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaoskit.core.canonical import Interner
from chaoskit.core.history import TYPE_CODES, History

THINK = 0.1  # between two operations of a client; the mean latency is 1
READS = 0.5
UNANSWERED_EFFECT = 0.5  # the share of unanswered operations that take effect
PLANTED_AT = 0.9


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a history is like. `values` 0: every write has a value of its own; `skew`: Zipf's exponent over the keys."""

    ops: int
    clients: int
    keys: int = 1
    values: int = 0
    cas: bool = False
    crashed: float = 0.0
    skew: float = 0.0
    bad: bool = False
    seed: int = 1


def schedule(shape: Shape) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """When each operation begins, takes effect and ends, by whom, and whether it is answered; not in order of time."""
    draw = np.random.default_rng(shape.seed)
    rounds = -(-shape.ops // shape.clients)
    latency = draw.exponential(1.0, (shape.clients, rounds))
    think = draw.exponential(THINK, (shape.clients, rounds))
    ends = np.cumsum(latency + think, axis=1)
    begins = ends - latency
    effects = begins + latency * draw.random((shape.clients, rounds))
    answered = draw.random((shape.clients, rounds)) >= shape.crashed
    generation = np.cumsum(~answered, axis=1) - ~answered  # a process that is not answered is retired
    process = np.arange(shape.clients)[:, None] + shape.clients * generation
    return begins.ravel(), effects.ravel(), ends.ravel(), process.ravel(), answered.ravel()


def register_history(shape: Shape) -> History:
    """Reads and writes, with cas if wanted, on one register or several."""
    begins, effects, ends, processes, answered = schedule(shape)
    draw = np.random.default_rng(shape.seed + 1)
    count = len(begins)
    is_read = draw.random(count) < READS
    is_cas = ~is_read & shape.cas & (draw.random(count) < 0.5)
    happens = answered | (draw.random(count) < UNANSWERED_EFFECT)
    weights = np.arange(1, shape.keys + 1, dtype=float) ** -shape.skew
    keys = draw.choice(shape.keys, count, p=weights / weights.sum())
    written = draw.integers(1, shape.values + 1, count) if shape.values else np.arange(1, count + 1)
    expected = draw.integers(1, shape.values + 1, count) if shape.values else np.zeros(count, np.int64)
    cells: list[Any] = [None] * shape.keys
    old_cells: list[Any] = [None] * shape.keys  # what a bad register answers
    inputs: list[Any] = [None] * count
    outputs: list[Any] = [None] * count
    failed = np.zeros(count, bool)
    columns = [column.tolist() for column in (keys, is_read, is_cas, written, expected, happens, answered)]
    planted, left = int(count * PLANTED_AT), (shape.clients if shape.values else 1) * shape.bad
    for place, number in enumerate(np.argsort(effects).tolist()):
        key, read, cas, value, old, effect, known = (column[number] for column in columns)
        if read:
            wrong = left and place >= planted and known and old_cells[key] not in (None, cells[key])
            outputs[number] = old_cells[key] if wrong else cells[key]
            left -= bool(wrong)
        elif cas:
            old = old if shape.values else cells[key]
            inputs[number] = outputs[number] = [old, value]
            failed[number] = known and cells[key] != old
            if effect and cells[key] == old:
                cells[key] = value
        else:
            inputs[number] = outputs[number] = value
            if effect:
                cells[key] = value
        if place == planted // 2:
            old_cells = list(cells)
    fs = np.where(is_read, 0, np.where(is_cas, 2, 1))
    names = ["read", "write", "cas"]
    return history(begins, ends, processes, answered, failed, fs, names, keys if shape.keys > 1 else None, inputs, outputs)


def queue_history(shape: Shape) -> History:
    """Enqueues of distinct values and dequeues, some of which find the queue empty."""
    begins, effects, ends, processes, answered = schedule(shape)
    draw = np.random.default_rng(shape.seed + 1)
    count = len(begins)
    takes = draw.random(count) < READS
    happens = (answered | (draw.random(count) < UNANSWERED_EFFECT)).tolist()
    inputs: list[Any] = [None] * count
    outputs: list[Any] = [None] * count
    waiting: list[int] = []
    front = 0
    planted = int(count * PLANTED_AT) if shape.bad else count
    is_take, known = takes.tolist(), answered.tolist()
    for place, number in enumerate(np.argsort(effects).tolist()):
        if not is_take[number]:
            inputs[number] = outputs[number] = number
            if happens[number]:
                waiting.append(number)
        elif place >= planted and known[number] and front:
            outputs[number], planted = waiting[0], count  # once more
        elif happens[number] and front < len(waiting):
            outputs[number] = waiting[front]
            front += 1
    failed, fs = np.zeros(count, bool), takes.astype(np.int64)
    return history(begins, ends, processes, answered, failed, fs, ["enqueue", "dequeue"], None, inputs, outputs)


def history(
    begins: NDArray[Any],
    ends: NDArray[Any],
    processes: NDArray[Any],
    answered: NDArray[Any],
    failed: NDArray[Any],
    fs: NDArray[Any],
    names: list[str],
    keys: NDArray[Any] | None,
    inputs: list[Any],
    outputs: list[Any],
) -> History:
    """The events of these operations, by time, in columns."""
    values = Interner()
    count = len(begins)
    none = values.intern(None)
    name_numbers = np.array([values.intern(name) for name in names])
    key_numbers = np.full(count, none) if keys is None else np.array([values.intern(f"k{key}") for key in keys.tolist()])
    asked = np.fromiter(map(values.intern, inputs), np.int32, count)
    got = np.fromiter(map(values.intern, outputs), np.int32, count)
    ok, fail, info = (TYPE_CODES[name] for name in ("ok", "fail", "info"))
    endings = np.where(failed, fail, np.where(answered, ok, info))
    order = np.argsort(np.concatenate([begins, ends]), kind="stable")
    both = np.concatenate([np.arange(count)] * 2)[order]
    return History(
        times=(np.concatenate([begins, ends])[order] * 1e6).astype(np.int64),
        types=np.concatenate([np.zeros(count, np.int8), endings.astype(np.int8)])[order],
        processes=processes[both].astype(np.int32),
        fs=name_numbers[fs][both].astype(np.int32),
        keys=key_numbers[both].astype(np.int32),
        value_ids=np.concatenate([asked, np.where(answered & ~failed, got, asked)])[order].astype(np.int32),
        errors=np.full(2 * count, none, np.int32),
        values=values.values,
        process_names={-1: "nemesis"},
    )
