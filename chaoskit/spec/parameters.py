"""The parameters of a specification as a person types them, `initial=0,failed-cas=drop`, and as they are written again.

A value is nil, a JSON value, or else a text; a comma ends it, except inside a JSON value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaoskit.core.canonical import canonical
from chaoskit.core.errors import ModelError
from chaoskit.core.op import Value
from chaoskit.spec.priority_queue import priority_of
from chaoskit.spec.text import show

NIL_WORDS = ("nil", "null", "none", "None")
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a spec: its name as typed, what it means, its default, and the words it takes (none: any value).

    `parse` reads other values; it raises `ValueError` for what is not as `expects` says.
    """

    name: str
    summary: str
    default: Value = None
    choices: tuple[str, ...] = ()
    expects: str = "any value"
    parse: Callable[[str], Value] | None = None

    @property
    def attribute(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    def value_of(self, text: str) -> Value:
        """The value that a person typed. Raises `ValueError` for none of this parameter's."""
        return (self.parse or parse_value)(text)

    @property
    def example(self) -> str:
        """Its default, as a person types it."""
        return self.default if self.choices else value_text(self.default)


def parse_value(text: str) -> Value:
    """A value as a person types it: nil, a number, true, a JSON value; anything else is a text."""
    if text in NIL_WORDS:
        return None
    try:
        value = _JSON.decode(text)
        canonical(value)
    except (ValueError, RecursionError, ModelError):  # a number too large to be kept is a text, too
        return text
    return value


def parse_text(text: str) -> Value:
    """A text, with or without quotes, or nil."""
    value = parse_value(text)
    return value if value is None or isinstance(value, str) else text


def parse_whole_number(text: str) -> int:
    """A whole number."""
    value = parse_value(text)
    if type(value) is not int:
        raise ValueError(text)
    return value


def parse_count(text: str) -> int:
    """A whole number from 1 on."""
    number = parse_whole_number(text)
    if number < 1:
        raise ValueError(text)
    return number


def parse_limit(text: str) -> int | None:
    """A whole number from 1 on, or nil for no limit."""
    return None if text in NIL_WORDS else parse_count(text)


def parse_list(text: str) -> tuple[Value, ...]:
    """A JSON list."""
    value = parse_value(text)
    if isinstance(value, list):
        return tuple(value)
    raise ValueError(text)


def parse_elements(text: str) -> tuple[Value, ...]:
    """A JSON list without nil."""
    found = parse_list(text)
    if None in found:
        raise ValueError(text)
    return found


def parse_prioritized(text: str) -> tuple[Value, ...]:
    """A JSON list of numbers, or of lists that begin with one."""
    found = parse_list(text)
    if any(priority_of(element) is None for element in found):
        raise ValueError(text)
    return found


def value_text(value: Value) -> str:
    """A value as a person would type it; read again, it is the same value."""
    if value is None:
        return "nil"
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return show(value)


def assignments(text: str) -> Iterator[tuple[str, str | None]]:
    """(name, value's text) of everything in `name=value,name=value`; the value is None where there is no `=`."""
    while text := text.lstrip(" ,"):
        part, comma, _ = text.partition(",")
        name, equals, _ = part.partition("=")
        if equals:
            text = text[len(name) + 1 :].lstrip()
            value = text[: _end_of_value(text)]
            yield name.strip(), value.strip()
            text = text[len(value) :]
        else:
            yield part.strip(), None
            text = text[len(part) + len(comma) :]


def _end_of_value(text: str) -> int:
    try:
        _, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        end = 0
    if end and text[end:].lstrip()[:1] in ("", ","):
        return end
    comma = text.find(",")
    return len(text) if comma < 0 else comma
