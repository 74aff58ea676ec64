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

from collections.abc import Iterable, Iterator
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
from chaoskit.formats.intake import Intake
from chaoskit.formats.keyed import joined_pair, split_pair
from chaoskit.formats.sources import Source, text_pieces

TRANSACTION = "txn"


class RawEvent(msgspec.Struct, frozen=True):
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


def read(source: Source, *, file: str = "<input>", keyed: bool = False) -> History:
    """A history from EDN. `keyed`: every client's value is a [key value] tuple. Raises `FormatError`."""
    events = [_event(form, line=line, file=file) for line, form in _forms(source, file=file)]
    return assemble(events, file=file, keyed=keyed)


def write(history: History, *, keyed: bool = False) -> Iterator[bytes]:
    """The lines of a history, each with its end. `keyed`: keys go into the values, as [key value] tuples."""
    for op in history:
        try:
            yield _op_text(op, keyed=keyed).encode()
        except (UnicodeEncodeError, RecursionError) as error:
            reason = f"expected an event that can be written as EDN but got one with index={op.index}: {error}"
            raise ModelError(reason) from error


def assemble(events: Iterable[RawEvent], *, file: str, keyed: bool) -> History:
    """The history of raw events, with names made strings. The events are gone through twice: names are told apart file-wide."""
    if keyed:
        events = [_split(event, file=file) for event in events]
    events = list(events)
    keys, values = _Names(), _Names()
    for event in events:
        if event.process != NEMESIS:
            keys.look_at(event.key)
            values.look_at(_without_functions(event))
    intake = Intake(file)
    for event in events:
        key, value = keys.plain(event.key), values.plain(event.value)
        if event.f == TRANSACTION and _is_transaction(event.value):
            value = [[_word(operation[0]), *plain[1:]] for operation, plain in zip(event.value, value, strict=True)]
        intake.add(
            event.line,
            type=event.type,
            process=event.process,
            f=event.f,
            key=key,
            value=value,
            time=event.time,
            error=event.error,
            index=event.index,
        )
    return intake.history()


def error_text(form: Form) -> str | None:
    """An error as text: strings and keywords as they are, anything else as EDN."""
    if form is None or isinstance(form, str):
        return form
    return form.text if isinstance(form, Name) else edn_text(form)


def _forms(source: Source, *, file: str) -> Iterator[tuple[int, Form]]:
    """(line, form) of each element of the surrounding vector or list, or of each form where there is none."""
    reader = FormReader(text_pieces(source, file=file), file=file)
    opened = reader.enter()
    closer = {"[": "]", "(": ")", None: ""}[opened]
    while not isinstance(form := reader.next(), Close):
        yield reader.line, form
    if form.bracket != closer:
        got = repr(form.bracket) if form.bracket else "the end of the text (is the file cut off?)"
        wanted = f"{closer!r} or another event" if closer else "an event"
        raise reader.broken(f"expected {wanted} but got {got}.")
    if closer and reader.next() != Close(""):
        reason = f"expected nothing after the closing {closer!r} but got more"
        raise reader.broken(f"{reason}; a history is one vector, one list or bare events.")


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


def _split(event: RawEvent, *, file: str) -> RawEvent:
    value = event.value
    if isinstance(value, dict) and value.keys() == {_KEY, _VALUE}:  # jepsen.independent.Tuple as a record
        value = [value[_KEY], value[_VALUE]]
    key, value = split_pair(event.process, event.key, value, file=file, line=event.line)
    return msgspec.structs.replace(event, key=key, value=value)


def _is_transaction(value: Form) -> bool:
    """Whether it is a list of operations, each beginning with what it does; there `:append` and "append" are one word."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(operation, (list, tuple)) and len(operation) > 0 and isinstance(operation[0], (str, Name))
        for operation in value
    )


def _without_functions(event: RawEvent) -> Form:
    if event.f == TRANSACTION and _is_transaction(event.value):
        return [operation[1:] for operation in event.value]
    return event.value


class _Names:
    """Which names and strings occur, so that a name is spelled with its mark where the plain word would be something else too."""

    def __init__(self) -> None:
        self._marks: dict[str, set[str]] = {}  # word → the kinds of what is written so; a string's kind is ""
        self._spelled: dict[Name, str] = {}

    def look_at(self, form: Form) -> None:
        if isinstance(form, list):
            for item in form:
                self.look_at(item)
        elif isinstance(form, dict):
            for key, value in form.items():
                self.look_at(key)
                self.look_at(value)
        elif isinstance(form, str):
            self._marks.setdefault(form, set()).add("")
        elif isinstance(form, Name):
            self._marks.setdefault(form.text, set()).add(form.mark)

    def plain(self, form: Form) -> Any:
        """The form with its names as strings."""
        if isinstance(form, list):
            return [self.plain(item) for item in form]
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
