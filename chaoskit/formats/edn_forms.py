"""EDN text to plain values and back: the notation of Clojure, in which Jepsen, Knossos, Elle and Maelstrom write
histories.

The reader takes text in pieces and gives one form at a time. It keeps a stack of its own (nesting has a limit, not a
crash), and every error names its line. Lists and vectors become lists, maps dicts, sets sorted lists; a tag is dropped
and its value kept; what JSON has no kind for (keywords, symbols, characters, ratios) becomes a `Name`.

Source: https://github.com/edn-format/edn, and what Clojure prints beyond it (`##Inf`, hexadecimal integers,
`#object[…]`).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.formats.intake import VALUE_DEPTH_MAX
from chaoskit.formats.sources import LINE_BYTES_MAX

Form = Any  # None, bool, int, float, str, bytes, Name, and lists and dicts of them

KEYWORD = ":"
SYMBOL = "'"
CHARACTER = "\\"
END = r'\s,;"()\[\]{}'  # what ends a word, within brackets of a pattern
SPELLED = "="  # a ratio, or a map key which is no string: known by how it is written


class Name(msgspec.Struct, frozen=True):
    """Something that is written as a word but is not a string: `:x` is `Name("x", KEYWORD)`, and differs from `"x"`."""

    text: str
    mark: str


class Close(msgspec.Struct, frozen=True):
    """The bracket that closes what surrounds the forms, or (empty) the end of the text."""

    bracket: str


class _Frame:
    """A collection being read: its bracket and line, its items, and tags and discards that wait for the next item."""

    __slots__ = ("bracket", "items", "line", "waiting")

    def __init__(self, bracket: str, line: int) -> None:
        self.bracket = bracket
        self.line = line
        self.items: list[Form] = []
        self.waiting: list[str] = []


class FormReader:
    """Reads forms one after another. `line` is the line on which the last form began."""

    def __init__(self, pieces: Iterator[str], *, file: str, first_line: int = 1) -> None:
        self._pieces = pieces
        self._file = file
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._line = first_line  # of the place `_counted` in the buffer
        self._counted = 0
        self._form_size = 0  # characters of the form being read that have already left the buffer
        self._again: tuple[str, str] | None = None
        self._atoms: dict[str, Form] = {}
        self.line = first_line

    def enter(self) -> str | None:
        """The opening bracket when all forms stand in one list or vector, consumed; None when they follow each other bare."""
        tag = ""
        while True:
            kind, text = self._token()
            if kind == "discard":
                self._expect_form("#_")
            elif kind == "tag":
                tag = text  # round the whole history it says nothing about the events
            else:
                break
        if tag and kind in ("close", "end"):
            raise self.broken(f"expected a form after {tag!r}.")
        if kind == "open" and text in "[(":
            return text
        self._again = (kind, text)
        return None

    def next(self) -> Form | Close:
        """The next form, or what ended them. Raises `FormatError`."""
        self._form_size = 0
        stack = [_Frame("", self._line_here())]
        while True:
            kind, text = self._token()
            frame = stack[-1]
            if len(stack) == 1 and not frame.waiting:
                self.line = self._line_here()
            if kind == "open":
                self._push(stack, text)
                continue
            if kind in ("tag", "discard"):
                frame.waiting.append(text)
                continue
            if kind in ("close", "end"):
                self._check_nothing_waits(frame)
                if len(stack) == 1:
                    return Close(text)
                form = self._closed(stack.pop(), text)
                frame = stack[-1]
            else:
                form = self._scalar(kind, text)
            kept, form = self._modified(frame, form)
            if not kept:
                continue
            if len(stack) == 1:
                return form
            frame.items.append(form)

    def remaining(self) -> str:
        """The text after the last form, as far as it was read in: all of it when it came in one piece."""
        return self._buffer[self._at :]

    def found(self, pattern: re.Pattern[str], *, window: int) -> tuple[list[tuple[str, ...]], bool]:
        """(the groups of all matches that follow each other from here on, whether something else came before the window ended).

        The first group must be the whole match, blanks after it included. `skip` goes past them.
        """
        if self._again is not None:
            return [], True
        at = _after_blanks(self._buffer, self._at)
        if not pattern.match(self._buffer, at):
            return [], True
        self._at = at
        self.line = self._line_here()
        rows = pattern.findall(self._buffer, self._at, self._at + window)
        if self._buffer.startswith("".join([row[0] for row in rows]), self._at):
            return rows, False
        for place, row in enumerate(rows):
            if not self._buffer.startswith(row[0], at):
                return rows[:place], True
            at += len(row[0])
        return rows, False

    def skip(self, size: int) -> None:
        """Goes past this many characters, which were found and end with a map and blanks: to the end of that map."""
        self._at = self._buffer.rindex("}", self._at, self._at + size) + 1

    def broken(self, reason: str) -> FormatError:
        """An error at the place that was read last."""
        return FormatError(reason, file=self._file, line=self._line_here())

    # Tokens

    def _token(self) -> tuple[str, str]:
        if self._again is not None:
            token, self._again = self._again, None
            return token
        while True:
            match = _TOKEN.match(self._buffer, self._at)
            if match is not None and (self._ended or match.end() < len(self._buffer)):
                self._at = match.end()
                kind = match.lastgroup or ""
                if kind != "comment":
                    return kind, match[kind]
            elif not self._ended and (match is not None or self._may_be_cut()):
                self._fill()
            elif not self._rest():
                return "end", ""
            else:
                raise self._no_token()

    def _may_be_cut(self) -> bool:
        """Whether the text that is no token might become one when more of it is read."""
        rest = self._rest()
        return len(rest) < 3 or rest[0] in '";'

    def _rest(self) -> str:
        return self._buffer[_after_blanks(self._buffer, self._at) :]

    def _fill(self) -> None:
        """Reads on, as much again as is waiting, so that a long token is not matched over and over."""
        self._line_here()
        rest = self._buffer[self._at :]
        self._form_size += self._at
        self._at = self._counted = 0
        if self._form_size + len(rest) > LINE_BYTES_MAX:
            raise self.broken(f"expected operations of at most {LINE_BYTES_MAX} characters but this one goes on.")
        parts, size = [rest], 0
        while size <= len(rest) and size + len(rest) <= LINE_BYTES_MAX:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                parts.append("\n")  # ends a comment on the last line
                break
            parts.append(piece)
            size += len(piece)
        self._buffer = "".join(parts)

    def _line_here(self) -> int:
        self._line += self._buffer.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _no_token(self) -> FormatError:
        rest = self._rest()
        if rest[0] == '"':
            return self.broken("expected a closing quote but the text ends within a string.")
        return self.broken(f"expected an EDN form but got {rest[:20]!r}.")

    # Collections

    def _push(self, stack: list[_Frame], bracket: str) -> None:
        if len(stack) > VALUE_DEPTH_MAX:
            raise self.broken(f"expected values nested at most {VALUE_DEPTH_MAX} deep.")
        stack.append(_Frame(bracket, self._line_here()))

    def _closed(self, frame: _Frame, bracket: str) -> Form:
        if not bracket:
            raise self.broken(f"{self._unclosed(frame)} but the text ends.")
        if bracket != _CLOSES[frame.bracket]:
            raise self.broken(f"{self._unclosed(frame)} but got {bracket!r}.")
        if frame.bracket == "{":
            return self._map(frame.items)
        return self._set(frame.items) if frame.bracket == "#{" else frame.items

    def _unclosed(self, frame: _Frame) -> str:
        return f"expected {_CLOSES[frame.bracket]!r} for {frame.bracket!r} of line {frame.line}"

    def _map(self, items: list[Form]) -> dict[str | Name, Form]:
        if len(items) % 2:
            raise self.broken("expected a value for every key of a map but got an odd number of forms.")
        keys = [key if isinstance(key, (str, Name)) else Name(edn_text(key), SPELLED) for key in items[::2]]
        fields = dict(zip(keys, items[1::2], strict=True))
        if len(fields) < len(keys):
            raise self.broken("expected every key of a map once but one occurs twice.")
        return fields

    def _set(self, items: list[Form]) -> list[Form]:
        texts = {edn_text(item): item for item in items}
        if len(texts) < len(items):
            raise self.broken("expected every element of a set once but one occurs twice.")
        return [texts[text] for text in sorted(texts, key=lambda text: _set_order(texts[text], text))]

    def _modified(self, frame: _Frame, form: Form) -> tuple[bool, Form]:
        """(whether the form is kept, the form) after the tags and discards before it, the nearest first."""
        while frame.waiting:
            tag = frame.waiting.pop()
            if tag == _DISCARD:
                return False, None
            if tag == _BYTES_TAG:
                form = self._bytes(form)
        return True, form

    def _check_nothing_waits(self, frame: _Frame) -> None:
        if frame.waiting:
            raise self.broken(f"expected a form after {frame.waiting[-1]!r}.")

    def _expect_form(self, after: str) -> None:
        if isinstance(self.next(), Close):
            raise self.broken(f"expected a form after {after!r}.")

    # Scalars

    def _scalar(self, kind: str, text: str) -> Form:
        try:
            if kind == "string":
                return _string(text[1:-1])
            if kind == "character":
                return _character(text)
            if kind == "symbolic":
                return _symbolic(text)
            return self._known_atom(text)
        except ValueError as error:
            raise self.broken(str(error)) from error

    def _known_atom(self, text: str) -> Form:
        if text in self._atoms:
            return self._atoms[text]
        form = atom(text)
        if len(self._atoms) < _ATOMS_MAX:
            self._atoms[text] = form
        return form

    def _bytes(self, form: Form) -> bytes:
        try:
            return base64.b64decode(form.encode(), validate=True)
        except (AttributeError, UnicodeError, binascii.Error) as error:
            raise self.broken(f"expected base64 text after {_BYTES_TAG} but got {form!r:.100}.") from error


def edn_text(form: Form) -> str:
    """A form, or any value of a history, as EDN: equal values, equal text. Raises `ModelError` for what EDN cannot hold."""
    if form is None:
        return "nil"
    if isinstance(form, bool):
        return "true" if form else "false"
    if isinstance(form, int):
        return str(form)
    if isinstance(form, float):
        return repr(form) if math.isfinite(form) else "##NaN" if math.isnan(form) else "##Inf" if form > 0 else "##-Inf"
    if isinstance(form, str):
        return f'"{_ESCAPED.sub(_escape, form)}"'
    if isinstance(form, Name):
        return _name_text(form)
    if isinstance(form, (list, tuple)):
        return f"[{' '.join(map(edn_text, form))}]"
    if isinstance(form, dict):
        fields = sorted((edn_text(key), edn_text(value)) for key, value in form.items())
        return "{" + ", ".join(f"{key} {value}" for key, value in fields) + "}"
    if isinstance(form, (bytes, bytearray, memoryview)):
        return f'{_BYTES_TAG} "{base64.b64encode(form).decode()}"'
    raise ModelError(f"expected a value that can be written as EDN but got {form!r:.200}.")


def atom(text: str) -> Form:
    """A number, a keyword, a symbol or a constant. Raises `ValueError`."""
    first = text[0]
    if first == ":":
        if not _KEYWORD.fullmatch(text):
            raise ValueError(f"expected a keyword but got {text!r:.100}.")
        return Name(text[1:], KEYWORD)
    if first in "0123456789" or (first in "+-" and text[1:2].isdigit()):
        return _number(text)
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if not _SYMBOL.fullmatch(text):
        raise ValueError(f"expected an EDN form but got {text!r:.100}.")
    return Name(text, SYMBOL)


def keyword_text(name: str) -> str:
    """A name as a keyword where EDN allows, else as a string; both read back as the same name."""
    return f":{name}" if _PLAIN_KEYWORD.fullmatch(name) else edn_text(name)


_BLANK = re.compile(r"[\s,]++")
_TOKEN = re.compile(
    rf"""[\s,]*+(?:
      (?P<atom>[^{END}\#\\][^{END}]*+)
    | (?P<open>[(\[{{]|\#\{{)
    | (?P<close>[)\]}}])
    | (?P<string>"(?:[^"\\]++|\\.)*+")
    | (?P<comment>;[^\n]*+\n)
    | (?P<discard>\#_)
    | (?P<symbolic>\#\#[^{END}]++)
    | (?P<tag>\#[A-Za-z][^{END}]*+)
    | (?P<character>\\(?:[A-Za-z0-9]++|[^A-Za-z0-9\s]))
    )""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"(": ")", "[": "]", "{": "}", "#{": "}"}
_DISCARD = "#_"
_BYTES_TAG = "#chaoskit/bytes"
_ATOMS_MAX = 4096  # spellings remembered by a reader
_DIGITS_MAX = 1000  # of a number that is looked at

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)N?", re.ASCII)
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]+N?", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?M?", re.ASCII)
_RATIO = re.compile(r"([+-]?[0-9]+)/([0-9]+)", re.ASCII)
_KEYWORD = re.compile(r":(?:/|[^:/@^`~\\][^@^`~\\]*)")
_SYMBOL = re.compile(r"[^0-9:'@^`~\\#][^@^`~\\]*")
_PLAIN_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_.*+!?-]*", re.ASCII)
_CONSTANTS: dict[str, Form] = {"nil": None, "true": True, "false": False}
_SYMBOLICS = {"##Inf": math.inf, "##-Inf": -math.inf, "##NaN": math.nan}
_CHARACTERS = {"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "formfeed": "\f", "backspace": "\b"}
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "b": "\b", "f": "\f", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f\u2028\u2029]')


def _after_blanks(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _number(text: str) -> int | float | Name:
    if len(text) > _DIGITS_MAX:
        raise ValueError(f"expected a number of at most {_DIGITS_MAX} digits but got {text[:20]}….")
    if _INTEGER.fullmatch(text):
        return int(text.rstrip("N"))
    if _HEXADECIMAL.fullmatch(text):
        return int(text.rstrip("N"), 16)
    if _FLOAT.fullmatch(text):
        number = float(text.rstrip("M"))
        if math.isinf(number) or (text.endswith("M") and Decimal(text[:-1]) != Decimal(repr(number))):
            raise ValueError(f"expected a number that a float can hold but got {text!r:.100}.")
        return number
    match = _RATIO.fullmatch(text)
    if match is None or not int(match[2]):
        raise ValueError(f"expected a number but got {text!r:.100}.")
    ratio = Fraction(int(match[1]), int(match[2]))
    return ratio.numerator if ratio.denominator == 1 else Name(str(ratio), SPELLED)


def _symbolic(text: str) -> float:
    if text not in _SYMBOLICS:
        raise ValueError(f"expected ##Inf, ##-Inf or ##NaN but got {text!r:.100}.")
    return _SYMBOLICS[text]


def _string(body: str) -> str:
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(_unescape, body)
    try:  # Java writes a character beyond 16 bits as two escapes
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected text but got half a character in {body!r:.100}.") from error


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] not in _ESCAPES:
        raise ValueError(f"expected an escape such as \\n or \\u00e9 in a string but got {match[0]!r}.")
    return _ESCAPES[match[2]]


def _character(text: str) -> Name:
    word = text[1:]
    if len(word) == 1:
        return Name(word, CHARACTER)
    if len(word) == 5 and word[0] == "u":
        return Name(_string(text), CHARACTER)
    if word not in _CHARACTERS:
        raise ValueError(f"expected a character such as \\a, \\newline or \\u00e9 but got {text!r:.100}.")
    return Name(_CHARACTERS[word], CHARACTER)


def _set_order(form: Form, text: str) -> tuple[bool, int, str]:
    number = isinstance(form, int) and not isinstance(form, bool)
    return not number, form if number else 0, text


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\u{ord(character):04x}")


def _name_text(name: Name) -> str:
    if name.mark == KEYWORD:
        return f":{name.text}"
    if name.mark == CHARACTER:
        words = {character: word for word, character in _CHARACTERS.items()}
        return f"\\{words.get(name.text, name.text)}"
    return name.text
