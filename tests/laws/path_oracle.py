"""What the paths of the linearizability checker are held to: small histories of every kind of object, and brute force."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np
from alphabets import Alphabet, info, ok
from every_history import random_history

from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.columns import NO_VALUE
from chaoskit.check.linear.judged import Good
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.paths import PATHS, Path, judge
from chaoskit.check.linear.paths import first_failure as first_failure_by_path
from chaoskit.check.linear.replays import replayed
from chaoskit.check.linear.rows import Rows
from chaoskit.core.canonical import Interner
from chaoskit.core.errors import InternalError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.spec import UNKNOWN, CompleteSpec, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, problem_of

HORIZON = 60


def elements(put: str, take: str, values: Sequence[object]) -> tuple[Choice, ...]:
    """Puts and takes of these values, a take that found nothing, and calls without an answer."""
    puts = [ok(put, value) for value in values] + [info(put, value) for value in values]
    return (*puts, *(ok(take, None, value) for value in values), ok(take), info(take))


def texts(pieces: str, initial: str | None = "") -> tuple[Choice, ...]:
    """Appends of these pieces, puts of every other one, and gets of up to three."""
    return (
        *(call(f, piece) for call in (ok, info) for piece in pieces for f in ("append", "put")[: 2 - pieces.index(piece) % 2]),
        *(ok("get", None, (initial or "") + "".join(chosen)) for size in range(4) for chosen in permutations(pieces, size)),
        *(ok("get", None, piece) for piece in pieces if initial),
        *(ok("get") for _ in range(initial is None)),
    )


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
    "kv": lambda size: texts("abcd"[:size]),
    "kv:initial=z": lambda size: texts("abcd"[:size], "z"),
    "kv:initial=nil": lambda size: texts("abcd"[:size], None),
    "set": lambda size: (
        *(ok("add", value) for value in range(size)),
        *(info("add", value) for value in range(size)),
        *(ok("read", None, list(range(length))) for length in range(size + 1)),
        ok("read", None, [1]),
        ok("read", None, [0, 0]),
        *(ok("contains", value, answer) for value in range(size) for answer in (True, False)),
    ),
    "counter": lambda size: (ok("add", 1), info("add", 1), *(ok("read", None, total) for total in range(size + 1))),
    "counter:initial=4": lambda size: (
        ok("add", -2),
        info("add", -2),
        *(ok("read", None, 4 - total) for total in range(2 * size)),
    ),
    "counter:initial=1": lambda size: (ok("add", 1), info("add", 2), *(ok("read", None, total) for total in range(size + 2))),
}


def _intervals(*ends: tuple[int, int | None]) -> list[tuple[int, int]]:
    return [(began, NEVER if ended is None else ended) for began, ended in ends]


HARD: dict[str, tuple[tuple[tuple[Choice, ...], list[tuple[int, int]]], ...]] = {  # what chance hardly finds
    "kv": (  # bad: each put comes before a get of the other; the last get tells, and nothing that ended between the two
        (
            (ok("put", "a"), ok("put", "b"), ok("get", None, "b"), ok("get", None, "a")),
            _intervals((0, 3), (1, 2), (4, 6), (5, 7)),
        ),
    ),
    "stack": (  # what is left when the first is left out falls apart
        (
            (ok("push", 0), ok("push", 1), ok("pop", None, 1), ok("push", 2), ok("pop", None, 0), ok("pop", None, 2)),
            _intervals((0, 3), (1, 2), (4, 5), (6, 7), (8, 11), (9, 10)),
        ),
    ),
    "fifo-queue": (  # of three unanswered takes two are needed for certain, and the third for the moment that these leave
        (
            (
                *(ok("enqueue", 0), ok("enqueue", 1), info("dequeue"), ok("dequeue"), ok("enqueue", 2), info("dequeue")),
                *(ok("enqueue", 3), ok("dequeue", None, 2), info("dequeue")),
            ),
            _intervals((0, 1), (2, 3), (4, None), (5, 14), (6, 7), (8, None), (9, 10), (11, 13), (12, None)),
        ),
    ),
}


def hard_problems(name: str) -> Iterator[Problem]:
    """What chance hardly finds."""
    spec = complete(spec_from_text(name))
    for choices, intervals in HARD.get(name, ()):
        yield problem_of(spec, choices, range(len(choices)), intervals)


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


def history_of(problem: Problem) -> History:
    """A small problem as a history, every call by a process of its own."""
    ends = [(call.ended, False, call) for call in problem.calls if call.returned]
    builder = HistoryBuilder()
    for _, begins, call in sorted([(call.began, True, call) for call in problem.calls] + ends):
        label = problem.label(call)
        value = label.input if begins or label.output is UNKNOWN or label.output is None else label.output
        builder.append("invoke" if begins else "ok", call.process, label.f, label.key, value)
    return builder.build()


def path_of(spec: CompleteSpec) -> Path:
    """What judges objects of this spec."""
    return PATHS[type(spec.original)]


def mistake(problem: Problem, spec: CompleteSpec, path: Path) -> str | None:
    """What is wrong with what a path says about a problem, None when nothing is; "undecided" when it says nothing."""
    calls = rows_of(problem, spec)
    try:
        judged = judge(calls, path, spec.original)
        if judged is None:
            return "undecided"
        if isinstance(judged, Good):
            replayed(calls, judged.order, spec.original, path_of(spec).replay)
            return None if linearizable(problem, spec) else "good, but it is not"
        failing = first_failure(problem, spec)
        if failing is None:
            return "bad, but it is not"
        if judged.is_first and judged.near != failing:
            return f"fails at {failing}, but its path says at {judged.near}"
        found = first_failure_by_path(calls, judged, path, spec.original)
    except (InternalError, IndexError, KeyError, ValueError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"
    if found is None:
        return "undecided"
    return None if found.position == failing else f"fails at {failing}, but was said to at {found.position}"


def is_wrong(problem: Problem, spec: CompleteSpec, path: Path) -> bool:
    """Does it decide otherwise than brute force, or offer an order that is none?"""
    return mistake(problem, spec, path) not in (None, "undecided")


def answered_anyhow(draw: random.Random, choices: Sequence[Choice], spec: CompleteSpec) -> Problem:
    """Four to twelve calls, any of these, that overlap at random: two to six at once."""
    chosen = [draw.randrange(len(choices)) for _ in range(draw.randint(4, 12))]
    intervals, opened, now = [(0, NEVER)] * len(chosen), list[int](), 0
    waiting, width, eager = list(range(len(chosen))), draw.randint(2, 6), draw.choice((0.5, 0.7, 0.9))
    while waiting or opened:
        if waiting and len(opened) < width and (not opened or draw.random() < eager):
            number = waiting.pop(0)
            intervals[number] = (now, NEVER)
            opened += [number] if choices[chosen[number]][1] else []
        else:
            number = opened.pop(draw.randrange(len(opened)))
            intervals[number] = (intervals[number][0], now)
        now += 1
    return problem_of(spec, choices, chosen, intervals)


def random_problems(name: str, *, count: int, seed: int, calls: int = 9, values: int = 4) -> Iterator[Problem]:
    """Histories of 4 calls and more, on at least 2 values."""
    spec = complete(spec_from_text(name))
    draw = random.Random(f"{name} {seed}")
    alphabets = {size: path_alphabet(name, size) for size in range(2, values + 1)}
    for _ in range(count):
        alphabet = alphabets[draw.randint(2, values)]
        chosen, shape = random_history(draw, alphabet, calls=draw.randint(4, calls), repeats=repeats_of(name))
        yield problem_of(spec, alphabet.choices, chosen, shape.intervals)


def path_alphabet(name: str, size: int) -> Alphabet:
    """The calls on so many values of an object that a path judges."""
    return Alphabet(complete(spec_from_text(name)), SPECS[name](size))


REPEATS = {"counter": 1.0, "kv": 0.03}  # where it is not rare: counters add what they like, and any get shows a text whole


def repeats_of(name: str) -> float:
    """How likely a value may be put in again: paths judge what was put in once."""
    return REPEATS.get(name.partition(":")[0], 0.01)
