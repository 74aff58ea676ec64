"""Histories as EDN, the way Jepsen, Knossos and Elle keep them: op maps in a vector, in a list, or one after another.

Read: `:index :time :type :process :f :key :value :error`; other fields are ignored, completions without invocations are
taken, and an operation without `:f` whose value is a transaction is a `txn` (Elle's tests leave it out). Written: one
op map a line.

Keywords become plain strings, for that is what specs and checkers speak: `:read`, `[:append :x 1]` and `{:x 1}` are
"read", ["append", "x", 1] and {"x": 1}. Merging `:x` with `"x"` could turn a violation into a valid history, so where a
file's values (or its keys) hold both, the keyword keeps its colon; symbols and characters likewise, with their own
marks. Sets are sorted lists, and a map's keys that are no strings are strings as they are spelled. Tags are dropped
(`#inst`, `#jepsen.history.Op`), but for `#chaoskit/bytes`, which is how bytes are written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Any

import msgspec

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.history import History
from chaoskit.core.op import NEMESIS, Op
from chaoskit.formats.edn_forms import (
    KEYWORD,
    Close,
    Form,
    FormReader,
    Name,
    edn_text,
    keyword_text,
)
from chaoskit.formats.edn_rows import Forms, Known, Rows, Shape
from chaoskit.formats.intake import Intake, collector_paused
from chaoskit.formats.keyed import joined_pair, split_pair
from chaoskit.formats.sources import Source, text_pieces

TRANSACTION = "txn"
BATCH = 8192  # events that become a history's together


class RawEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as its file has it: key and value are still forms, with their names told from strings."""

    line: int
    type: Any
    process: Any
    f: Any
    key: Form = None
    value: Form = None
    time: Any = 0
    error: str | None = None
    index: Any = None


class RawEvents:
    """Many of them, in columns of one length."""

    __slots__ = ("columns",)

    def __init__(self, events: Iterable[RawEvent] = ()) -> None:
        self.columns: dict[str, list[Any]] = {field: [] for field in RawEvent.__struct_fields__}
        for event in events:
            self.add(event)

    def __getitem__(self, field: str) -> list[Any]:
        return self.columns[field]

    def add(self, event: RawEvent) -> None:
        for field, column in self.columns.items():
            column.append(getattr(event, field))

    def extend(self, part: dict[str, Sequence[Any]]) -> None:
        for field, column in self.columns.items():
            column.extend(part[field])


@collector_paused()
def read(source: Source, *, file: str = "<input>", keyed: bool = False) -> History:
    """A history from EDN. `keyed`: every client's value is a [key value] tuple. Raises `FormatError`."""
    return assemble(_raw_events(source, file=file), file=file, keyed=keyed)


def write(history: History, *, keyed: bool = False) -> Iterator[bytes]:
    """The lines of a history, each with its end. `keyed`: keys go into the values, as [key value] tuples."""
    for op in history:
        try:
            yield _op_text(op, keyed=keyed).encode()
        except (UnicodeEncodeError, RecursionError) as error:
            reason = f"expected an event that can be written as EDN but got one with index={op.index}: {error}"
            raise ModelError(reason) from error


def assemble(events: RawEvents, *, file: str, keyed: bool) -> History:
    """The history of raw events, with names made strings. The events are gone through twice: names are told apart file-wide."""
    if keyed:
        _split(events, file=file)
    keys, values = _Names(), _Names()
    clients = [process != NEMESIS for process in events["process"]]
    keys.look_at_all(compress(events["key"], clients))
    if TRANSACTION in events["f"]:
        values.look_at_all(map(_without_functions, compress(events["f"], clients), compress(events["value"], clients)))
    else:
        values.look_at_all(compress(events["value"], clients))
    intake = Intake(file)
    for start in range(0, len(clients), BATCH):
        part = {field: column[start : start + BATCH] for field, column in events.columns.items()}
        part["key"] = keys.plain_all(part["key"])
        part["value"] = _plain_values(values, part["f"], part["value"])
        _take_in(intake, part)
    return intake.history()


def _plain_values(names: _Names, fs: list[Any], values: list[Form]) -> list[Any]:
    plain = names.plain_all(values)
    if TRANSACTION in fs:
        for place, (f, value) in enumerate(zip(fs, values, strict=True)):
            if f == TRANSACTION and _is_transaction(value):
                plain[place] = [[_word(form[0]), *rest[1:]] for form, rest in zip(value, plain[place], strict=True)]
    return plain


def _take_in(intake: Intake, part: dict[str, list[Any]]) -> None:
    columns = {f"{field}s": part[field] for field in ("type", "f", "key", "value", "time", "error")}
    if not intake.add_all(processes=part["process"], indices=part["index"], **columns):
        for line, *event in zip(*part.values(), strict=True):
            intake.add(line, **dict(zip(RawEvent.__struct_fields__[1:], event, strict=True)))


def error_text(form: Form) -> str | None:
    """An error as text: strings and keywords as they are, anything else as EDN."""
    if form is None or isinstance(form, str):
        return form
    return form.text if isinstance(form, Name) else edn_text(form)


def _raw_events(source: Source, *, file: str) -> RawEvents:
    """Each element of the surrounding vector or list, or each form where there is none."""
    reader = FormReader(text_pieces(source, file=file), file=file)
    opened = reader.enter()
    closer = {"[": "]", "(": ")", None: ""}[opened]
    events, shape, spellings = RawEvents(), Shape(), _Spellings()
    while not isinstance(form := reader.next(), Close):
        events.add(_event(form, line=reader.line, file=file))
        shape.learn(form)
        while rows := shape.rows(reader):
            part = spellings.events(rows)
            if part is None:
                shape.doubt()
                break
            events.extend(part)
            reader.skip(rows.size)
    if form.bracket != closer:
        got = repr(form.bracket) if form.bracket else "the end of the text (is the file cut off?)"
        wanted = f"{closer!r} or another event" if closer else "an event"
        raise reader.broken(f"expected {wanted} but got {got}.")
    if closer and reader.next() != Close(""):
        reason = f"expected nothing after the closing {closer!r} but got more"
        raise reader.broken(f"{reason}; a history is one vector, one list or bare events.")
    return events


class _Spellings:
    """What the spellings in a file's op maps mean."""

    def __init__(self) -> None:
        self._forms = Forms()
        self._words = Known(lambda text: _word(self._forms[text]))
        self._errors = Known(lambda text: error_text(self._forms[text]))

    def events(self, rows: Rows) -> dict[str, Sequence[Any]] | None:
        """Columns of raw events; None where one is broken, for the form reader to tell."""
        form, word = self._forms.__getitem__, self._words.__getitem__
        try:
            columns: dict[str, Sequence[Any]] = {
                **{field: list(map(word, rows[field])) for field in ("type", "process", "f")},
                **{field: list(map(form, rows[field])) for field in ("key", "value")},
                **{field: self._numbers(rows[field]) for field in ("time", "index")},
                "error": list(map(self._errors.__getitem__, rows["error"])),
                "line": rows.lines,
            }
            for column in rows.others(RawEvent.__struct_fields__[1:]):
                deque(map(form, column), maxlen=0)  # passed over, but not when broken
        except FormatError:
            return None
        if None in columns["f"]:
            pairs = zip(columns["f"], columns["value"], strict=True)
            columns["f"] = [TRANSACTION if f is None and _is_transaction(value) else f for f, value in pairs]
        return None if any(None in columns[field] for field in ("type", "process")) else columns

    def _numbers(self, texts: Sequence[str]) -> list[Any]:
        word = self._words
        return [int(text) if text.isdecimal() and text.isascii() else word[text] for text in texts]


def _event(form: Form, *, line: int, file: str) -> RawEvent:
    if not isinstance(form, dict):
        reason = f"expected an event (a map with :type, :process and :f) but got {edn_text(form):.100}."
        raise FormatError(reason, file=file, line=line)
    for field in (_TYPE, _PROCESS):
        if form.get(field) is None:
            reason = f"expected an event with :{field.text} but got {edn_text(form):.100}."
            raise FormatError(reason, file=file, line=line)
    value = form.get(_VALUE)
    f = _word(form.get(_F))
    return RawEvent(
        line=line,
        type=_word(form[_TYPE]),
        process=_word(form[_PROCESS]),
        f=TRANSACTION if f is None and _is_transaction(value) else f,
        key=form.get(_KEY),
        value=value,
        time=_word(form.get(_TIME, 0)),
        error=error_text(form.get(_ERROR)),
        index=_word(form.get(_INDEX)),
    )


def _word(form: Form) -> Any:
    """A name where names are expected; anything else as it is, for the intake to refuse."""
    return form.text if isinstance(form, Name) else form


def _split(events: RawEvents, *, file: str) -> None:
    for place, (process, value) in enumerate(zip(events["process"], events["value"], strict=True)):
        if isinstance(value, dict) and value.keys() == {_KEY, _VALUE}:  # jepsen.independent.Tuple as a record
            value = [value[_KEY], value[_VALUE]]
        pair = split_pair(process, events["key"][place], value, file=file, line=events["line"][place])
        events["key"][place], events["value"][place] = pair


def _is_transaction(value: Form) -> bool:
    """Whether it is a list of operations, each beginning with what it does; there `:append` and "append" are one word."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(operation, (list, tuple)) and len(operation) > 0 and isinstance(operation[0], (str, Name))
        for operation in value
    )


def _without_functions(f: Any, value: Form) -> Form:
    return [operation[1:] for operation in value] if f == TRANSACTION and _is_transaction(value) else value


class _Names:
    """Which names and strings occur, so that a name is spelled with its mark where the plain word would be something else too."""

    def __init__(self) -> None:
        self._marks: dict[str, set[str]] = {}  # word → the kinds of what is written so; a string's kind is ""
        self._spelled: dict[Name, str] = {}

    def look_at(self, form: Form) -> None:
        if isinstance(form, list):
            for item in form:
                if item.__class__ in _WORDS or item.__class__ in _COLLECTIONS:
                    self.look_at(item)
        elif isinstance(form, dict):
            for key, value in form.items():
                self.look_at(key)
                self.look_at(value)
        elif isinstance(form, str):
            self._marks.setdefault(form, set()).add("")
        elif isinstance(form, Name):
            self._marks.setdefault(form.text, set()).add(form.mark)

    def look_at_all(self, forms: Iterable[Form]) -> None:
        words: dict[str | Name, None] = {}
        for form in forms:
            if isinstance(form, (str, Name)):
                words[form] = None
            elif form.__class__ in _COLLECTIONS:
                self.look_at(form)
        for word in words:
            self.look_at(word)

    def plain_all(self, forms: list[Form]) -> list[Any]:
        return [self.plain(form) if form.__class__ in _NAMED else form for form in forms]

    def plain(self, form: Form) -> Any:
        """The form with its names as strings."""
        if isinstance(form, list):
            return self.plain_all(form)
        if isinstance(form, dict):
            return {self.plain(key): self.plain(value) for key, value in form.items()}
        return self._spell(form) if isinstance(form, Name) else form

    def _spell(self, name: Name) -> str:
        spelled = self._spelled.get(name)
        if spelled is None:
            spelled = name.text
            if len(self._marks.get(spelled, ())) > 1:
                while spelled in self._marks:
                    spelled = name.mark + spelled
                self._marks[spelled] = {name.mark}
            self._spelled[name] = spelled
        return spelled


_WORDS, _COLLECTIONS, _NAMED = frozenset({str, Name}), frozenset({list, dict}), frozenset({Name, list, dict})
_INDEX, _TIME, _TYPE, _PROCESS = (Name(field, KEYWORD) for field in ("index", "time", "type", "process"))
_F, _KEY, _VALUE, _ERROR = (Name(field, KEYWORD) for field in ("f", "key", "value", "error"))


def _op_text(op: Op, *, keyed: bool) -> str:
    whole = joined_pair(op) if keyed else op
    fields = [f":index {op.index}", f":time {op.time}", f":type :{op.type}"]
    fields += [f":process {_process_text(op)}", f":f {keyword_text(op.f)}"]
    if whole.key is not None:
        fields.append(f":key {edn_text(op.key)}")
    value = _value_text(op)
    fields.append(f":value {f'[{edn_text(op.key)} {value}]' if whole is not op else value}")
    if op.error is not None:
        fields.append(f":error {edn_text(op.error)}")
    return "{" + ", ".join(fields) + "}\n"


def _process_text(op: Op) -> str:
    return str(op.process) if isinstance(op.process, int) else keyword_text(op.process)


def _value_text(op: Op) -> str:
    """The value; the operations of a transaction begin with a keyword, as Elle wants them."""
    if op.f != TRANSACTION or not _is_transaction(op.value):
        return edn_text(op.value)
    operations = (" ".join([keyword_text(function), *map(edn_text, rest)]) for function, *rest in op.value)
    return f"[{' '.join(f'[{operation}]' for operation in operations)}]"
