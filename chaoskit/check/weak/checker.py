"""The consistency levels below linearizability as checkers: one per name, for histories of registers.

Every one judges as far as it can be told which write a read saw. A read of a value that nobody wrote breaks each of them. What a
history that is linearizable keeps, all keep. `unknown` says which read is unclear, or where the budget ended, and what to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import islice
from typing import Any

from chaoskit.check.weak import views
from chaoskit.check.weak.order import RELATION_BYTES_MAX, OutOfBudget, Purse, TooLarge
from chaoskit.check.weak.registers import Registers, registers
from chaoskit.check.weak.sequential import Placed, Stuck, sequential
from chaoskit.check.weak.sessions import forgotten, tell_forgotten, tell_went_back, went_back
from chaoskit.check.weak.telling import Step, calls_of, cycle_steps, unwritten_violation, violation
from chaoskit.check.weak.zones import is_linearizable
from chaoskit.core.errors import unknown_name
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import Value
from chaoskit.core.units import MILLION, plural
from chaoskit.core.verdict import Budget, Status, Verdict, Violation

WITNESS_CALLS = 64  # up to so many calls the sequential order is among the results
MEBIBYTE = 1024**2
KNOTS_TOLD = 5  # processes without a view that are looked for: more say the same again

Judge = Callable[["_Case"], Iterator[Violation]]


@dataclass(frozen=True)
class Consistent:
    """Does a history of registers keep this promise?

    `initial` is what every register holds at first. With `nil_read="unknown"` a read that returned nil tells nothing.
    `looks_for_proof` lets a linearizable history pass without more; tests turn it off.
    """

    name: str
    _: KW_ONLY
    initial: Value = None
    nil_read: str = "value"
    looks_for_proof: bool = True

    def __post_init__(self) -> None:
        if self.name not in LEVELS:
            raise unknown_name("consistency level", self.name, LEVELS)

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        """The verdict. Raises `UsageError` when the history has other operations than reads and writes."""
        found = registers(history, initial=self.initial, nil_read=self.nil_read)
        case = _Case(self.name, found, Purse(budget.configurations, wall_seconds=budget.wall_seconds))
        results: dict[str, Any] = {"level": self.name, "keys": len(found.cells), "operations": found.operations}
        violations = [unwritten_violation(each, level=self.name, initial=self.initial) for each in found.unwritten]
        reason = found.doubt()
        if not violations and not (self.looks_for_proof and is_linearizable(found)):
            try:
                for each in LEVELS[self.name].judge(case):
                    violations.append(each)  # noqa: PERF402  # what was found stays when the budget ends the search
            except OutOfBudget:
                reason = _gave_up(case, budget)
            except TooLarge as limit:
                reason = _too_large(limit)
        results["configurations"] = case.purse.spent
        if case.witness and len(case.witness) <= WITNESS_CALLS:
            results["witness"] = [found.calls[number].operation.began for number in case.witness]
        status = Status.INVALID if violations else Status.UNKNOWN if reason else Status.VALID
        return Verdict(
            checker=self.name,
            status=status,
            reason=reason if status is Status.UNKNOWN else None,
            violations=sorted(violations, key=lambda each: each.data["op"]),
            results=results,
        )


@dataclass
class _Case:
    """What is judged, by which promise, and what it may cost."""

    level: str
    registers: Registers
    purse: Purse
    witness: list[int] | None = None


def _read_your_writes(case: _Case) -> Iterator[Violation]:
    for found in forgotten(case.registers):
        yield tell_forgotten(found, case.registers, level=case.level)


def _monotonic_reads(case: _Case) -> Iterator[Violation]:
    for found in went_back(case.registers):
        yield tell_went_back(found, case.registers, level=case.level)


def _session(case: _Case) -> list[Violation]:
    """What is simplest to tell, where it is broken."""
    return [*_read_your_writes(case), *_monotonic_reads(case)]


def _of_views(
    knots: Callable[[Registers, Purse], Iterator[views.Knot]], *, kind: str, summary: str, tells_session: bool = False
) -> Judge:
    """Judges by views. `tells_session`: a broken session guarantee is a proof that is simpler to tell."""

    def judge(case: _Case) -> Iterator[Violation]:
        simple = _session(case) if tells_session else []
        if simple:
            yield from simple
            return
        for knot in islice(knots(case.registers, case.purse), KNOTS_TOLD):
            yield _tell_knot(case, knot, kind=kind, summary=summary)

    return judge


def _sequential(case: _Case) -> Iterator[Violation]:
    simple = _session(case)
    if simple:
        yield from simple
        return
    match sequential(case.registers, case.purse):
        case Placed(calls):
            case.witness = calls
        case Stuck(calls):
            yield _tell_stuck(case, calls)
        case knot:
            yield _tell_knot(case, knot, kind="non-sequential", summary="no one order keeps what every process did in order")


def _tell_knot(case: _Case, knot: views.Knot, *, kind: str, summary: str) -> Violation:
    seer = "" if knot.process is None else f", as process {knot.process} saw it"
    return violation(
        case.registers,
        level=case.level,
        kind=kind,
        summary=summary + seer,
        steps=cycle_steps(knot.order, knot.cycle),
        calls=calls_of(knot.order, knot.cycle),
    )


def _tell_stuck(case: _Case, placed: list[int]) -> Violation:
    """No short proof is known: the longest order, and the calls that then have no place."""
    found = case.registers
    left = sorted(set(range(len(found.calls))) - set(placed))
    answered = [number for number in left if not found.calls[number].is_write] or left
    steps: list[Step] = [
        (f"What every process did, and what the reads saw, leaves {plural(case.purse.spent, 'partial order')} to try.",),
        (f"The longest that works has {len(placed)} of {plural(len(found.calls), 'operation')}.",),
        ("Then ", answered[0], " has no place, nor has it in any other order: a contradiction."),
    ]
    summary = "no one order keeps what every process did in order"
    return violation(
        found, level=case.level, kind="non-sequential", summary=summary, steps=steps, calls=answered[:1], order=placed
    )


def _gave_up(case: _Case, budget: Budget) -> str:
    size = plural(len(case.registers.calls), "operation")
    if case.purse.is_late:
        return (
            f"gave up on {size} after {budget.wall_seconds:g} s of wall time, which is not reproducible: another machine may get "
            f"further; try --budget wall={10 * (budget.wall_seconds or 0):g}s, fewer clients, or a part of the history"
        )
    more = budget.configurations * 10
    text = f"{more // MILLION}M" if more % MILLION == 0 else str(more)
    spent = plural(budget.configurations, "configuration")
    return f"gave up on {size} after {spent}; try --budget states={text}, fewer clients, or a part of the history"


def _too_large(limit: TooLarge) -> str:
    """Memory grows with the square of the operations."""
    needed, most = limit.needed // MEBIBYTE, RELATION_BYTES_MAX // MEBIBYTE
    return (
        f"what comes before what among {plural(limit.operations, 'operation')} would take {needed:,} MiB of memory, and at most "
        f"{most:,} MiB are taken; judge a part of the history, or read-your-writes and monotonic-reads, which do without"
    )


@dataclass(frozen=True, slots=True)
class Level:
    """A promise: its name, what it says in one line, and how it is judged."""

    name: str
    summary: str
    judge: Judge


_ENTRIES = (
    Level("sequential", "one order of all operations keeps every process' own order", _sequential),
    Level(
        "causal",
        "every process sees causes before their effects",
        _of_views(views.causal, kind="non-causal", summary="an effect was seen without its cause", tells_session=True),
    ),
    Level(
        "pram",
        "every process sees the writes of each process in order",
        _of_views(views.pram, kind="non-pram", summary="one process' operations were seen out of order", tells_session=True),
    ),
    Level("read-your-writes", "a process sees what it wrote", _read_your_writes),
    Level("monotonic-reads", "what a process saw replaced does not come back to it", _monotonic_reads),
    Level(
        "monotonic-writes",
        "the writes of a process are seen in order",
        _of_views(views.monotonic_writes, kind="writes-out-of-order", summary="the writes of one process were seen out of order"),
    ),
    Level(
        "writes-follow-reads",
        "a write is seen after what its process had seen",
        _of_views(
            views.writes_follow_reads,
            kind="write-before-its-cause",
            summary="a write was seen without what its process had seen",
        ),
    ),
)
LEVELS: dict[str, Level] = {level.name: level for level in _ENTRIES}
SESSION = ("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads")
