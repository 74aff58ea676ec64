"""What: generators that change, drop or react to what passes through them.

`map`, `f_map` and `filter` concern invocations; `log` and `sleep` pass them unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chaoskit.core.errors import ModelError, UsageError, unknown_name
from chaoskit.core.op import INVOKE, Op
from chaoskit.generate.ask import PENDING, Ask
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator, Place, Wrapper
from chaoskit.generate.lift import GeneratorLike, lift

FILTERED_MAX = 100_000  # asks in a row that a filter may drop

UpdateFunction = Callable[["OnUpdate", Context, Op], GeneratorLike]


def map(function: Callable[[Ask], Ask], gen: GeneratorLike) -> Generator | None:
    """`gen` with every ask changed by a function: `map(lambda ask: ask.but(key="x"), gen)`."""
    wrapped = lift(gen)
    if not callable(function):
        raise UsageError(f"expected a function from an ask to an ask but got {function!r:.80}.")
    return None if wrapped is None else Map(wrapped, function)


def f_map(names: Mapping[str, str] | Callable[[str], str], gen: GeneratorLike) -> Generator | None:
    """`gen` with the names of its operations changed, by a function or a table that has them all."""
    rename = names if callable(names) else _renaming(names)
    return map(lambda ask: ask.but(f=rename(ask.f)), gen)


def filter(keeps: Callable[[Ask], bool], gen: GeneratorLike) -> Generator | None:
    """Those asks of `gen` that a function says yes to."""
    wrapped = lift(gen)
    if not callable(keeps):
        raise UsageError(f"expected a function from an ask to a bool but got {keeps!r:.80}.")
    return None if wrapped is None else Filter(wrapped, keeps)


def on_update(function: UpdateFunction, gen: GeneratorLike) -> Generator | None:
    """`gen`, with a function called at every event: `function(this, context, event)` gives the generator to go on with.

    `this` is the whole, an `OnUpdate`; `this.passed_on(context, event)` is that after `gen` was told of the event, as usual.
    """
    wrapped = lift(gen)
    return None if wrapped is None else OnUpdate(wrapped, function)


class Map(Wrapper, frozen=True):
    function: Callable[[Ask], Ask]

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        if ask.type == INVOKE:
            changed = self.function(ask)
            if not isinstance(changed, Ask):
                raise ModelError(f"expected map's function to return an Ask but got {changed!r:.80}; return ask.but(value=...).")
            ask = changed
        return ask, None if after is None else Map(after, self.function)


class Filter(Wrapper, frozen=True):
    keeps: Callable[[Ask], bool]

    def op(self, context: Context) -> Emission:
        gen: Generator | None = self.gen
        for _ in range(FILTERED_MAX):
            emission = None if gen is None else gen.op(context)
            if emission is None:
                return None
            ask, gen = emission
            if ask is PENDING:
                return PENDING, self
            if ask.type != INVOKE or self.keeps(ask):
                return ask, None if gen is None else Filter(gen, self.keeps)
        raise ModelError(f"expected filter to keep something but it dropped {FILTERED_MAX} asks in a row; limit what it filters.")


class OnUpdate(Wrapper, frozen=True):
    function: UpdateFunction
    place: Place | None = None

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        return ask, None if after is None else OnUpdate(after, self.function, self.place)

    def update(self, context: Context, event: Op) -> Generator | None:
        answer = lift(self.function(self, context, event))
        if answer is None or isinstance(answer, OnUpdate):
            return answer
        return answer.placed(self.standing().below("new"))  # made on the way, so it has no place yet

    def passed_on(self, context: Context, event: Op) -> Generator | None:
        """This generator after what it wraps was told of the event."""
        return super().update(context, event)


def _renaming(names: Mapping[str, str]) -> Callable[[str], str]:
    def rename(f: str) -> str:
        if f not in names:
            raise unknown_name("operation of f_map", f, names)
        return names[f]

    return rename
