"""Naming a spec with its parameters, and what a person is told who misspells one."""

from __future__ import annotations

import re

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.spec import SPECS, complete, spec_from_text, spec_text

TEXTS = (
    "register",
    "cas-register:initial=0,failed-cas=observe",
    "cas-register:initial=0,nil-read=unknown",
    'register:initial="a"',
    "counter:initial=-3",
    'register:initial="a,b=c"',
    'register:initial={"a": [1, 2]},nil-read=unknown',
    'register:initial="nil"',
    f'register:initial="{"x" * 100}"',
    'kv:initial="a"',
    "kv:initial=nil",
    'fifo-queue:initial=[1, "a,b", [2]]',
    "stack:initial=[1]",
    "set:initial=[null, 1]",
    f"append-list:initial={list(range(50))}",
    'priority-queue:initial=[3, [1, "x"]],first=largest',
    "owner-mutex:owner=value",
    "reentrant-mutex:owner=value,times=2",
    "semaphore:permits=3,owner=process",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_spec_names_itself_as_it_was_named(text: str) -> None:
    """Text to spec and back, also once completed."""
    assert spec_text(spec_from_text(text)) == text
    assert spec_text(complete(spec_from_text(text))) == text


@pytest.mark.parametrize(
    ("typed", "value"),
    [("nil", None), ("null", None), ("0", 0), ("true", True), ("1.5", 1.5), ("abc", "abc"), ('"0"', "0"), ("9" * 30, "9" * 30)],
)
def test_a_value_is_typed_as_a_person_would_type_it(typed: str, value: object) -> None:
    """nil, numbers and JSON are read as such; anything else is a text."""
    initial = spec_from_text(f"register:initial={typed}").init()
    assert repr(initial) == repr(value)


def test_defaults_and_blanks_do_not_show_in_the_text() -> None:
    """Only what differs from the default is part of the name."""
    assert spec_text(spec_from_text(" cas-register : failed-cas = drop , initial = nil ")) == "cas-register"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cas-registr", "unknown spec 'cas-registr'. Did you mean 'cas-register'? See 'chaoskit list specs'."),
        ("register:inital=0", "unknown parameter of spec register 'inital'. Did you mean 'initial'?"),
        ("register:initial", "expected initial=value but got 'initial'; write e.g. 'register:initial=nil'."),
        (
            "register:initial=0,initial=1",
            "expected initial of spec register once but got it twice in 'register:initial=0,initial=1'.",
        ),
        ("counter:initial=many", "expected initial of spec counter to be a whole number but got 'many'."),
        ("owner-mutex:owner=procces", "unknown owner of spec owner-mutex 'procces'. Did you mean 'process'?"),
        ("owner-mutex:owner", "expected owner=value but got 'owner'; write e.g. 'owner-mutex:owner=process'."),
        ("mutex:initial=0", "unknown parameter of spec mutex 'initial'. There are none."),
        ("set:initial=0", "expected initial of spec set to be a list, as JSON but got '0'."),
        ("set:initial=[0", "expected initial of spec set to be a list, as JSON but got '[0'."),
        ("stack:initial=[null]", "expected initial of spec stack to be a list without nil, as JSON but got '[null]'."),
        (
            'priority-queue:initial=["a"]',
            "expected initial of spec priority-queue to be a list of numbers or [number, …], as JSON but got '[\"a\"]'.",
        ),
        ("semaphore:permits=0", "expected permits of spec semaphore to be a whole number from 1 on but got '0'."),
        ("semaphore:permits=true", "expected permits of spec semaphore to be a whole number from 1 on but got 'true'."),
        (
            "reentrant-mutex:times=-1",
            "expected times of spec reentrant-mutex to be a whole number from 1 on, or nil but got '-1'.",
        ),
        ("stack:initial", "expected initial=value but got 'initial'; write e.g. 'stack:initial=[]'."),
    ],
)
def test_a_misspelt_spec_is_refused_with_the_nearest_name(text: str, message: str) -> None:
    """Whole messages, because a person reads them."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        spec_from_text(text)


def test_every_spec_of_the_table_is_made_under_its_own_name() -> None:
    """The name in the table is the spec's name, and its summary is a line."""
    for name, entry in SPECS.items():
        spec = spec_from_text(name)
        assert spec.name == entry.name == name
        assert entry.summary and "\n" not in entry.summary


@pytest.mark.parametrize("text", ["kv:initial=a", "kv:initial=5", "kv:initial=", "kv:initial=a b,"])
def test_a_text_needs_no_quotes(text: str) -> None:
    """What is not nil or in quotes is taken as it stands."""
    typed = text.removeprefix("kv:initial=").rstrip(",")
    assert spec_from_text(text).init() == typed


def test_no_limit_is_written_nil() -> None:
    """The default, in words."""
    assert spec_text(spec_from_text("reentrant-mutex:times=nil")) == "reentrant-mutex"


def test_an_example_is_what_a_person_may_type() -> None:
    """Each parameter's own default is read as itself."""
    for name, entry in SPECS.items():
        for parameter in entry.parameters:
            assert spec_text(spec_from_text(f"{name}:{parameter.name}={parameter.example}")) == name
