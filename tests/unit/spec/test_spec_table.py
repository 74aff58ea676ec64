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
    "mutex:holder=process",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_spec_names_itself_as_it_was_named(text: str) -> None:
    """Text to spec and back, also once completed."""
    assert spec_text(spec_from_text(text)) == text
    assert spec_text(complete(spec_from_text(text))) == text


@pytest.mark.parametrize(
    ("typed", "value"), [("nil", None), ("null", None), ("0", 0), ("true", True), ("1.5", 1.5), ("abc", "abc"), ('"0"', "0")]
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
        ("mutex:holder=procces", "unknown holder of spec mutex 'procces'. Did you mean 'process'?"),
        ("mutex:holder", "expected holder=value but got 'holder'; write e.g. 'mutex:holder=any'."),
        ("set:initial=0", "unknown parameter of spec set 'initial'. Expected one of: (none)."),
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
