"""Who: generators that give what they wrap to some of the threads only, or to so many at a time.

Inside, the context holds no other threads, so that waiting for "all threads" means all of these. A generator whose threads are
none of those being asked is exhausted: so the nemesis' part of a generator is drawn ahead of a run, and the clients' during it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from chaoskit.core.errors import UsageError
from chaoskit.core.op import NEMESIS, Op
from chaoskit.generate import choose
from chaoskit.generate.arguments import count
from chaoskit.generate.ask import PENDING, Thread
from chaoskit.generate.context import Context, index_of_process, thread_at, threads_of
from chaoskit.generate.generator import Emission, Generator, Place, Wrapper
from chaoskit.generate.lift import GeneratorLike, lift

Selection = Collection[Thread] | Callable[[Thread], bool]


def on_threads(selection: Selection, gen: GeneratorLike) -> Generator | None:
    """`gen` for the threads in a collection, or those that a function says yes to; it sees no others and hears of no others."""
    if isinstance(selection, Collection) and not isinstance(selection, str):
        return _only(selection.__contains__, gen, "on_threads")
    if callable(selection):
        return _only(selection, gen, "on_threads")
    raise UsageError(f"expected a collection of threads such as {{0, 1}}, or a function of a thread, but got {selection!r:.80}.")


on = on_threads


def clients(gen: GeneratorLike, nemesis_gen: GeneratorLike = None) -> Generator | None:
    """`gen` for the clients; with a second generator, that one for the nemesis beside it."""
    return choose.any(_only(_is_client, gen, "clients"), _only(_is_nemesis, nemesis_gen, "nemesis"))


def nemesis(gen: GeneratorLike, client_gen: GeneratorLike = None) -> Generator | None:
    """`gen` for the nemesis; with a second generator, that one for the clients beside it."""
    return choose.any(_only(_is_nemesis, gen, "nemesis"), _only(_is_client, client_gen, "clients"))


def reserve(*counts_and_gens: int | GeneratorLike) -> Generator | None:
    """`reserve(5, writes, 10, cas, reads)`: the first five threads write, the next ten cas, all others read.

    So that a kind of operation that hangs cannot take the threads of another. Each hears only of its own threads.
    """
    if len(counts_and_gens) % 2 == 0:
        raise UsageError(f"expected pairs of a count and a generator, then a default, but got {len(counts_and_gens)} arguments.")
    counts = [count(number, name="reserve") for number in counts_and_gens[:-1:2]]  # type: ignore[arg-type]
    gens = [lift(gen) for gen in (*counts_and_gens[1::2], counts_and_gens[-1])]  # type: ignore[arg-type]
    return Reserve(tuple(counts), tuple(gens)) if any(gen is not None for gen in gens) else None


def concurrency_limit(most: int, gen: GeneratorLike) -> Generator | None:
    """`gen` while fewer than so many threads are busy."""
    wrapped = lift(gen)
    return ConcurrencyLimit(wrapped, most) if count(most, name="concurrency_limit") and wrapped is not None else None


class OnThreads(Wrapper, frozen=True):
    selects: Callable[[Thread], bool]
    name: str
    bits: int = -1  # the threads selected, once placed

    def op(self, context: Context) -> Emission:
        here = context.all_bits & self.bits
        if not here:
            return None
        emission = self.gen.op(context if here == context.all_bits else context.narrowed(here))
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        return ask, None if after is None else OnThreads(after, self.selects, self.name, self.bits)

    def update(self, context: Context, event: Op) -> Generator | None:
        if not self.bits >> index_of_process(event.process, context.slots) & 1:
            return self
        return super().update(context.narrowed(self.bits), event)

    def placed(self, place: Place) -> Generator:
        everyone = [thread_at(index, place.slots) for index in range(place.slots + 1)]
        bits = sum(1 << index for index, thread in enumerate(everyone) if self.selects(thread))
        if not bits:
            raise UsageError(
                f"expected {self.name} to select some of the threads {everyone} but it selects none; "
                "name others or run more clients."
            )
        gen = self.gen.placed(place.narrowed(bits))
        return self if gen is self.gen and bits == self.bits else OnThreads(gen, self.selects, self.name, bits)

    def label(self) -> str:
        return self.name


class Reserve(Generator, frozen=True):
    counts: tuple[int, ...]
    gens: tuple[Generator | None, ...]  # the default last
    ranges: tuple[int, ...] = ()  # the threads of each, as bits
    emitted: int = 0
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place = self.standing()
        emissions: list[Emission] = []
        weights: list[int] = []
        for gen, bits in zip(self.gens, self.ranges, strict=True):
            here = context.all_bits & bits
            emissions.append(None if gen is None or not here else gen.op(context.narrowed(here)))
            weights.append(here.bit_count())
        chosen = choose.soonest(emissions, weights, place.draws, self.emitted)
        emission = None if chosen is None else emissions[chosen]
        if chosen is None or emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        gens = (*self.gens[:chosen], after, *self.gens[chosen + 1 :])
        return ask, Reserve(self.counts, gens, self.ranges, self.emitted + 1, place)

    def update(self, context: Context, event: Op) -> Generator | None:
        index = index_of_process(event.process, context.slots)
        for number, (gen, bits) in enumerate(zip(self.gens, self.ranges, strict=True)):
            if gen is not None and bits >> index & 1:
                after = gen.update(context.narrowed(bits), event)
                if after is gen:
                    return self
                gens = (*self.gens[:number], after, *self.gens[number + 1 :])
                return Reserve(self.counts, gens, self.ranges, self.emitted, self.place)
        return self

    def placed(self, place: Place) -> Generator:
        ranges = _ranges(self.counts, place)
        gens = [
            None if gen is None else gen.placed(place.narrowed(bits).below("reserve", number))
            for number, (gen, bits) in enumerate(zip(self.gens, ranges, strict=True))
        ]
        return Reserve(self.counts, tuple(gens), ranges, self.emitted, place)


class ConcurrencyLimit(Wrapper, frozen=True):
    most: int

    def op(self, context: Context) -> Emission:
        if (context.all_bits & ~context.free_bits).bit_count() >= self.most:
            return PENDING, self
        emission = self.gen.op(context)
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        return ask, None if after is None else ConcurrencyLimit(after, self.most)


def _only(selects: Callable[[Thread], bool], gen: GeneratorLike, name: str) -> Generator | None:
    wrapped = lift(gen)
    return None if wrapped is None else OnThreads(wrapped, selects, name)


def _is_client(thread: Thread) -> bool:
    return thread != NEMESIS


def _is_nemesis(thread: Thread) -> bool:
    return thread == NEMESIS


def _ranges(counts: tuple[int, ...], place: Place) -> tuple[int, ...]:
    """The threads of each count in their order, then those left over, as bits. Without threads, all ranges are empty."""
    indices = [index for index in range(place.slots + 1) if place.bits >> index & 1]
    if indices and len(indices) <= sum(counts):
        raise UsageError(
            f"expected more than {sum(counts)} threads, so that one is left for reserve's default, but there are {len(indices)} "
            f"({threads_of(place.bits, place.slots)}); run more clients or reserve fewer."
        )
    ranges, taken = [], 0
    for number in (*counts, len(indices)):
        ranges.append(sum(1 << index for index in indices[taken : taken + number]))
        taken += number
    return tuple(ranges)
