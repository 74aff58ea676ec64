"""What a cell came to: one outcome for everything that can be seen of a handler under a fault, the worst first.

Some outcomes are findings: the handler broke what its conversation says of it. The others are ways to end well; which one it is
says how the handler took the fault. Every observation has exactly one outcome.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from chaoskit.core.sweep import (
    ANSWERED,
    COMPLETE,
    CRASH,
    CUT_DEPENDENT,
    FAILED,
    HANG,
    LEAK,
    LIMIT_IGNORED,
    SHORT,
    TIMED_OUT,
    TRUNCATION_UNNOTICED,
    WRONG_ANSWER,
)
from chaoskit.core.units import SECOND, count, format_time, plural
from chaoskit.wire.steps import Kind
from chaoskit.wire.sweep.conversation import Conversation, Exchange
from chaoskit.wire.sweep.faults import Fault, FaultKind
from chaoskit.wire.sweep.trial import Observation, told

UNJUDGED = "other bytes came, and no judge says what to answer"


@dataclass(frozen=True, slots=True)
class Found:
    """An outcome, what tells it from others of the same kind (an error's name, say), and the sentence of this cell."""

    outcome: str
    detail: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a cell is judged by; `unfaulted` is what was seen of the conversation without a fault."""

    conversation: Conversation
    fault: Fault | None
    seen: Observation
    unfaulted: Observation | None

    @property
    def exchange(self) -> Exchange:
        return Exchange(received=self.seen.received, written=self.seen.written, recorded=self.conversation.server)

    @property
    def ended(self) -> str:
        """How the handler ended, in words, behind `the handler`."""
        assert self.seen.ended_ns is not None, "asked of handlers that have ended"
        how = "returned" if self.seen.error is None else f"raised {told(self.seen.error)}"
        return f"{how} at {format_time(self.seen.ended_ns)}"

    @property
    def answers(self) -> str:
        whole = len(self.conversation.server)
        return f"{count(len(self.seen.written))} of {plural(whole, 'byte')} answered"


def judge(case: Case) -> Found:
    """The outcome of a cell."""
    found = next((found for rule in _RULES if (found := rule(case)) is not None), None)
    if found is not None:
        return found
    if case.seen.written == case.conversation.server:
        return Found(COMPLETE, "", f"the handler {case.ended}, and everything was answered")
    return Found(SHORT, "", f"the handler {case.ended}: {case.answers}")


def _hang(case: Case) -> Found | None:
    seen = case.seen
    if seen.ended_ns is not None:
        return None
    if seen.spins is not None:
        return Found(HANG, "spins", f"the handler goes round without waiting: {seen.spins}")
    limit = format_time(round(case.conversation.limit_seconds * SECOND))
    return Found(HANG, "", f"the handler had not ended at {limit}; it waits{seen.waits_at}")


def _limit_ignored(case: Case) -> Found | None:
    most = case.conversation.message_bytes_max
    seen = case.seen
    if most is None or not (seen.swamped or seen.asked_most > most):
        return None
    said = f"waited for {count(seen.asked_most)} bytes at once" if seen.asked_most > most else "took bytes without end"
    return Found(LIMIT_IGNORED, "", f"the handler {said}, though a message has at most {count(most)}")


def _wrong_answer(case: Case) -> Found | None:
    exchange, asked = case.exchange, case.conversation.client.startswith(case.seen.received)
    if case.seen.early_from is not None and asked and _as_recorded(exchange):
        got = f"{count(len(exchange.received))} of {plural(len(case.conversation.client), 'byte')}"
        return Found(WRONG_ANSWER, "early", f"the handler answered what it had not wholly got: it had {got}")
    if _as_recorded(exchange) or _allowed(case) is not None:
        return None
    at = exchange.differs_at
    wanted, got = exchange.recorded[at : at + 8].hex(" ") or "no more", exchange.written[at : at + 8].hex(" ")
    return Found(WRONG_ANSWER, "", f"the handler's answers differ from byte {at} on: expected {wanted} but got {got}")


def _crash(case: Case) -> Found | None:
    error = case.seen.error
    if error is None or isinstance(error, case.conversation.may_raise):
        return None
    return Found(CRASH, type(error).__name__, f"the handler {case.ended}, which is none of the errors that it may end with")


def _leak(case: Case) -> Found | None:
    seen = case.seen
    if seen.left:
        tasks = "; ".join(seen.left)
        return Found(LEAK, "task", f"the handler {case.ended}, and left {plural(len(seen.left), 'task')}: {tasks}")
    if seen.open is not None:
        return Found(LEAK, "connection", f"the handler {case.ended}: {seen.open}")
    return None


def _truncation_unnoticed(case: Case) -> Found | None:
    conversation, seen, left = case.conversation, case.seen, case.seen.left_at
    if conversation.whole_from is None or left is None or left < conversation.whole_from or seen.error is not None:
        return None
    if not (seen.received == conversation.client[:left] and _as_recorded(case.exchange)):
        return None  # it was given other bytes, or has refused
    ends = [0, *accumulate(len(step.data) for step in conversation.script.steps if step.kind is Kind.READ)]
    if left in ends:
        return None
    message = bisect_right(ends, left)
    inside = f"{left - ends[message - 1]} of its {ends[message] - ends[message - 1]} bytes"
    return Found(
        TRUNCATION_UNNOTICED,
        "",
        f"the handler {case.ended} as if all were well, but the client had left in message {message}, after {inside}",
    )


def _cut_dependent(case: Case) -> Found | None:
    if case.fault is None or case.fault.kind is not FaultKind.SLICE:
        return None
    if case.seen.error is None and case.seen.written == case.conversation.server:
        return None
    return Found(CUT_DEPENDENT, "", f"no byte was changed, only cut from the next, and the handler {case.ended}: {case.answers}")


def _timed_out(case: Case) -> Found | None:
    seen = case.seen
    if case.unfaulted is None or seen.silence_ns <= case.unfaulted.silence_ns:
        return None
    error = type(seen.error).__name__ if seen.error is not None else ""
    name = "" if _as_recorded(case.exchange) else _allowed(case) or ""
    parted = f", with {name!r}" if name else ""
    after = format_time(seen.silence_ns)
    said = f"the handler gave up after {after} of silence: it {case.ended}{parted}, {case.answers}"
    return Found(TIMED_OUT, name or error, said)


def _failed(case: Case) -> Found | None:
    error = case.seen.error
    if error is None:
        return None
    return Found(FAILED, type(error).__name__, f"the handler {case.ended}: {case.answers}")


def _answered(case: Case) -> Found | None:
    if _as_recorded(case.exchange):
        return None
    name = _allowed(case) or ""
    return Found(ANSWERED, name, f"the handler {case.ended}, and answered {name!r}")


def _as_recorded(exchange: Exchange) -> bool:
    """Whether what was written is the recorded answers, or a beginning of them."""
    return exchange.recorded.startswith(exchange.written)


def _allowed(case: Case) -> str | None:
    """The name of an answer that differs, None for one that the protocol does not allow."""
    conversation, exchange = case.conversation, case.exchange
    for name, refusal in conversation.refusals.items():
        before = exchange.written.removesuffix(refusal)
        timely = case.seen.early_from is None or len(before) <= case.seen.early_from
        if before != exchange.written and exchange.recorded.startswith(before) and timely:
            return name
    if conversation.judge is not None:
        return conversation.judge(exchange)
    return None if conversation.client.startswith(exchange.received) else UNJUDGED


_RULES: tuple[Callable[[Case], Found | None], ...] = (
    _hang,
    _limit_ignored,
    _wrong_answer,
    _crash,
    _leak,
    _truncation_unnoticed,
    _cut_dependent,
    _timed_out,
    _failed,
    _answered,
)
