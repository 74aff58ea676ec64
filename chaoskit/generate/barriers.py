"""One after the other, and no sooner: generators that wait until every thread is free before they begin."""

from __future__ import annotations

from chaoskit.core.op import Op
from chaoskit.generate.ask import PENDING
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator
from chaoskit.generate.lift import GeneratorLike, concat, lift


def synchronize(gen: GeneratorLike) -> Generator:
    """`gen`, once all threads that it may use are free. Without one, just the waiting."""
    return Synchronize(lift(gen))


def phases(*gens: GeneratorLike) -> Generator | None:
    """Each of several generators in turn, after all that the one before asked for is complete."""
    return concat(*[Synchronize(gen) for gen in map(lift, gens) if gen is not None])


def then(after: GeneratorLike, first: GeneratorLike) -> Generator | None:
    """`first`, and when all that it asked for is complete, `after`. Backwards, as in Jepsen, where it closes a chain."""
    last = lift(after)
    return concat(first, None if last is None else Synchronize(last))


class Synchronize(Generator, frozen=True):
    gen: Generator | None

    def op(self, context: Context) -> Emission:
        if context.free_bits != context.all_bits:
            return PENDING, self
        return None if self.gen is None else self.gen.op(context)

    def update(self, context: Context, event: Op) -> Generator | None:
        gen = None if self.gen is None else self.gen.update(context, event)
        return self if gen is self.gen else Synchronize(gen)
