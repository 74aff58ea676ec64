"""What a wire sweep came to: an outcome for every fault at every byte of a conversation, and the findings among them.

Nothing in a record depends on the machine or the clock: the same conversation, handler and code give the same record.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

SWEEP_VERSION = 1

HANG = "hang"
LIMIT_IGNORED = "limit-ignored"
WRONG_ANSWER = "wrong-answer"
CRASH = "crash"
LEAK = "leak"
TRUNCATION_UNNOTICED = "truncation-unnoticed"
CUT_DEPENDENT = "cut-dependent"
COMPLETE = "complete"
SHORT = "short"
TIMED_OUT = "timed-out"
ANSWERED = "answered"
FAILED = "failed"


class OutcomeKind(msgspec.Struct, frozen=True, kw_only=True):
    """A way to end under a fault: the letter that stands for it, what it means, and whether it is a finding."""

    letter: str
    summary: str
    finding: bool = False


OUTCOMES = {
    HANG: OutcomeKind(letter="H", summary="the handler never ended", finding=True),
    LIMIT_IGNORED: OutcomeKind(letter="B", summary="more bytes were taken than a message may have", finding=True),
    WRONG_ANSWER: OutcomeKind(letter="W", summary="an answer that the protocol does not allow", finding=True),
    CRASH: OutcomeKind(letter="X", summary="an error that the handler may not end with", finding=True),
    LEAK: OutcomeKind(letter="L", summary="the handler ended, and left a task or its connection", finding=True),
    TRUNCATION_UNNOTICED: OutcomeKind(letter="U", summary="an end inside a message was taken for a good one", finding=True),
    CUT_DEPENDENT: OutcomeKind(letter="S", summary="the outcome depends on how the bytes were cut", finding=True),
    COMPLETE: OutcomeKind(letter=".", summary="everything was answered, and the handler ended"),
    SHORT: OutcomeKind(letter="-", summary="the handler ended quietly before everything was answered"),
    TIMED_OUT: OutcomeKind(letter="t", summary="the handler gave up by itself, after a silence"),
    ANSWERED: OutcomeKind(letter="a", summary="another answer, which the protocol allows"),
    FAILED: OutcomeKind(letter="e", summary="an error that the handler may end with"),
}


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One fault at one byte. `detail` tells outcomes of one kind apart; `ended` is virtual ns, None if it never ended."""

    fault: str
    at: int
    side: str
    outcome: str
    detail: str
    sentence: str
    ended: int | None
    received: int
    written: int

    @property
    def name(self) -> str:
        """By which it is run again: `stall@17:client`."""
        return f"{self.fault}@{self.at}:{self.side}"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring cells of one fault that came to the same, with the first one's sentence."""

    fault: str
    side: str
    first: int
    last: int
    outcome: str
    detail: str
    sentence: str

    @property
    def cells(self) -> int:
        return self.last - self.first + 1

    @property
    def name(self) -> str:
        """`stall@17:client`, or `stall@17..29:client`."""
        places = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        return f"{self.fault}@{places}:{self.side}"

    @property
    def example(self) -> str:
        """The name of its first cell."""
        return f"{self.fault}@{self.first}:{self.side}"

    @property
    def told(self) -> str:
        """The first cell's sentence, after its name."""
        return f"{self.example}: {self.sentence}"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a handler: all the spans that came to the same, in their order."""

    outcome: str
    detail: str
    spans: list[Span]

    @property
    def cells(self) -> int:
        return sum(span.cells for span in self.spans)

    @property
    def title(self) -> str:
        """`crash (KeyError)`."""
        return f"{self.outcome} ({self.detail})" if self.detail else self.outcome


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the conversation: whose, where it begins on that side, and its bytes in hexadecimal."""

    side: str
    first: int
    data: str

    @property
    def size(self) -> int:
        return len(self.data) // 2


class SweepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A whole sweep. `cells` stand in rows: all of one fault on one side, by their bytes."""

    version: int = SWEEP_VERSION
    chaoskit: str = ""
    conversation: str = ""
    summary: str = ""
    bug: str | None = None
    reproduce: str = ""
    timeout: int = 0  # virtual ns
    limit: int = 0
    messages: list[Message] = []
    cells: list[Cell] = []
    spans: list[Span] = []
    digest: str = ""

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with the handler, the worst first."""
        found: dict[tuple[str, str], list[Span]] = {}
        for span in self.spans:
            if OUTCOMES[span.outcome].finding:
                found.setdefault((span.outcome, span.detail), []).append(span)
        order = list(OUTCOMES)
        findings = [Finding(outcome=outcome, detail=detail, spans=spans) for (outcome, detail), spans in found.items()]
        return sorted(findings, key=lambda finding: order.index(finding.outcome))

    @property
    def verdict(self) -> str:
        return "invalid" if self.cells_found else "valid"

    @property
    def cells_found(self) -> int:
        """How many cells are findings."""
        return sum(OUTCOMES[cell.outcome].finding for cell in self.cells)

    @property
    def counts(self) -> dict[str, int]:
        """How many cells came to what, in the order of the table; none that did not occur."""
        counted = {name: sum(cell.outcome == name for cell in self.cells) for name in OUTCOMES}
        return {name: number for name, number in counted.items() if number}

    def size(self, side: str) -> int:
        """How many bytes a side says."""
        return sum(message.size for message in self.messages if message.side == side)

    def again(self, cell: str) -> str:
        """The command line that runs one cell alone."""
        return f"{self.reproduce} --cell {cell}"

    def rows(self, side: str) -> Iterator[tuple[str, list[Cell]]]:
        """The faults of a side, each with its cells by their bytes."""
        rows: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if cell.side == side:
                rows.setdefault(cell.fault, []).append(cell)
        yield from rows.items()


def spans_of(cells: list[Cell]) -> list[Span]:
    """Neighbours that came to the same, made one."""
    spans: list[Span] = []
    for cell in cells:
        last = spans[-1] if spans else None
        if (
            last is not None
            and (last.fault, last.side, last.last + 1) == (cell.fault, cell.side, cell.at)
            and (last.outcome, last.detail) == (cell.outcome, cell.detail)
        ):
            spans[-1] = msgspec.structs.replace(last, last=cell.at)
        else:
            spans.append(
                Span(
                    fault=cell.fault,
                    side=cell.side,
                    first=cell.at,
                    last=cell.at,
                    outcome=cell.outcome,
                    detail=cell.detail,
                    sentence=cell.sentence,
                )
            )
    return spans
