"""validate, friendly_exceptions, trace, and the errors that name the way to the culprit."""

from __future__ import annotations

import logging
import re

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import ModelError
from chaoskit.draws import Draws

CONTEXT = gen.Context.start(slots=2, draws=Draws(1))


class Answering(gen.Generator, frozen=True):
    """A generator that answers whatever it was told to."""

    answer: object

    def op(self, context: gen.Context) -> gen.Emission:
        return self.answer  # type: ignore[return-value]


class Silent(gen.Generator, frozen=True):
    """A generator whose author forgot `op`."""


ASK = gen.Ask(time=0, process=1, thread=1, f="read")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (ASK, "expected (ask, generator), (PENDING, generator) or None but got Ask("),
        ((ASK, [{"f": "read"}]), "expected a generator to go on with but got [{'f': 'read'}]; give it to lift()."),
        (({"f": "read"}, None), "expected an Ask or PENDING but got {'f': 'read'}."),
        ((ASK.but(type="ok"), None), "expected an ask's type to be one of invoke, log, sleep but got type='ok'."),
        ((ASK.but(time=1.5), None), "expected an ask's time in nanoseconds (an int) but got time=1.5."),
        ((ASK.but(thread=9), None), "expected one of the threads (0, 1, 'nemesis') but 'read' asks for thread=9."),
        ((ASK.but(thread=-1), None), "expected one of the threads (0, 1, 'nemesis') but 'read' asks for thread=-1."),
        (
            (ASK.but(thread=0, process=0), None),
            "expected one of the free threads (1, 'nemesis') but 'read' asks for the busy thread=0.",
        ),
        ((ASK.but(process=3), None), "expected process 1 for thread 1 but 'read' asks for process=3."),
    ],
)
def test_answer_that_breaks_the_contract_is_refused(answer: object, problem: str) -> None:
    """Each way to answer wrongly has its sentence, with the generator that did, also from the middle of a tree."""
    message = "^" + re.escape(f"the generator answering broke its contract at 0.000 s: {problem}")
    with pytest.raises(ModelError, match=message):
        gen.op(gen.validate(Answering(answer)), CONTEXT.taken(1))
    with pytest.raises(ModelError, match=message):
        gen.perfect([gen.on_threads({0}, gen.once({"f": "begin"})), gen.limit(3, gen.validate(Answering(answer)))])


def test_interpreter_validates_by_default() -> None:
    """Without a word, an answer that breaks the contract is refused."""
    with pytest.raises(ModelError, match=r"^the generator answering broke its contract at 0\.000 s: expected process 1"):
        gen.quick(Answering((ASK.but(process=3), None)))


def test_good_answers_pass_validation() -> None:
    """What is right comes through as it was."""
    assert [op.f for op in gen.quick(gen.validate([{"f": "a"}, {"f": "b"}]))] == ["a", "b"]
    assert gen.validate(None) is None


def test_error_names_the_way_to_the_culprit() -> None:
    """An exception deep inside a tree says through which generators it came, and where."""

    def broken() -> gen.GeneratorLike:
        raise ValueError("no more values")

    tree = gen.limit(5, gen.stagger(10, gen.clients(gen.mix([broken]))))
    message = (
        "^the generator limit > stagger > clients > mix > function .*broken failed when asked for an op at 0.000 s: "
        "ValueError: no more values$"
    )
    with pytest.raises(ModelError, match=message):
        gen.quick(tree)
    with pytest.raises(ModelError, match=message):
        gen.op(gen.friendly_exceptions(gen.start(tree, CONTEXT)), CONTEXT)
    assert gen.friendly_exceptions(None) is None


def test_error_in_what_a_function_returns_names_the_function() -> None:
    """A function that returns no generator is named, with what it returned."""
    message = r"function .*<lambda> failed when asked for an op at 0\.000 s: UsageError: expected a generator .* but got 7"
    with pytest.raises(ModelError, match=message):
        gen.quick(gen.limit(3, lambda: 7))  # type: ignore[arg-type]


def test_error_while_being_told_names_the_event() -> None:
    """An exception in an update function says which event it was told of."""

    def broken(this: gen.OnUpdate, context: gen.Context, event: object) -> gen.GeneratorLike:
        raise KeyError("lost")

    message = r"^the generator limit > on_update failed when told of '-1 0 invoke read None' at 0\.000 s: KeyError: 'lost'$"
    tree = gen.limit(3, gen.on_update(broken, gen.repeat({"f": "read"})))
    with pytest.raises(ModelError, match=message):
        gen.quick(tree)
    with pytest.raises(ModelError, match=message):
        gen.quick(gen.friendly_exceptions(tree))


def test_generator_without_op_is_told_to_define_it() -> None:
    """A subclass that forgot op gets the sentence, not an attribute error."""
    with pytest.raises(ModelError, match=r"the generator silent failed .*: expected Silent to define op\(context\)"):
        gen.quick(Silent())


def test_own_generator_is_placed_through_its_fields() -> None:
    """A person's generator needs no code for its place: fields that hold generators are found, and `place` is filled in."""

    class Either(gen.Generator, frozen=True):
        left: gen.Generator
        right: gen.Generator
        place: gen.Place | None = None

        def op(self, context: gen.Context) -> gen.Emission:
            chosen = self.left if self.standing().draws.chance(500_000, "left") else self.right
            return chosen.op(context)

    def drawn(context: gen.Context) -> gen.GeneratorLike:
        return {"f": "w", "value": context.draws.integer(0, 1_000_000, "value")}

    left, right = gen.lift(drawn), gen.lift(drawn)
    assert left is not None
    assert right is not None
    firsts = {gen.quick(gen.once(Either(left, right)), draws=Draws(seed))[0].value for seed in range(8)}
    assert len(firsts) == 8


def test_outline_shows_the_tree_in_one_line() -> None:
    """Wrappers in a chain, forks with their branches; a long one is cut."""
    tree = gen.limit(5, gen.stagger(10, gen.clients(gen.mix([{"f": "a"}, gen.repeat({"f": "b"})]))))
    assert gen.outline(tree) == "limit > stagger > clients > mix(template, repeat > template)"
    assert gen.outline(None) == "nothing"
    assert len(gen.outline(gen.lift([{"f": "a"}] * 100))) == 300


def test_trace_logs_questions_answers_and_events(caplog: pytest.LogCaptureFixture) -> None:
    """Every line has the key, the time and the free threads."""
    with caplog.at_level(logging.INFO, logger="chaoskit.generate"):
        assert len(gen.quick(gen.clients(gen.trace("here", gen.until_ok(gen.repeat({"f": "read"})))), slots=1)) == 1
    assert caplog.messages[0].startswith("here op at 0, free (0,): Ask(")
    assert caplog.messages[1:] == [
        "here update at 0, free (): -1 0 invoke read None",
        "here update at 0, free (0,): -1 0 ok read None",
        "here op at 0, free (0,): None",
    ]
    assert gen.trace("here", None) is None
