"""How long the linearizability checker takes: files with known verdicts, and large histories made here.

Reading and making are not part of the times. Every verdict is asserted where it is known. To *decide* is to say of every object
whether it is linearizable and where it fails; to *explain* is the whole verdict, in which every bad object has its evidence.
"""

from __future__ import annotations

import csv
import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

from certain import certainly_bad
from linear_histories import Shape, queue_history, register_history

from chaoskit.check import Linearizable
from chaoskit.check.linear.decided import Decision
from chaoskit.core.history import History
from chaoskit.core.units import plural
from chaoskit.core.verdict import Budget, Verdict
from chaoskit.formats.table import find_format
from chaoskit.spec import spec_from_text

CORPORA = Path(os.environ.get("CHAOSKIT_CORPORA") or Path(__file__).parents[2] / ".." / "shared" / "corpora")
FOLDERS = {  # folder: format, spec, target of all and of each
    "porcupine/etcd": ("porcupine", "cas-register:failed-cas=observe", "decided in 0.6 s (compiled 0.1 s), 20 ms each"),
    "porcupine/kv": ("porcupine", "kv", "decided in 1 ms each"),
    "knossos/cas-register": ("edn", "cas-register:initial=0,nil-read=unknown", "1 s with the next two"),
    "knossos/multi-register": ("edn", "multi-register:initial=0,nil-read=unknown", ""),
    "knossos/mutex": ("edn", "mutex", ""),
}
RESTS = (500, 2_000, 5_000)
HARD_KEYS = Shape(ops=6_000, clients=240, keys=4, values=4, cas=True, bad=True, seed=3)
REPEATS = 3
WARM_SECONDS = 0.1
MILLION = 1_000_000

Result = TypeVar("Result")


class Measured(NamedTuple):
    """A history that was judged: the seconds are the best of some repeats.

    Of a bad one in three ways: decided, with the evidence on what fails first, and with all of it; of others all three are one.
    """

    name: str
    seconds: float  # with all evidence
    verdict: Verdict
    decided: float
    first: float  # with the evidence on the object that fails first


GENERATED: dict[str, tuple[str, Callable[[Shape], History], Shape]] = {
    "register 1M, 100 clients, 1 % crashed": ("register", register_history, Shape(ops=MILLION, clients=100, crashed=0.01)),
    "cas 1M, 100 clients, 1 % crashed": (
        "cas-register",
        register_history,
        Shape(ops=MILLION, clients=100, crashed=0.01, cas=True),
    ),
    "kv 1M, 1,000 keys, 50 clients": ("register", register_history, Shape(ops=MILLION, clients=50, keys=1000)),
    "kv 20k, 5 keys, 50 clients, 1 % crashed": (
        "register",
        register_history,
        Shape(ops=20_000, clients=50, keys=5, crashed=0.01),
    ),
    "kv 100k, zipf 1.3, 50 clients, 1 % crashed": (
        "register",
        register_history,
        Shape(ops=100_000, clients=50, keys=100, skew=1.3, crashed=0.01),
    ),
    "register 10k, 50 clients": ("register", register_history, Shape(ops=10_000, clients=50)),
    "register 10k, 100 clients": ("register", register_history, Shape(ops=10_000, clients=100)),
    "cas 2k, 5 values, 20 clients": ("cas-register", register_history, Shape(ops=2_000, clients=20, values=5, cas=True)),
    "cas 2k, 5 values, 20 clients, 1 % crashed": (
        "cas-register",
        register_history,
        Shape(ops=2_000, clients=20, values=5, cas=True, crashed=0.01),
    ),
    "cas 10k, 5 values, 20 clients": (
        "cas-register",
        register_history,
        Shape(ops=10_000, clients=20, values=5, cas=True, seed=4),
    ),
    "cas 10k, 5 values, 20 clients, 1 % crashed": (
        "cas-register",
        register_history,
        Shape(ops=10_000, clients=20, values=5, cas=True, crashed=0.01, seed=18),
    ),
    "queue 300, 5 clients, 3 % crashed": ("fifo-queue", queue_history, Shape(ops=300, clients=5, crashed=0.03)),
}


def corpora() -> Iterator[tuple[str, list[Measured]]]:
    """Every file of the corpora, by folder; nothing where they are absent."""
    for folder, (format, spec, _) in FOLDERS.items():
        corpus, _, part = folder.partition("/")
        index = CORPORA / corpus / "INDEX.tsv"
        if not index.exists():
            continue
        with index.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines, delimiter="\t") if Path(row["file"]).parts[0] == part]
        found = []
        for row in rows:
            path = CORPORA / corpus / row["file"]
            history = find_format(format).read(path.read_bytes(), file=str(path))
            measured = judged(row["file"], spec, history, apart=True)
            assert measured.verdict.is_valid == (row["expected_valid"] == "true"), row["file"]
            found.append(measured)
        yield folder, found


def two_to_one() -> tuple[float, float, float]:
    """How much sooner two processes judge four hard keys than one does: by the clock, and with a core each; seconds of one.

    With a core each: what the processes that searched took of processor time counts half.
    """
    history = register_history(HARD_KEYS)
    spent = {}
    for processes in (1, 2):
        begin, cpu = perf_counter(), os.times()
        verdict = Linearizable(spec_from_text("cas-register"), processes=processes).check(history, budget=Budget())
        assert verdict.is_invalid and verdict.results["keys"] == HARD_KEYS.keys
        now = os.times()
        here, there = now.user - cpu.user, now.children_user - cpu.children_user
        spent[processes] = perf_counter() - begin, here + there / processes
    return spent[1][0] / spent[2][0], spent[1][1] / spent[2][1], spent[1][1]


def generated() -> Iterator[Measured]:
    """Every generated history, good and bad."""
    for name, (spec, make, shape) in GENERATED.items():
        for bad in (False, True):
            history = make(replace(shape, bad=bad))
            measured = judged(f"{name}, {'bad' if bad else 'good'}", spec, history)
            explained = shape.values and shape.crashed  # calls that were never answered may explain what was planted
            assert not (measured.verdict.is_valid and not explained if bad else measured.verdict.is_invalid), name
            yield measured


def certain() -> Iterator[Measured]:
    """Of few values, with calls that nobody answered, and bad for certain since the clients came to rest after so many."""
    shape = Shape(ops=10_000, clients=20, values=5, cas=True, crashed=0.01)
    for rest_after in RESTS:
        history, pairs = certainly_bad(shape, rest_after=rest_after)
        name = f"cas 10k, 5 values, 20 clients, 1 % crashed, bad by {plural(pairs, 'pair')} after {rest_after:,}"
        measured = judged(name, "cas-register", history)
        assert not measured.verdict.is_valid, name
        yield measured


def judged(name: str, spec: str, history: History, *, apart: bool = False) -> Measured:
    """A history judged some times over; `apart`: if it is bad, what it takes to decide it, and to explain what fails first."""

    def decide() -> Decision:
        return Linearizable(spec_from_text(spec)).decide(history, budget=Budget())

    seconds, verdict = _timed(lambda: decide().explained())
    if not (apart and verdict.is_invalid):
        return Measured(name, seconds, verdict, seconds, seconds)
    (decided, decision), (first, _) = _timed(decide), _timed(lambda: decide().explained(first_only=True))
    assert [each.op for each in decision.failing] == [violation.data["op"] for violation in verdict.violations], name
    return Measured(name, seconds, verdict, decided, first)


def _timed(judge: Callable[[], Result]) -> tuple[float, Result]:
    """The best of some times, in processor time: a small history is judged until what it needs is warm."""
    best, spent, repeats = float("inf"), 0.0, 0
    while repeats < REPEATS or spent < WARM_SECONDS:
        if spent >= repeats * WARM_SECONDS:  # between large ones
            gc.collect()
        begin = process_time()
        found = judge()
        seconds = process_time() - begin
        best, spent, repeats = min(best, seconds), spent + seconds, repeats + 1
    return best, found
