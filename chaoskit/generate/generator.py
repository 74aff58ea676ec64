"""What a generator is: an immutable value that can be asked for the next thing to do, and told what happened.

`op(context)` gives `(ask, the generator after it)`, `(PENDING, generator)` for "perhaps later", or None for "nothing, ever
again". Asking changes nothing: whoever does not use the answer forgets it. `update(context, event)` gives the generator after
an event.

Before a run the tree is *placed*: every generator that draws gets an address, the way to it from the root. Only forks (which
child of which `mix`, `any`, `phases` …), copies (`each_thread`, `repeat`, `cycle`) and generators that themselves draw lengthen
an address; a draw adds the number of the emission. So a `limit`, `map` or `time_limit` put round something moves no draw, and
what one child of a fork does moves no draw of another.

After Kyle Kingsbury's jepsen-io/generator.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from chaoskit.core.errors import ModelError
from chaoskit.core.op import Op
from chaoskit.draws import Draws
from chaoskit.generate.ask import PENDING, Ask, Pending
from chaoskit.generate.context import Context

Child = TypeVar("Child", "Generator", "Generator | None")

Emission = tuple[Ask | Pending, "Generator | None"] | None


class Place(msgspec.Struct, frozen=True):
    """Where in the tree a generator stands: its draws, and the threads it can ever be asked for."""

    draws: Draws
    slots: int
    bits: int

    def below(self, *address: str | int) -> Place:
        """A place further down."""
        return Place(self.draws.child(*address), self.slots, self.bits)

    def narrowed(self, bits: int) -> Place:
        """The same place with only these threads."""
        return Place(self.draws, self.slots, self.bits & bits)


class Generator(msgspec.Struct, frozen=True):
    """The base of all generators; subclass it (frozen) for one of your own and define `op`, and try it inside `validate`.

    Fields that hold generators, or tuples of them, are found and placed by the base; a field `place: Place | None = None`
    is filled in, for those who draw.
    """

    def op(self, context: Context) -> Emission:
        """What to do next, and the generator after that."""
        raise ModelError(f"expected {type(self).__name__} to define op(context), as every generator must.")

    def update(self, context: Context, event: Op) -> Generator | None:
        """The generator after an event: an invocation that began, or its completion. The context is the one after the event."""
        return self

    def placed(self, place: Place) -> Generator:
        """The same generator at its place; itself when it and all below neither draw nor ask about threads."""
        draws = "place" in self.__struct_fields__
        alone = len(children_of(self)) == 1
        changes: dict[str, object] = {"place": place} if draws else {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Generator):
                address = () if alone else (name,)
                new: object = value.placed(place.below(self.kind(), *address) if draws or address else place)
            elif isinstance(value, tuple) and any(isinstance(item, Generator) for item in value):
                new = place_all(value, place, self.kind())
            else:
                continue
            if new is not value:
                changes[name] = new
        return msgspec.structs.replace(self, **changes) if changes else self

    def kind(self) -> str:
        """Its part of an address: the name of its class, in lower case."""
        return _snake_case(type(self).__name__)

    def label(self) -> str:
        """What to call it in an error: the name of the function that makes it."""
        return self.kind()

    def standing(self) -> Place:
        """The place of a generator that draws. Raises `ModelError` when it was not placed yet."""
        place: Place | None = getattr(self, "place", None)
        if place is None:
            raise ModelError(f"expected a started generator but {self.label()} has no place; start it with start(gen, context).")
        return place


class Wrapper(Generator, frozen=True):
    """A generator round one other, which it tells of every event. Subclasses define `asked`, or `op` itself."""

    gen: Generator

    def op(self, context: Context) -> Emission:
        emission = self.gen.op(context)
        if emission is None:
            return None
        ask, after = emission
        return (PENDING, self) if ask is PENDING else self.asked(ask, after, context)

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        """What becomes of an ask of the one inside, which is `after` by then."""
        raise ModelError(f"expected {type(self).__name__} to define asked(ask, after, context) or op(context).")

    def update(self, context: Context, event: Op) -> Generator | None:
        gen = self.gen.update(context, event)
        if gen is self.gen:
            return self
        return None if gen is None else msgspec.structs.replace(self, gen=gen)


def update_all(gens: tuple[Generator | None, ...], context: Context, event: Op) -> tuple[Generator | None, ...]:
    """Every one of several after an event; the same tuple when none changed."""
    after = tuple([None if gen is None else gen.update(context, event) for gen in gens])
    return gens if all(new is old for new, old in zip(after, gens, strict=True)) else after


def place_all(gens: tuple[Child, ...], place: Place, kind: str) -> tuple[Child, ...]:
    """Every one of several at its own place below a fork; the same tuple when none changed."""
    after = [gen.placed(place.below(kind, n)) if isinstance(gen, Generator) else gen for n, gen in enumerate(gens)]
    return gens if all(new is old for new, old in zip(after, gens, strict=True)) else tuple(after)


def children_of(gen: Generator) -> list[Generator]:
    """The generators right below one."""
    children: list[Generator] = []
    for name in gen.__struct_fields__:
        value = getattr(gen, name)
        children += [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, Generator)]
    return children


def draws_below(gen: Generator) -> bool:
    """Whether a generator, or any below it, depends on its place."""
    return "place" in gen.__struct_fields__ or any(draws_below(child) for child in children_of(gen))


def _snake_case(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
