"""Generators: what clients and the nemesis are asked to do, as immutable values that combine. Jepsen's algebra and its names.

Meant to be used as a whole, because some names are those of built-ins: `from chaoskit import generate as gen`.

    gen.phases(
        gen.time_limit("30s", gen.nemesis(faults, gen.stagger("10ms", gen.mix([reads, writes])))),
        gen.sleep("10s"),
        gen.clients(gen.each_thread(gen.until_ok(gen.repeat({"f": "read"})))),
    )
"""

from chaoskit.generate.amount import cycle, limit, once, process_limit, repeat, until_ok
from chaoskit.generate.arguments import Duration
from chaoskit.generate.ask import LOG, PENDING, SLEEP, Ask, Pending, Thread
from chaoskit.generate.barriers import phases, synchronize, then
from chaoskit.generate.choose import any, flip_flop, mix, shortest_any
from chaoskit.generate.context import Context
from chaoskit.generate.diagnose import GeneratorError, friendly_exceptions, outline, trace, validate
from chaoskit.generate.each import each_process, each_thread
from chaoskit.generate.generator import Emission, Generator, Place, Wrapper
from chaoskit.generate.interpret import DONE, Done, Interpreter, Wait
from chaoskit.generate.lift import GeneratorLike, Template, concat, lift, log, op, sleep, start, update
from chaoskit.generate.pace import bursts, cycle_times, delay, stagger, time_limit
from chaoskit.generate.simulator import (
    imperfect,
    invocations,
    nemesis_ops,
    perfect,
    perfect_info,
    perfect_ops,
    quick,
    quick_ops,
    simulate,
)
from chaoskit.generate.threads import clients, concurrency_limit, nemesis, on, on_threads, reserve
from chaoskit.generate.transform import OnUpdate, f_map, filter, map, on_update

__all__ = [
    "DONE",
    "LOG",
    "PENDING",
    "SLEEP",
    "Ask",
    "Context",
    "Done",
    "Duration",
    "Emission",
    "Generator",
    "GeneratorError",
    "GeneratorLike",
    "Interpreter",
    "OnUpdate",
    "Pending",
    "Place",
    "Template",
    "Thread",
    "Wait",
    "Wrapper",
    "any",
    "bursts",
    "clients",
    "concat",
    "concurrency_limit",
    "cycle",
    "cycle_times",
    "delay",
    "each_process",
    "each_thread",
    "f_map",
    "filter",
    "flip_flop",
    "friendly_exceptions",
    "imperfect",
    "invocations",
    "lift",
    "limit",
    "log",
    "map",
    "mix",
    "nemesis",
    "nemesis_ops",
    "on",
    "on_threads",
    "on_update",
    "once",
    "op",
    "outline",
    "perfect",
    "perfect_info",
    "perfect_ops",
    "phases",
    "process_limit",
    "quick",
    "quick_ops",
    "repeat",
    "reserve",
    "shortest_any",
    "simulate",
    "sleep",
    "stagger",
    "start",
    "synchronize",
    "then",
    "time_limit",
    "trace",
    "until_ok",
    "update",
    "validate",
]
