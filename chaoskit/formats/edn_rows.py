"""Op maps that are written alike, as a program writes them, read by the hundred instead of token by token.

The shape of a file's op maps (which fields, in which order) is learned from those that were read as any form is. A pattern
of that shape then takes the ones that follow, as long as they fit it, and whatever does not (a tag, a comment, a map as a
value, a broken line) is left to the form reader: what a pattern takes, the form reader would have read the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from chaoskit.core.errors import FormatError
from chaoskit.formats.edn_forms import END, KEYWORD, Form, FormReader, Name, atom

SHAPES_MAX = 16  # that are learned of one file
FIELDS_MAX = 32  # of a shape
WINDOW_MIN, WINDOW_MAX = 1024, 1_048_576  # characters that are looked at together
KNOWN_MAX = 65_536  # spellings remembered

_SPACE = r"[\s,]++"
_ATOM = rf"[^{END}#\\][^{END}]*+"
_STRING = r'"[^"\\]*+"'
_INTEGER = "-?(?:0|[1-9][0-9]{0,17})"
_WORD = re.compile(r"[A-Za-z0-9_.*+!?-]+", re.ASCII)
_VALUE_DEPTH = 4  # of lists in lists; a transaction with what it read has three
_NUMBERS = ("index", "time")


class Rows:
    """Op maps that follow each other: the line of each, and each field's spellings, empty where an op has none."""

    __slots__ = ("_columns", "_fields", "lines", "size")

    def __init__(self, found: Sequence[tuple[str, ...]], *, fields: Sequence[str], first_line: int) -> None:
        wholes, *columns = zip(*found, strict=True)
        self._columns = columns
        self._fields = fields
        self.size = sum(map(len, wholes))
        self.lines = list(accumulate((whole.count("\n") for whole in wholes[:-1]), initial=first_line))

    def others(self, known: Sequence[str]) -> list[Sequence[str]]:
        """The spellings of fields that are none of these."""
        return [column for field, column in zip(self._fields, self._columns, strict=True) if field not in known]

    def __getitem__(self, field: str) -> Sequence[str]:
        return self._columns[self._fields.index(field)] if field in self._fields else [""] * len(self.lines)


class Shape:
    """Which fields a file's op maps have, in which order, and which of them not every op has."""

    def __init__(self) -> None:
        self._fields: list[str] = []
        self._optional: set[str] = set()
        self._integers: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._learned = 0
        self._window = WINDOW_MIN

    def learn(self, form: dict[str | Name, Form]) -> None:
        """Takes the shape of an op map into account. Where orders contradict each other, the last one counts."""
        fields = [key.text for key in form if isinstance(key, Name) and key.mark == KEYWORD and _WORD.fullmatch(key.text)]
        if len(fields) < len(form) or self._learned == SHAPES_MAX or self._knows(fields):
            return
        merged = _merged(self._fields, fields) if self._fields else None
        if len(merged or fields) > FIELDS_MAX:
            return
        if merged is None:
            merged, self._optional = fields, set()
            self._integers = {field for field in _NUMBERS if form.get(Name(field, KEYWORD)).__class__ is int}
        else:
            self._optional |= set(self._fields) ^ set(fields)
        self._fields = merged
        self._learned += 1
        self._pattern = self._compiled()

    def rows(self, reader: FormReader) -> Rows | None:
        """The op maps from here on, as far as they have this shape; not yet gone past."""
        if self._pattern is None:
            return None
        found, cut = reader.found(self._pattern, window=self._window)
        self._window = WINDOW_MIN if cut else min(2 * self._window, WINDOW_MAX)
        return Rows(found, fields=self._fields, first_line=reader.line) if found else None

    def doubt(self) -> None:
        """One of the op maps found last is broken: the next are looked at few at a time, until it is named."""
        self._window = WINDOW_MIN

    def _knows(self, fields: list[str]) -> bool:
        return [field for field in self._fields if field not in self._optional or field in fields] == fields

    def _compiled(self) -> re.Pattern[str]:
        parts = []
        for field in self._fields:
            spelled = rf":{re.escape(field)}{_SPACE}({_INTEGER if field in self._integers else _VALUE})(?:{_SPACE}|(?=\}}))"
            parts.append(f"(?:{spelled})?+" if field in self._optional else spelled)
        return re.compile(rf"((?:#jepsen\.history\.Op[\s,]*+)?+\{{[\s,]*+{''.join(parts)}\}}[\s,]*+)")


class Known(dict[str, Any]):
    """What spellings mean, found out once for each; nothing is what an empty one means."""

    def __init__(self, reading: Callable[[str], Any]) -> None:
        super().__init__({"": None})
        self._reading = reading

    def __missing__(self, text: str) -> Any:
        if len(self) >= KNOWN_MAX:
            self.clear()
            self[""] = None
        found = self[text] = self._reading(text)
        return found


class Forms(Known):
    """The forms that spellings in rows mean. A spelling that is none raises `FormatError`, with no place that would help."""

    def __init__(self) -> None:
        super().__init__(self._read)
        self._atoms = Known(_atom)

    def _read(self, text: str) -> Form:
        if text[0] not in _OPENS and text[0] != '"':
            return _atom(text)
        inner: list[Form] = []
        around: list[tuple[str, list[Form]]] = []  # what closes each list that is open, and what it stands in
        for token in _TOKENS.findall(text):
            if token in _OPENS:
                around.append((_OPENS[token], inner))
                inner = []
            elif token in _CLOSES:
                closer, outer = around.pop()
                if token != closer:
                    raise FormatError(f"expected {closer!r} but got {token!r}.")
                outer.append(inner)
                inner = outer
            else:
                inner.append(token[1:-1] if token[0] == '"' else self._atoms[token])
        return inner[0]


def _atom(text: str) -> Form:
    if _SHORT_INTEGER.fullmatch(text):
        return int(text)
    try:
        return atom(text)
    except ValueError as error:
        raise FormatError(str(error)) from error


def _merged(one: list[str], other: list[str]) -> list[str] | None:
    """The fields of both in an order that suits both; None where there is none."""
    common = [field for field in one if field in other]
    if common != [field for field in other if field in one]:
        return None
    merged: list[str] = []
    rest = list(other)
    for field in one:
        if field in common:
            place = rest.index(field)
            merged += rest[:place]
            rest = rest[place + 1 :]
        merged.append(field)
    return merged + rest


def _value(depth: int) -> str:
    if depth == 0:
        return f"{_ATOM}|{_STRING}"
    return rf"{_ATOM}|{_STRING}|[\[(][\s,]*+(?:(?:{_value(depth - 1)})[\s,]*+)*+[\])]"


_VALUE = _value(_VALUE_DEPTH)
_SHORT_INTEGER = re.compile(_INTEGER)
_TOKENS = re.compile(rf"[\[\]()]|{_STRING}|{_ATOM}")
_OPENS = {"[": "]", "(": ")"}
_CLOSES = frozenset(_OPENS.values())
