"""A wire sweep as text: what is wrong first, then the matrix, a letter for every cell, and what the letters mean.

The same text in the terminal and in `report.txt`. What a handler said (an error's text) is shown, never obeyed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from chaoskit.core.sweep import OUTCOMES, Cell, Finding, Message, SweepRecord
from chaoskit.core.units import count, plural
from chaoskit.reports.diagram import WIDTH, Paint, uncoloured
from chaoskit.reports.text import visible

SIDES = {"client": "what the client says", "server": "what the handler answers"}

_ROW_BYTES = 64
_RULER_BYTES = 8
_LABEL_COLUMNS = 9


def sweep_lines(record: SweepRecord, *, paint: Paint = uncoloured, width: int = WIDTH) -> list[str]:
    """The whole sweep: verdict, findings, matrix, legend."""
    lines = [verdict_line(record, paint=paint)]
    for number, finding in enumerate(record.findings, 1):
        lines += ["", *_finding_lines(record, number, finding, width)]
    for side, title in SIDES.items():
        if record.size(side):
            lines += ["", f"{title}: {plural(record.size(side), 'byte')} in {_messages(record, side)}"]
            lines += _matrix(record, side)
    return [*lines, "", *_legend(record)]


def sweep_text(record: SweepRecord) -> str:
    """`report.txt`."""
    ending = [f"reproduce  {record.reproduce}", f"digest     {record.digest}"]
    return "\n".join([heading(record), "", *sweep_lines(record), "", *ending]) + "\n"


def heading(record: SweepRecord) -> str:
    """What is swept, in a line."""
    bug = f" with the bug {record.bug}" if record.bug else ""
    return f"chaoskit {record.chaoskit} · sweep {record.conversation}{bug} · {record.summary}"


def verdict_line(record: SweepRecord, *, paint: Paint = uncoloured) -> str:
    """The verdict, and how much it rests on."""
    return f"{paint(record.verdict.upper(), record.verdict)}  {headline(record)}"


def headline(record: SweepRecord) -> str:
    """The verdict's words: what was found in how many cells."""
    cells = plural(len(record.cells), "cell")
    if not record.findings:
        return f"no finding in {cells}: every handler ended, left nothing behind, and answered as it may"
    kinds = ", ".join(dict.fromkeys(finding.outcome for finding in record.findings))
    return f"{kinds} in {count(record.cells_found)} of {cells}"


def letters(cells: list[Cell]) -> str:
    """A row of the matrix."""
    return "".join(OUTCOMES[cell.outcome].letter for cell in cells)


def message_number(record: SweepRecord, message: Message) -> int:
    """Which of its side's messages it is, from 1."""
    return [each for each in record.messages if each.side == message.side].index(message) + 1


def _finding_lines(record: SweepRecord, number: int, finding: Finding, width: int) -> list[str]:
    indent = " " * len(head) if (head := f"  {number}. ") else ""
    spans = ", ".join(span.name for span in finding.spans)
    return [
        f"{head}{finding.title}: {OUTCOMES[finding.outcome].summary} ({plural(finding.cells, 'cell')})",
        *_wrapped(spans, indent, width),
        *_wrapped(visible(finding.spans[0].told), indent, width),
        f"{indent}again  {record.again(finding.spans[0].example)}",
    ]


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def _messages(record: SweepRecord, side: str) -> str:
    return plural(sum(message.side == side for message in record.messages), "message")


def _matrix(record: SweepRecord, side: str) -> Iterator[str]:
    """The cells of a side, so many bytes a block: a line that numbers the messages, one that counts bytes, one for each fault."""
    rows = list(record.rows(side))
    last = max(len(cells) for _, cells in rows)
    for first in range(0, last, _ROW_BYTES):
        if first:
            yield ""
        yield _labelled("message", _message_marks(record, side)[first : first + _ROW_BYTES])
        yield _labelled("byte", _ruler(first, min(last, first + _ROW_BYTES)))
        for fault, cells in rows:
            yield _labelled(fault, letters(cells[first : first + _ROW_BYTES]))


def _message_marks(record: SweepRecord, side: str) -> str:
    """`1-----2----`: where each message begins; one too short for its number has only the end of that."""
    marks = ""
    for message in record.messages:
        if message.side == side:
            number = str(message_number(record, message))
            marks += number[-message.size :].ljust(message.size, "-")
    return marks


def _ruler(first: int, last: int) -> str:
    return "".join(str(at).ljust(_RULER_BYTES) for at in range(first, last, _RULER_BYTES)).rstrip()


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_COLUMNS}}{text}".rstrip()


def _legend(record: SweepRecord) -> list[str]:
    return [
        f"  {OUTCOMES[name].letter}  {name:<21}{count(number):>7}  {OUTCOMES[name].summary}"
        for name, number in record.counts.items()
    ]
