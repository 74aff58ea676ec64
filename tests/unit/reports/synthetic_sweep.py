"""A sweep with two findings, written by hand."""

from __future__ import annotations

from chaoskit.core.sweep import COMPLETE, CRASH, FAILED, HANG, SHORT, Cell, Message, SweepRecord, spans_of

PLANTED = "</script><img src=x onerror=alert(1)>\x1b[31m"

CLIENT = {"stall": [HANG, HANG, COMPLETE, HANG], "eof": [CRASH, FAILED, SHORT]}
SERVER = {"fail": [FAILED, CRASH]}


def cell(fault: str, at: int, side: str, outcome: str) -> Cell:
    return Cell(
        fault=fault,
        at=at,
        side=side,
        outcome=outcome,
        detail="KeyError" if outcome == CRASH else "",
        sentence=f"the handler said {PLANTED} at {at}",
        ended=None if outcome == HANG else 0,
        received=at,
        written=0,
    )


CELLS = [
    cell(fault, at, side, outcome)
    for side, rows in (("client", CLIENT), ("server", SERVER))
    for fault, outcomes in rows.items()
    for at, outcome in enumerate(outcomes)
]
RECORD = SweepRecord(
    chaoskit="0.1.0",
    conversation="greeting",
    summary="hi and bye",
    bug="hasty",
    reproduce="chaoskit sweep greeting --bug hasty",
    timeout=5_000_000_000,
    limit=60_000_000_000,
    messages=[
        Message(side="client", first=0, data="6869"),
        Message(side="server", first=0, data="4849"),
        Message(side="client", first=2, data="0a"),
    ],
    cells=CELLS,
    spans=spans_of(CELLS),
    digest="d" * 32,
)
