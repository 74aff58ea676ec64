"""Large histories of queues, stacks, lists, texts, sets and counters with known verdicts: simulated clients of a correct object.

As in `linear_histories`: an operation takes effect at a random moment between its beginning and its end. A bad history has one
wrong answer at nine tenths of its length: an old one once more, or an element that is far from being the next.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from linear_histories import PLANTED_AT, READS, UNANSWERED_EFFECT, Shape, history, schedule

from chaoskit.core.history import History

FAR = 100  # elements: with so many more in a queue or a stack, the wrong end is wrong for certain


class Queue:
    """First in, first out."""

    put, take = "enqueue", "dequeue"

    def __init__(self) -> None:
        self.held: Any = deque()

    def value(self, number: int) -> Any:
        """What the call of this number puts in."""
        return number

    def add(self, value: Any) -> None:
        self.held.append(value)

    def answer(self) -> Any:
        return self.held.popleft() if self.held else None

    def wrong_answer(self) -> Any:
        return self.held.pop() if len(self.held) > FAR else None


class Stack(Queue):
    """Last in, first out."""

    put, take = "push", "pop"

    def answer(self) -> Any:
        return self.held.pop() if self.held else None

    def wrong_answer(self) -> Any:
        return self.held.popleft() if len(self.held) > FAR else None


class Priority(Queue):
    """The smallest first; the values are in no order."""

    def __init__(self) -> None:
        self.held = []

    def value(self, number: int) -> int:
        return (number * 7_919 % 100_003) * 1_000_000 + number

    def add(self, value: int) -> None:
        insort(self.held, -value)

    def answer(self) -> Any:
        return -self.held.pop() if self.held else None

    def wrong_answer(self) -> Any:
        return -self.held.pop(0) if len(self.held) > FAR else None


class Unordered(Queue):
    """Any element; here one from the middle."""

    def wrong_answer(self) -> Any:
        return None

    def answer(self) -> Any:
        if not self.held:
            return None
        self.held.rotate(-(len(self.held) // 2))
        return self.held.popleft()


class List(Queue):
    """A list that is read whole, now and then."""

    put, take = "append", "read"

    def __init__(self) -> None:
        self.held = []

    def answer(self) -> Any:
        return list(self.held)

    def wrong_answer(self) -> Any:
        return None


class Set(List):
    """A set."""

    put = "add"


class Text(List):
    """A text that grows by words."""

    put, take = "append", "get"

    def value(self, number: int) -> str:
        return f"{number} "

    def answer(self) -> str:
        return "".join(self.held)


class Counter(Queue):
    """A counter of adds of one."""

    put, take = "add", "read"

    def __init__(self) -> None:
        self.held = 0

    def value(self, number: int) -> int:
        return 1

    def add(self, value: int) -> None:
        self.held += value

    def answer(self) -> Any:
        return self.held

    def wrong_answer(self) -> Any:
        return None


def object_history(shape: Shape, kind: Callable[[], Any], *, takes: float = READS) -> History:
    """Puts of distinct values and takes, on one object of this kind; or on `shape.keys` of them."""
    begins, effects, ends, processes, answered = schedule(shape)
    draw = np.random.default_rng(shape.seed + 1)
    count = len(begins)
    is_take = (draw.random(count) < takes).tolist()
    happens = (answered | (draw.random(count) < UNANSWERED_EFFECT)).tolist()
    known = answered.tolist()
    keys = draw.integers(0, shape.keys, count)
    objects = [kind() for _ in range(shape.keys)]
    reads = objects[0].take in ("read", "get")
    inputs: list[Any] = [None] * count
    outputs: list[Any] = [None] * count
    old: dict[int, Any] = {}
    planted = int(count * PLANTED_AT) if shape.bad else count
    for place, (number, key) in enumerate(zip(np.argsort(effects).tolist(), keys[np.argsort(effects)].tolist(), strict=True)):
        each = objects[key]
        if not is_take[number]:
            inputs[number] = outputs[number] = each.value(number)
            if happens[number]:
                each.add(inputs[number])
        elif place >= planted and known[number] and old.get(key):
            outputs[number], planted = each.wrong_answer() or old[key], count
        elif happens[number] or reads:
            outputs[number] = each.answer()
            if place < planted // 2 and outputs[number]:
                old[key] = outputs[number]
    failed, fs = np.zeros(count, bool), np.array(is_take, dtype=np.int64)
    names = [objects[0].put, objects[0].take]
    return history(begins, ends, processes, answered, failed, fs, names, keys if shape.keys > 1 else None, inputs, outputs)
