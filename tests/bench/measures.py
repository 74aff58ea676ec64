"""What is measured: whole runs, messages, histories, memory, start-up. Each measure gives its figures; `run.py` prints them.

Processor time where one process is measured, because machines are shared; medians of several repeats; peers alternately with
ours.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import simpy
import talk

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.plan import Plan
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings

RUNS = 40  # whole runs
MESSAGES = 30_000  # a repeat
REPEATS = 7
EVENTS = 2_000_000  # of a million operations
LONG_OPS = 100_000
STARTS = 5
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"  # kB on Linux


def whole_runs(count: int = RUNS) -> float:
    """Judged Raft runs a second and core: 5 nodes, 200 operations in 10 virtual seconds, all nemeses."""
    plans = [draw(Settings(seed=seed, nodes=5, ops=200, rate=20), "raft") for seed in range(1, count + 1)]
    _raft_run(plans[0])
    begin = process_time()
    for plan in plans:
        _raft_run(plan)
    return count / (process_time() - begin)


def _raft_run(plan: Plan) -> None:
    judge(execute(plan))


def message_ratios() -> dict[str, tuple[float, float]]:
    """(our messages a second, how many times SimPy's) for two that play ping-pong and five that pass tokens on at random."""
    pairs = {
        "ping-pong, 2 nodes": (partial(_talk, talk.plan("ping_pong", nodes=2, messages=MESSAGES)), _simpy_ping_pong),
        "random, 5 nodes": (partial(_talk, talk.plan("random_talk", nodes=5, messages=MESSAGES)), _simpy_random_talk),
    }
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
    for _ in range(REPEATS + 1):
        for name, (ours, theirs) in pairs.items():
            rates[name].append((_rate(ours), _rate(theirs)))
    return {  # the first of each warms up
        name: (median(ours for ours, _ in found[1:]), median(ours / theirs for ours, theirs in found[1:]))
        for name, found in rates.items()
    }


def _rate(work: Callable[[], int]) -> float:
    """Messages a second of processor time."""
    gc.collect()
    begin = process_time()
    messages = work()
    return messages / (process_time() - begin)


def _talk(plan: Plan) -> int:
    """A run with everything on that a run of a protocol has: typed messages, encoding, journal, digests."""
    outcome = execute(plan)
    outcome.digests()
    assert outcome.stats.messages >= MESSAGES, outcome.stats
    return outcome.stats.messages


def _simpy_ping_pong() -> int:
    """Two processes and two stores; a message is a get, a timeout (its latency) and a put."""
    environment = simpy.Environment()
    here, there = simpy.Store(environment), simpy.Store(environment)

    def player(inbox: simpy.Store, outbox: simpy.Store) -> Generator[Any, Any, None]:
        for _ in range(MESSAGES // 2):
            message = yield inbox.get()
            yield environment.timeout(2)
            yield outbox.put(message)

    environment.process(player(here, there))
    environment.process(player(there, here))
    here.put("ball")
    environment.run()
    return MESSAGES


def _simpy_random_talk() -> int:
    """Five processes, each with a store, pass the same number of tokens on, each to the one that the same dice say."""
    environment = simpy.Environment()
    stores = [simpy.Store(environment) for _ in range(5)]

    def player(own: int) -> Generator[Any, Any, None]:
        peers, dice = [store for store in stores if store is not stores[own]], own
        while True:
            left = yield stores[own].get()
            yield environment.timeout(2)
            if left:
                dice = (dice * 1_103_515_245 + 12_345) % 2**31
                yield peers[(dice >> 16) % len(peers)].put(left - 1)

    for own in range(5):
        environment.process(player(own))
    for _ in range(talk.TOKENS):
        stores[0].put(MESSAGES // talk.TOKENS)
    environment.run()
    return MESSAGES


def history_seconds() -> float:
    """How long it takes to build the history of a million operations."""
    begin = process_time()
    build_history()
    return process_time() - begin


def build_history(events: int = EVENTS) -> History:
    """A register history: every process invokes, and is answered."""
    builder = HistoryBuilder()
    for number in range(0, events, 2):
        process, key = number // 2 % 10, f"k{number % 7}"
        builder.append("invoke", process, "write", key, number, time=number)
        builder.append("ok", process, "write", key, number, time=number + 1)
    return builder.build()


def history_megabytes() -> float:
    """The peak memory of a process that builds the history of a million operations."""
    return _peak(f"import measures; history = measures.build_history(); assert len(history) == {EVENTS}")


def long_run_megabytes() -> float:
    """The peak memory of a long Raft run, its journal going to a file, judged."""
    with tempfile.TemporaryDirectory() as folder:
        return _peak(f"import measures; measures.long_run({folder!r})")


def long_run(folder: str) -> None:
    """A run of very many operations, kept in a directory."""
    from chaoskit.session import run

    settings = Settings(seed=7, workload="register", ops=LONG_OPS, rate=1000, parameters={"keys": "1000"})
    kept = run(settings, "raft", root=folder, reports=())
    assert kept.interrupted is None, kept.interrupted


def _peak(statements: str) -> float:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); {statements}; {PEAK}"
    answer = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return int(answer.stdout.split()[-1]) / 1000


def start_seconds() -> float:
    """Wall time of `chaoskit --help`."""

    def start() -> float:
        begin = perf_counter()
        subprocess.run([sys.executable, "-m", "chaoskit.cli", "--help"], check=True, capture_output=True)
        return perf_counter() - begin

    return median(start() for _ in range(STARTS))
