"""What a generator would do, without a world: against perfect or failing clients in virtual time.

`simulate` is the general form; `quick`, `perfect`, `perfect_info` and `imperfect` are the clients that tests want. `nemesis_ops`
draws the nemesis' part ahead of a run. When several things fall on one instant, completions come before the next question, so
that no more operations overlap than must.

After jepsen.generator.test in jepsen-io/generator.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

import msgspec

from chaoskit.core.errors import ModelError
from chaoskit.core.op import FAIL, INFO, OK, Op, Process
from chaoskit.core.units import format_time
from chaoskit.draws import Draws
from chaoskit.generate.ask import LOG, Ask
from chaoskit.generate.context import Context, index_of_process, thread_at
from chaoskit.generate.interpret import Done, Interpreter, Wait
from chaoskit.generate.lift import GeneratorLike

SEED = 45100  # of simulations that are given no draws
LATENCY = 10  # ns that a simulated operation takes
STEPS_MAX = 1_000_000  # questions to the generator in one simulation
NEMESIS_OPS_MAX = 10_000

CompleteFunction = Callable[[Context, Op], Op | None]


def simulate(
    gen: GeneratorLike,
    complete: CompleteFunction,
    *,
    slots: int = 2,
    draws: Draws | None = None,
    time_limit: int | None = None,
    steps_max: int = STEPS_MAX,
) -> list[Op]:
    """The history of running `gen` with clients that complete an invocation as `complete(context, invocation)` says.

    That is the completion, with its time, or None for never. Ends when the generator is done, or at `time_limit` (ns), or when
    nothing more can happen. Raises `ModelError` for a generator that is not done after `steps_max` questions.
    """
    interpreter = Interpreter(gen, slots=slots, draws=draws or Draws(SEED))
    history: list[Op] = []
    under_way: list[tuple[int, int, Op]] = []  # a heap of (time, number of its invocation, completion)
    now = 0
    for _ in range(steps_max):
        while under_way and under_way[0][0] <= now:
            completion = heapq.heappop(under_way)[2]
            history.append(completion)
            thread = thread_at(index_of_process(completion.process, slots), slots)
            interpreter.completed(thread, completion.type, completion, now)
        step = interpreter.next(now)
        if isinstance(step, Done):
            return history
        if isinstance(step, Ask):
            if step.type != LOG:
                history.append(interpreter.invoked(step, now))
                answer = complete(interpreter.context, history[-1])
                if answer is not None:
                    heapq.heappush(under_way, (max(now, answer.time), len(history), answer))
            continue
        following = _next_instant(step, under_way)
        if following is None or (time_limit is not None and following > time_limit):
            return history
        now = following
    raise ModelError(f"expected the generator to end but it was asked {steps_max} times; put a limit or time_limit round it.")


def quick_ops(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The history when every operation is ok at once."""
    return simulate(gen, lambda _, op: op.ok(op.value), slots=slots, draws=draws)


def quick(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The invocations when every operation is ok at once."""
    return invocations(quick_ops(gen, slots=slots, draws=draws))


def perfect_ops(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The history when every operation is ok after 10 ns."""
    return simulate(gen, lambda _, op: _after_latency(op, OK), slots=slots, draws=draws)


def perfect(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The invocations when every operation is ok after 10 ns."""
    return invocations(perfect_ops(gen, slots=slots, draws=draws))


def perfect_info(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The invocations when nobody ever knows what became of an operation, after 10 ns."""
    return invocations(simulate(gen, lambda _, op: _after_latency(op, INFO), slots=slots, draws=draws))


def imperfect(gen: GeneratorLike, *, slots: int = 2, draws: Draws | None = None) -> list[Op]:
    """The history when on each thread one operation fails, the next is unknown, the next is ok, and round again, 10 ns each."""
    last: dict[Process, str] = {}

    def complete(context: Context, op: Op) -> Op:
        thread = context.thread_of(op.process)
        last[thread] = {OK: FAIL, FAIL: INFO, INFO: OK}[last.get(thread, OK)]
        return _after_latency(op, last[thread])

    return simulate(gen, complete, slots=slots, draws=draws)


def invocations(history: Iterable[Op]) -> list[Op]:
    """The invocations of a history."""
    return [op for op in history if op.is_invoke]


def nemesis_ops(
    gen: GeneratorLike, *, draws: Draws, horizon: int, slots: int = 1, ops_max: int = NEMESIS_OPS_MAX
) -> list[Ask]:
    """What `gen` asks of the nemesis up to `horizon` (ns), each op done at once: a person's nemesis generator as planned faults.

    The clients' part counts as over before it begins, so space the nemesis by time and not by what clients do. Raises
    `ModelError` when it asks for more than `ops_max`.
    """
    interpreter = Interpreter(gen, slots=slots, draws=draws, clients=False)
    asks: list[Ask] = []
    now = 0
    for _ in range(STEPS_MAX):
        step = interpreter.next(now)
        if isinstance(step, Wait) and step.until is not None and step.until <= horizon:
            now = step.until
        elif not isinstance(step, Ask):
            return asks
        elif step.type != LOG:
            if len(asks) == ops_max:
                break
            asks.append(step.at(now))
            interpreter.completed(step.thread, INFO, interpreter.invoked(step, now), now)
    raise ModelError(
        f"expected at most {ops_max} nemesis ops up to {format_time(horizon)} but the generator goes on after {len(asks)} at "
        f"{format_time(now)}; pace it with stagger or delay."
    )


def _next_instant(step: Wait, under_way: list[tuple[int, int, Op]]) -> int | None:
    instants = [under_way[0][0]] if under_way else []
    if step.until is not None:
        instants.append(step.until)
    return min(instants, default=None)


def _after_latency(op: Op, op_type: str) -> Op:
    return msgspec.structs.replace(op, type=op_type, time=op.time + LATENCY)
