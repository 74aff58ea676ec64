"""Each: a copy of a generator for every thread, or for every process, as if each had one of its own.

A copy sees its own thread only, hears of its own thread only, and draws at an address of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.op import Op, Process
from chaoskit.generate.ask import PENDING, Ask
from chaoskit.generate.context import Context, index_of_process, thread_at
from chaoskit.generate.generator import Emission, Generator, Place
from chaoskit.generate.lift import GeneratorLike, lift


def each_thread(gen: GeneratorLike) -> Generator | None:
    """A copy of `gen` for every thread."""
    fresh = lift(gen)
    return None if fresh is None else EachThread(fresh)


def each_process(gen: GeneratorLike) -> Generator | None:
    """A copy of `gen` for every process: a slot that goes on as a new process, its operation lost, begins again."""
    fresh = lift(gen)
    return None if fresh is None else EachProcess(fresh)


class EachThread(Generator, frozen=True):
    fresh: Generator
    gens: tuple[Generator | None, ...] = ()  # by thread index; None: exhausted
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place, gens = self.standing(), self.gens
        found = _soonest_thread(context, gens.__getitem__)
        if found is None:
            busy = context.all_bits & ~context.free_bits
            return (PENDING, self) if any(busy >> index & 1 and gen is not None for index, gen in enumerate(gens)) else None
        index, ask, after = found
        if ask is None:
            return PENDING, self
        return ask, EachThread(self.fresh, (*gens[:index], after, *gens[index + 1 :]), place)

    def update(self, context: Context, event: Op) -> Generator | None:
        index = index_of_process(event.process, context.slots)
        gen = self.gens[index]
        after = None if gen is None else gen.update(context.narrowed(1 << index), event)
        return self if after is gen else EachThread(self.fresh, (*self.gens[:index], after, *self.gens[index + 1 :]), self.place)

    def placed(self, place: Place) -> Generator:
        gens = [
            gen.placed(_own_place(place, index)) if gen is not None and place.bits >> index & 1 else None
            for index, gen in enumerate(self.gens or (self.fresh,) * (place.slots + 1))
        ]
        return EachThread(self.fresh, tuple(gens), place)


class EachProcess(Generator, frozen=True):
    fresh: Generator
    begun: tuple[tuple[Process, Generator | None] | None, ...] = ()  # by thread index: the last process, and its copy
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place, begun = self.standing(), self.begun
        found = _soonest_thread(context, lambda index: self._copy(context, place, index))
        if found is None:
            return (PENDING, self) if context.free_bits != context.all_bits else None
        index, ask, after = found
        if ask is None:
            return PENDING, self
        return ask, EachProcess(self.fresh, (*begun[:index], (ask.process, after), *begun[index + 1 :]), place)

    def update(self, context: Context, event: Op) -> Generator | None:
        index = index_of_process(event.process, context.slots)
        entry = self.begun[index]
        if entry is None or entry[1] is None or entry[0] != event.process:
            return self
        after = entry[1].update(context.narrowed(1 << index), event)
        if after is entry[1]:
            return self
        return EachProcess(self.fresh, (*self.begun[:index], (event.process, after), *self.begun[index + 1 :]), self.place)

    def placed(self, place: Place) -> Generator:
        return EachProcess(self.fresh, self.begun or (None,) * (place.slots + 1), place)

    def _copy(self, context: Context, place: Place, index: int) -> Generator | None:
        process, entry = context.processes[index], self.begun[index]
        if entry is not None and entry[0] == process:
            return entry[1]
        return self.fresh.placed(_own_place(place, index).below("process", process))


def _soonest_thread(
    context: Context, generator_of: Callable[[int], Generator | None]
) -> tuple[int, Ask | None, Generator | None] | None:
    """The free thread whose own generator has the soonest ask: (index, ask, generator after it).

    Threads are asked in rotation from the one whose turn it is, and the first that can begin at once ends the search: nothing is
    sooner than now. The ask is None when all wait; nothing at all when all free threads are exhausted.
    """
    best: tuple[int, Ask | None, Generator | None] | None = None
    first, threads = context.first(), context.slots + 1
    for step in range(threads):
        index = (first + step) % threads
        gen = generator_of(index) if context.free_bits >> index & 1 else None
        emission = None if gen is None else gen.op(context.narrowed(1 << index))
        if emission is None:
            continue
        ask, after = emission
        if ask is PENDING:
            best = best or (index, None, None)
        elif ask.time <= context.time:
            return index, ask, after
        elif best is None or best[1] is None or ask.time < best[1].time:
            best = index, ask, after
    return best


def _own_place(place: Place, index: int) -> Place:
    return place.narrowed(1 << index).below("thread", thread_at(index, place.slots))
