"""`report.html` of a wire sweep: what is wrong, the matrix as a picture, and every row in words.

Each message of the conversation is a block: a column for each of its bytes, a row for each fault, a letter and a colour for what
that came to. The pointer or the focus on a cell tells it, and how to run it alone; without a script the pointer still does. Like
a run's page it works from disk and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaoskit.core.sweep import OUTCOMES, Cell, SweepRecord
from chaoskit.core.units import count, format_time, plural
from chaoskit.reports.bundle import SWEEP
from chaoskit.reports.html import render_page
from chaoskit.reports.sweep_text import SIDES, headline

BLOCK_BYTES = 64
RULER_BYTES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A message, or a piece of a long one: its bytes, and the cells at them. The last of a client is where it hangs up."""

    title: str
    ruler: list[tuple[int, int]]  # (a byte's number, how many columns stand under it)
    bytes: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def render_sweep(record: SweepRecord) -> str:
    """The page of a sweep."""
    words = headline(record)
    sides = {side: title for side, title in SIDES.items() if record.size(side)}
    return render_page(
        "sweep.html",
        status=record.verdict,
        entry=SWEEP,
        title=f"{record.verdict.upper()}: {words} — sweep of {record.conversation} — chaoskit",
        headline=words,
        record=record,
        kinds=OUTCOMES,
        sides=[
            {"name": side, "title": title, "bytes": plural(record.size(side), "byte"), "blocks": list(_blocks(record, side))}
            for side, title in sides.items()
        ],
        facts=_facts(record),
        plural=plural,
    )


def _blocks(record: SweepRecord, side: str) -> Iterator[Block]:
    rows = list(record.rows(side))
    messages = [message for message in record.messages if message.side == side]
    for number, message in enumerate(messages, 1):
        for at in range(0, message.size, BLOCK_BYTES):
            size = min(BLOCK_BYTES, message.size - at)
            data = message.data[2 * at : 2 * (at + size)]
            more = f", from its byte {at}" if at else ""
            yield _block(rows, f"message {number}{more}", first=message.first + at, data=data)
    if any(len(cells) > record.size(side) for _, cells in rows):
        yield _block(rows, "the end", first=record.size(side), data="")


def _block(rows: list[tuple[str, list[Cell]]], title: str, *, first: int, data: str) -> Block:
    """The columns of these bytes, in hexadecimal; of what stands behind the last when there are none."""
    size = max(1, len(data) // 2)
    return Block(
        title=title,
        ruler=[(first + at, min(RULER_BYTES, size - at)) for at in range(0, size, RULER_BYTES)],
        bytes=[data[2 * at : 2 * at + 2] for at in range(size)],
        rows=[(fault, [cells[at] if at < len(cells) else None for at in range(first, first + size)]) for fault, cells in rows],
    )


def _facts(record: SweepRecord) -> list[tuple[str, str]]:
    return [
        ("conversation", f"{record.conversation}: {record.summary}"),
        ("handler", f"with the bug {record.bug}" if record.bug else "as it is"),
        ("cells", count(len(record.cells))),
        ("time-out", f"{format_time(record.timeout)}: a delayed byte comes later than that"),
        ("limit", f"{format_time(record.limit)}: who has not ended then hangs"),
        ("digest", record.digest),
        ("chaoskit", record.chaoskit),
        ("reproduce", record.reproduce),
    ]
