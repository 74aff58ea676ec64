"""What the paths of the linearizability checker are held to: small histories of every kind of object, and brute force."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.columns import NO_VALUE
from chaoskit.check.linear.judged import Bad, Good
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.paths import PATHS, Path
from chaoskit.check.linear.paths import first_failure as first_failure_by_path
from chaoskit.check.linear.replays import replayed
from chaoskit.check.linear.rows import Rows
from chaoskit.core.canonical import Interner
from chaoskit.core.errors import InternalError
from chaoskit.spec import UNKNOWN, CompleteSpec, Label, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of

HORIZON = 60


def ok(f: str, given: object = None, output: object = None) -> Choice:
    """A call that returned."""
    return Label(f=f, input=given, output=output), True


def info(f: str, given: object = None) -> Choice:
    """A call that nobody answered."""
    return Label(f=f, input=given, output=UNKNOWN), False


def elements(put: str, take: str, values: Sequence[object]) -> tuple[Choice, ...]:
    """Puts and takes of these values, a take that found nothing, and calls without an answer."""
    puts = [ok(put, value) for value in values] + [info(put, value) for value in values]
    return (*puts, *(ok(take, None, value) for value in values), ok(take), info(take))


QUEUE = ("enqueue", "dequeue")
SPECS: dict[str, Callable[[int], tuple[Choice, ...]]] = {  # by name: the calls on so many values
    "fifo-queue": lambda size: elements(*QUEUE, range(size)),
    "fifo-queue:initial=[7]": lambda size: (*elements(*QUEUE, range(size)), ok("dequeue", None, 7)),
    "unordered-queue": lambda size: elements(*QUEUE, range(size)),
    "priority-queue": lambda size: elements(*QUEUE, range(size)),
    "priority-queue:first=largest,initial=[1]": lambda size: elements(*QUEUE, [[place // 2, place] for place in range(size)]),
    "stack": lambda size: elements("push", "pop", range(size)),
    "stack:initial=[7,8]": lambda size: (*elements("push", "pop", range(size)), ok("pop", None, 8), ok("pop", None, 7)),
    "append-list": lambda size: (
        *(ok("append", value) for value in range(size)),
        *(info("append", value) for value in range(size)),
        *(ok("read", None, list(range(length))) for length in range(size + 1)),
        ok("read", None, [1]),
        ok("read"),
    ),
    "set": lambda size: (
        *(ok("add", value) for value in range(size)),
        *(info("add", value) for value in range(size)),
        *(ok("read", None, list(range(length))) for length in range(size + 1)),
        ok("read", None, [1]),
        *(ok("contains", value, answer) for value in range(size) for answer in (True, False)),
    ),
    "counter": lambda size: (ok("add", 1), info("add", 1), *(ok("read", None, total) for total in range(size + 1))),
    "counter:initial=4": lambda size: (ok("add", -2), info("add", -2), *(ok("read", None, 4 - total) for total in range(2 * size))),
    "counter:initial=1": lambda size: (ok("add", 1), info("add", 2), *(ok("read", None, total) for total in range(size + 2))),
}


def rows_of(problem: Problem, spec: CompleteSpec, *, horizon: int = HORIZON) -> Rows:
    """A small problem in rows."""
    values = Interner()
    nil = values.intern(None)
    functions = tuple(sorted(spec.functions))
    labels = [problem.label(call) for call in problem.calls]

    def numbers(column: list[int]) -> Any:
        return np.array(column, dtype=np.int64)

    return Rows(
        began=numbers([call.began for call in problem.calls]),
        ended=numbers([min(call.ended, horizon) for call in problem.calls]),
        f=numbers([functions.index(label.f) for label in labels]),
        asked=numbers([values.intern(label.input) for label in labels]),
        got=numbers([NO_VALUE if label.output is UNKNOWN else values.intern(label.output) for label in labels]),
        horizon=horizon,
        functions=functions,
        values=values.values,
        nil=nil,
    )


def path_of(spec: CompleteSpec) -> Path:
    """What judges objects of this spec."""
    return PATHS[type(spec.original)]


def mistake(problem: Problem, spec: CompleteSpec, path: Path) -> str | None:
    """What is wrong with what a path says about a problem, None when nothing is; "undecided" when it says nothing."""
    calls = rows_of(problem, spec)
    try:
        judged = path.judge(calls, spec.original)
        if judged is None:
            return "undecided"
        if isinstance(judged, Good):
            replayed(calls, judged.order, spec.original, path_of(spec).replay)
            return None if linearizable(problem, spec) else "good, but it is not"
        failing = first_failure(problem, spec)
        if failing is None:
            return "bad, but it is not"
        found = first_failure_by_path(calls, judged, path, spec.original)
    except (InternalError, IndexError, KeyError, ValueError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"
    if found is None:
        return "undecided"
    return None if found.position == failing else f"fails at {failing}, but was said to at {found.position}"


def is_wrong(problem: Problem, spec: CompleteSpec, path: Path) -> bool:
    """Does it decide otherwise than brute force, or offer an order that is none?"""
    return mistake(problem, spec, path) not in (None, "undecided")


def random_problem(draw: random.Random, choices: Sequence[Choice], spec: CompleteSpec, *, calls: int, clients: int) -> Problem:
    """Calls chosen so that most puts are of distinct values, overlapping at random."""
    weights = [1.0] * len(choices)
    chosen: list[int] = []
    for _ in range(calls):
        number = draw.choices(range(len(choices)), weights)[0]
        chosen.append(number)
        if choices[number][0].input is not None or choices[number][0].output is not UNKNOWN:
            same = [place for place, (label, _) in enumerate(choices) if _alike(label, choices[number][0])]
            for place in same:
                weights[place] *= 0.02
    waiting, intervals, now = list(range(len(chosen))), [(0, NEVER)] * len(chosen), 0
    opened: list[int] = []
    while waiting or opened:
        if waiting and len(opened) < clients and (not opened or draw.random() < 0.5):
            number = waiting.pop(0)
            intervals[number] = (now, NEVER)
            if choices[chosen[number]][1]:
                opened.append(number)
        else:
            number = opened.pop(draw.randrange(len(opened)))
            intervals[number] = (intervals[number][0], now)
        now += 1
    return problem_of(spec, choices, chosen, intervals)


def _alike(one: Label, other: Label) -> bool:
    """Two puts of one value, or two takes of it."""
    return one.f == other.f and one.f not in ("read", "contains") and _element(one) == _element(other) and _element(one) is not None


def _element(label: Label) -> Any:
    return label.input if label.input is not None else None if label.output is UNKNOWN else label.output


def random_problems(name: str, *, count: int, seed: int) -> Iterator[Problem]:
    """Histories of 4 to 9 calls on 3 to 5 values by up to 4 clients."""
    spec = complete(spec_from_text(name))
    draw = random.Random(f"{name} {seed}")
    for _ in range(count):
        choices = SPECS[name](draw.randint(2, 4))
        yield random_problem(draw, choices, spec, calls=draw.randint(4, 9), clients=draw.randint(2, 4))
