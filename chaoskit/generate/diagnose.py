"""Which generator broke its contract, and how: checks of what generators answer, and errors that name the way to the culprit.

The interpreter does to every generator what `validate` and `friendly_exceptions` do, through the functions that they share.
"""

from __future__ import annotations

import logging

from chaoskit.core.errors import InternalError, ModelError
from chaoskit.core.op import NEMESIS, Op
from chaoskit.core.units import format_time
from chaoskit.generate.arguments import is_integer
from chaoskit.generate.ask import ASK_TYPES, PENDING, Ask
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator, Wrapper, children_of
from chaoskit.generate.lift import GeneratorLike, lift

OUTLINE_CHARACTERS_MAX = 300


class GeneratorError(ModelError):
    """A generator broke its contract; the message names which."""


_LOGGER = logging.getLogger("chaoskit.generate")


def validate(gen: GeneratorLike) -> Generator | None:
    """`gen`, with every answer checked: raises `ModelError` for one that is not an ask for a free thread."""
    wrapped = lift(gen)
    return None if wrapped is None else Validate(wrapped)


def friendly_exceptions(gen: GeneratorLike) -> Generator | None:
    """`gen`, with whatever is raised inside turned into a `ModelError` that names the way to where it was raised."""
    wrapped = lift(gen)
    return None if wrapped is None else FriendlyExceptions(wrapped)


def trace(key: str, gen: GeneratorLike) -> Generator | None:
    """`gen`, with every question, answer and event logged under a key (logger `chaoskit.generate`, level info)."""
    wrapped = lift(gen)
    return None if wrapped is None else Trace(wrapped, key)


def outline(gen: Generator | None) -> str:
    """A generator tree in one line: `limit > stagger > clients > mix(read, write)`."""
    text = "nothing" if gen is None else _outline(gen)
    return text if len(text) <= OUTLINE_CHARACTERS_MAX else text[: OUTLINE_CHARACTERS_MAX - 1] + "…"


def check_answer(emission: Emission, context: Context, gen: Generator) -> None:
    """Raises `ModelError` when an answer is not what a generator may give in this context."""
    if emission is None:
        return
    if type(emission) is tuple and len(emission) == 2:  # the usual answers, quickly
        ask, after = emission
        if after is None or isinstance(after, Generator):
            if ask is PENDING:
                return
            if type(ask) is Ask and type(ask.time) is int and ask.type in ASK_TYPES and _is_for_free_thread(ask, context):
                return
    problem = _problem(emission, context)
    raise GeneratorError(f"the generator {outline(gen)} broke its contract at {format_time(context.time)}: {problem}")


def explained(error: Exception, context: Context, doing: str) -> Exception:
    """The error to raise in place of one that came out of a generator: it names the way from the root to where it was raised."""
    if isinstance(error, GeneratorError | InternalError):
        return error
    reason = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
    return GeneratorError(f"the generator {_way_to(error)} failed when {doing} at {format_time(context.time)}: {reason}")


class Validate(Wrapper, frozen=True):
    def op(self, context: Context) -> Emission:
        emission = self.gen.op(context)
        check_answer(emission, context, self.gen)
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        return ask, None if after is None else Validate(after)


class FriendlyExceptions(Wrapper, frozen=True):
    def op(self, context: Context) -> Emission:
        try:
            emission = self.gen.op(context)
        except Exception as error:
            raise explained(error, context, "asked for an op") from error
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        return ask, None if after is None else FriendlyExceptions(after)

    def update(self, context: Context, event: Op) -> Generator | None:
        try:
            return super().update(context, event)
        except Exception as error:
            raise explained(error, context, f"told of '{event}'") from error


class Trace(Wrapper, frozen=True):
    key: str

    def op(self, context: Context) -> Emission:
        emission = self.gen.op(context)
        _LOGGER.info("%s op at %d, free %s: %s", self.key, context.time, context.free_threads, emission and emission[0])
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        return ask, None if after is None else Trace(after, self.key)

    def update(self, context: Context, event: Op) -> Generator | None:
        _LOGGER.info("%s update at %d, free %s: %s", self.key, context.time, context.free_threads, event)
        return super().update(context, event)


def _is_for_free_thread(ask: Ask, context: Context) -> bool:
    index = context.slots if ask.thread == NEMESIS else ask.thread
    if type(index) is not int or not 0 <= index <= context.slots:
        return False
    return context.free_bits >> index & 1 == 1 and context.processes[index] == ask.process


def _problem(emission: object, context: Context) -> str:
    """What is wrong with an answer, in a sentence."""
    if not isinstance(emission, tuple) or len(emission) != 2:
        return f"expected (ask, generator), (PENDING, generator) or None but got {emission!r:.80}."
    ask, after = emission
    if after is not None and not isinstance(after, Generator):
        return f"expected a generator to go on with but got {after!r:.80}; give it to lift()."
    if not isinstance(ask, Ask):
        return f"expected an Ask or PENDING but got {ask!r:.80}."
    if ask.type not in ASK_TYPES:
        return f"expected an ask's type to be one of {', '.join(ASK_TYPES)} but got type={ask.type!r}."
    if not is_integer(ask.time):
        return f"expected an ask's time in nanoseconds (an int) but got time={ask.time!r}."
    if ask.thread not in context.all_threads:
        return f"expected one of the threads {context.all_threads} but {ask.f!r} asks for thread={ask.thread!r}."
    if ask.thread not in context.free_threads:
        return f"expected one of the free threads {context.free_threads} but {ask.f!r} asks for the busy thread={ask.thread!r}."
    process = context.process_of(ask.thread)
    return f"expected process {process} for thread {ask.thread!r} but {ask.f!r} asks for process={ask.process!r}."


def _way_to(error: BaseException) -> str:
    """The generators that were being asked when an error was raised, from the outermost to the culprit."""
    labels: list[str] = []
    traceback = error.__traceback__
    last: Generator | None = None
    while traceback is not None:
        owner = traceback.tb_frame.f_locals.get("self")
        if isinstance(owner, Generator) and owner is not last and not isinstance(owner, Validate | FriendlyExceptions):
            labels.append(owner.label())
            last = owner
        traceback = traceback.tb_next
    return " > ".join(labels) or "itself"


def _outline(gen: Generator) -> str:
    children = children_of(gen)
    if not children:
        return gen.label()
    if len(children) == 1:
        return f"{gen.label()} > {_outline(children[0])}"
    return f"{gen.label()}({', '.join(map(_outline, children))})"
