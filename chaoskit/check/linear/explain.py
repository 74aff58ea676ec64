"""From a search that got stuck to evidence: the kind, the calls that prove it, and sentences that a person can follow.

A call is named by the first letter of what it does and the history index of its invocation (`w7`), and described where it is
first mentioned. Sentences claim only what the rule of their kind has established; where none holds they say what the search
found: an order of what completed before, and why the failing call fits none of the states that such orders leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chaoskit.check.fingerprints import NON_LINEARIZABLE, Finding, classify
from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.check.linear.tables import Table
from chaoskit.core.units import format_time, plural
from chaoskit.core.verdict import OpRef, Sentence, Violation
from chaoskit.spec import CompleteSpec, Illegal
from chaoskit.spec.cas_register import cas_pair
from chaoskit.spec.priority_queue import PriorityQueue
from chaoskit.spec.text import show, show_key

CALLS_SHOWN = 8  # of a list of calls, in a sentence
STATES_SHOWN = 4
CALLS_EXPLAINED = 2_000  # of a larger object only so many around the failure, and those on the same values
STATES_KEPT = 64  # of those possible before the failing call, in the data

Piece = str | Call
Story = Iterator[tuple[Piece, ...]]


class Reading(NamedTuple):
    """What a fast path found out, for failures of which no rule knows the kind: in a few words, and sentences."""

    why: str
    story: list[tuple[Piece, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What the search found out about one object."""

    problem: Problem
    spec: CompleteSpec
    failing: Call
    placed: list[Call]  # a longest order of the others
    outcomes: list[tuple[str, str]]  # some states possible just before, and why the failing call is illegal there
    finding: Finding
    has_times: bool
    reading: Reading | None = None

    @property
    def open_calls(self) -> list[Call]:
        """Who was under way when the failing call ended."""
        return [call for call in self.problem.calls if call.began < self.failing.ended < call.ended]

    def describe(self, call: Call) -> str:
        return self.spec.describe_op(self.problem.label(call))

    def when(self, time: int | None) -> str:
        """` at 1.240 s`, or nothing for a history without times."""
        return f" at {format_time(time)}" if self.has_times and time is not None else ""


def explain(
    problem: Problem,
    table: Table,
    *,
    failing: Call,
    placed: list[Call],
    states: list[int],
    checker: str,
    has_times: bool,
    reading: Reading | None = None,
) -> Violation:
    """The violation of a call without a place, `placed` being a longest order up to it, and `states` possible ones before it."""
    finding = classify(problem, failing, table.spec, placed=placed)
    failure = Failure(
        problem=problem,
        spec=table.spec,
        failing=failing,
        placed=placed,
        outcomes=[
            (table.spec.describe_state(table.states[state]), _reason(table, failing, state)) for state in states[:STATES_KEPT]
        ],
        finding=finding,
        has_times=has_times,
        reading=reading if finding.kind == NON_LINEARIZABLE else None,
    )
    tell = _Teller(failure)
    proof = finding.calls or _shown(failure)
    return Violation(
        checker=checker,
        kind=finding.kind,
        summary=_summary(failure),
        sentences=[tell.sentence(pieces) for pieces in _story(failure)],
        ops=[failing.began, *(call.began for call in proof if call != failing)],
        keys=[] if problem.key is None else [problem.key],
        time=failing.settled_time,
        order=[call.began for call in placed],
        data={
            "op": failing.ended,
            "previous-ok": max((call.ended for call in problem.calls if call.ended < failing.ended), default=None),
            "last-op": (placed[-1].began if placed[-1].settled is None else placed[-1].settled) if placed else None,
            "states": [{"state": state, "reason": reason} for state, reason in failure.outcomes],
            "states-count": len(states),
            "pending": [call.began for call in failure.open_calls],
            "value": finding.value,
            "instead": finding.instead,
        },
    )


def _shown(failure: Failure) -> list[Call]:
    """The calls that show what no rule has a name for: those of which a path tells, or all that were under way."""
    if failure.reading is not None:
        told = {piece.began: piece for pieces in failure.reading.story for piece in pieces if isinstance(piece, Call)}
        return sorted(told.values())
    return failure.open_calls if failure.finding.kind == NON_LINEARIZABLE else []


def short_name(f: str, index: int) -> str:
    """How a sentence calls an operation: `w7` for the write invoked at index 7."""
    return f"{f[:1] or '?'}{index}"


class _Teller:
    """Makes sentences of pieces; describes each call when it is mentioned for the first time."""

    def __init__(self, failure: Failure) -> None:
        self._failure = failure
        self._mentioned: dict[int, str] = {}

    def sentence(self, pieces: Sequence[Piece]) -> Sentence:
        return [piece if isinstance(piece, str) else self._reference(piece) for piece in pieces if piece != ""]

    def _reference(self, call: Call) -> OpRef:
        name = self._mentioned.get(call.began)
        if name is not None:
            return OpRef(call.began, name)
        name = self._mentioned[call.began] = short_name(self._failure.problem.label(call).f, call.began)
        return OpRef(call.began, f"{name} ({self._failure.describe(call)})")


def _reason(table: Table, failing: Call, state: int) -> str:
    answer = table.ask(failing.label, state)
    return answer.reason if isinstance(answer, Illegal) else "it leads to states in which nothing fits"


def _summary(failure: Failure) -> str:
    finding, failing, key = failure.finding, failure.failing, failure.problem.key
    name = short_name(failure.problem.label(failing).f, failing.began)
    where = "" if key is None else f"key {show_key(key)}: "
    template = IN_SHORT.get((finding.kind, finding.part("writer") is not None))
    if template:
        why = template.format(value=show(finding.value), instead=show(finding.instead))
    elif failure.reading is not None:
        why = failure.reading.why
    else:
        why = next((reason for _, reason in failure.outcomes), "what ended before needs it to have done something else")
    return f"{where}{name} ({failure.describe(failing)}) has no place: {why}"


IN_SHORT: dict[tuple[str, bool], str] = {  # by kind, and whether it is about a value that another replaced
    ("phantom-read", False): "nobody had written {value}",
    ("dirty-read", False): "{value} was written only by an operation that failed",
    ("dirty-read", True): "{instead} was seen, never acknowledged, and is gone",
    ("lost-write", True): "{instead} was acknowledged, and nobody has seen it since",
    ("duplicate-apply", True): "{value} is back, after {instead} had replaced it",
    ("stale-read", True): "{value} had been replaced by {instead} before",
    ("stale-read", False): "{value} had been added before",
    ("new-old-inversion", True): "{instead} had been seen before, and {value} is older",
    ("phantom-element", False): "nobody had put {value} in",
    ("resurrected-element", False): "{value} had been removed",
    ("duplicate-element", False): "{value} is there twice",
    ("lost-element", False): "{value} had been put in, and nobody has seen it since",
    ("duplicate-delivery", False): "{value} had been taken out before",
    ("out-of-order", False): "{instead} was ahead of {value}",
    ("out-of-bounds", False): "{value} is not within {instead}",
    ("double-grant", False): "the lock was held",
    ("release-not-held", False): "it was not held",
    ("over-grant", False): "not so many permits were free",
    ("lost-append", False): "{value} had been appended, and nobody has seen it since",
    ("duplicate-append", False): "{value} is there more often than it was appended",
    ("incompatible-order", False): "it has {value} where another read has {instead}",
    ("new-old-inversion", False): "{value} had been seen before",
}


def _story(failure: Failure) -> Story:
    if failure.finding.part("writer"):
        return _overwritten(failure)
    if failure.finding.part("taken"):
        return _taken_twice(failure)
    if failure.reading is not None:
        return _as_read(failure, failure.reading.story)
    return STORIES.get(failure.finding.kind, _as_searched)(failure)


def _as_read(failure: Failure, story: list[tuple[Piece, ...]]) -> Story:
    """What a path found out; the failing call is named at last if it was not before."""
    yield from story
    if not any(piece == failure.failing for pieces in story for piece in pieces):
        yield "So there is no place for ", failure.failing, "."


def _got(failure: Failure, call: Call) -> str:
    """What a call says it saw."""
    label = failure.problem.label(call)
    return f"found {show(cas_pair(label)[0])}" if label.f == "cas" else f"returned {show(label.output)}"


def _overwritten(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    seen, writer = finding.parts["seen"][0], finding.parts["writer"][0]
    value, instead = show(finding.value), show(finding.instead)
    yield from _came_before(failure)
    began = f" began{failure.when(failing.began_time)}"
    if seen == writer:
        acknowledged = f" was acknowledged{failure.when(writer.settled_time)}, before "
        yield writer, acknowledged, failing, f"{began}: ", writer, " comes before ", failing, "."
    else:
        saw = f" {_got(failure, seen)}{failure.when(seen.settled_time)}, before "
        yield seen, saw, failing, f"{began}: by then {instead} was there."
    got, again = _got(failure, failing), f"nothing had written {value} again by then"
    yield failing, f" {got}, but ", writer, f" had replaced it by {instead}, and {again}: a contradiction."
    yield from _aftermath(failure, writer)


def _came_before(failure: Failure) -> Story:
    """That the old value was there before the new one."""
    finding = failure.finding
    older, newer, links = finding.part("older"), finding.parts["newer"][0], finding.parts["links"]
    value, instead = show(finding.value), show(finding.instead)
    began = f" began{failure.when(newer.began_time)}"
    if older is None and not (links and links[-1] == finding.part("writer")):
        first = show(cas_pair(failure.problem.label(links[0]))[0]) if links else value
        yield (f"The register held {first} at first, and nothing had written it since.",)
    elif older is not None and failure.problem.label(older).f not in ("read", "get"):
        yield (
            older,
            f" ended{failure.when(older.settled_time)}, before ",
            newer,
            f"{began}: ",
            older,
            " comes before ",
            newer,
            ".",
        )
    elif older is not None:
        shown = f" {_got(failure, older)}{failure.when(older.settled_time)}, before "
        yield older, shown, newer, f"{began}: {show(failure.problem.label(older).output)} came before {instead}."
    for link in links:
        old, new = map(show, cas_pair(failure.problem.label(link)))
        yield link, f" put {new} in the place of {old}: nothing came between them."


def _taken_twice(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    writer, value = finding.part("writers"), show(finding.value)
    yield finding.parts["taken"][0], f" took {value} away."
    if writer:
        yield failing, f" took {value} away too, but only ", writer, " had put it there, and only once: a contradiction."
    else:
        yield failing, f" took {value} away too, but it was there at first, and nothing put it there again: a contradiction."


def _aftermath(failure: Failure, writer: Call) -> Story:
    """What tells the kinds of overwritten values apart."""
    finding, failing = failure.finding, failure.failing
    value, instead = show(finding.value), show(finding.instead)
    match finding.kind:
        case "lost-write":
            yield (
                *_listed(finding.parts["again"]),
                f" saw older values, and nobody saw {instead} after it was acknowledged: it is lost.",
            )
        case "duplicate-apply":
            yield (
                finding.parts["between"][0],
                " had seen a newer value; after that ",
                *_listed(finding.parts["again"]),
                f" saw {value} again.",
            )
        case "dirty-read":
            yield writer, f" was never acknowledged, and nobody saw {instead} again."
        case "new-old-inversion":
            yield writer, " had not been acknowledged when ", failing, f" began: {instead} was seen, and then not any more."


def _unwritten(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    value = show(finding.value)
    puts = _puts(failure)
    failed, later = finding.part("failed"), finding.part("later")
    yield failing, f" {_got(failure, failing)}{failure.when(failing.settled_time)}."
    if failed:
        yield "Only ", failed, f" {puts} {value}, and it failed{failure.when(failed.settled_time)}: it did not happen."
    elif later:
        yield "Only ", later, f" {puts} {value}, and it began{failure.when(later.began_time)}, after ", failing, " had ended."
    elif finding.instead is not None:
        after = f"After {show(finding.instead)} it has {value}, and nothing that was appended begins so: a contradiction."
        yield (after if finding.instead else "Nothing that was there at first, put or appended begins so: a contradiction.",)
    else:
        yield (f"No operation {puts} {value}, and it was not there at first: a contradiction.",)


def _puts(failure: Failure) -> str:
    """What an operation does that puts a value there: "writes", "enqueues", "pushes"."""
    if not failure.finding.kind.endswith("-element"):
        reads_a_list = failure.problem.label(failure.failing).f == "read" and "append" in failure.spec.functions
        return "appends" if reads_a_list else "writes"
    putting = getattr(failure.spec.original, "putting", "add")
    return f"{putting}{'es' if putting.endswith('sh') else 's'}"


def _missing_element(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    added, seen = finding.parts["newer"][0], finding.part("seen")
    value, began = show(finding.value), f" began{failure.when(failing.began_time)}"
    stays = "no put had replaced the text" if "put" in failure.spec.functions else f"nothing had taken {value} out"
    if isinstance(finding.instead, int):  # of a list: it is there, but not as often as it was appended
        yield *_listed(finding.parts["newer"]), f" put {value} there before ", failing, f"{began}, and nothing had taken it out."
        yield failing, f" has it only {plural(finding.instead, 'time')}, which is too few: a contradiction."
        return
    yield (
        added,
        f" was acknowledged{failure.when(added.settled_time)}, before ",
        failing,
        f"{began}, and {stays}.",
    )
    if seen:
        yield seen, f" has {value}, but ", failing, " does not: a contradiction."
    else:
        yield failing, f" does not have {value}, and nobody has seen it since: a contradiction."


def _resurrected_element(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    older, newer, value = finding.parts["older"][0], finding.parts["newer"][0], show(finding.value)
    yield older, f" ended{failure.when(older.settled_time)}, before ", newer, f" began{failure.when(newer.began_time)}."
    yield (
        newer,
        f" was acknowledged{failure.when(newer.settled_time)}, before ",
        failing,
        f" began{failure.when(failing.began_time)}.",
    )
    yield failing, f" has {value} all the same, and nothing put it in again: a contradiction."


def _delivered_twice(failure: Failure) -> Story:
    value = show(failure.finding.value)
    yield failure.finding.parts["older"][0], f" put {value} in."
    yield failure.finding.parts["seen"][0], " took it out."
    yield failure.failing, f" took {value} out once more, and nothing else put it in: a contradiction."


def _out_of_order(failure: Failure) -> Story:
    finding, failing = failure.finding, failure.failing
    older, newer = finding.parts["older"][0], finding.parts["newer"][0]
    value, instead = show(finding.value), show(finding.instead)
    if not isinstance(failure.spec.original, PriorityQueue):
        yield older, f" ended{failure.when(older.settled_time)}, before ", newer, f" began{failure.when(newer.began_time)}."
    if failure.problem.label(failing).f in ("read", "get"):
        yield failing, f" has {value} before {instead}: a contradiction."
        return
    there = finding.part("there")
    if there is not None:
        ended = f" ended{failure.when(there.settled_time)}, before "
        yield there, ended, failing, f" began{failure.when(failing.began_time)}: {instead} had to come out first."
    yield failing, f" took {value} out, while nobody had taken {instead} out: a contradiction."


def _appended_twice(failure: Failure) -> Story:
    yield from ((append, " appends it.") for append in failure.finding.parts["older"])
    value = show(failure.finding.value)
    yield failure.failing, f" has {value} more often than it was appended: a contradiction."


def _parting_reads(failure: Failure) -> Story:
    other = failure.finding.parts["seen"][0]
    yield other, f" has {show(failure.finding.instead)} where ", failure.failing, f" has {show(failure.finding.value)}."
    yield ("What is appended comes after all that is there: one read goes on where another ends. A contradiction.",)


def _shrunk(failure: Failure) -> Story:
    longer, value = failure.finding.parts["seen"][0], show(failure.finding.value)
    yield longer, f" had {value}{failure.when(longer.settled_time)}, before ", failure.failing, " began."
    yield failure.failing, " does not have it, and nothing is ever taken out: a contradiction."


def _out_of_bounds(failure: Failure) -> Story:
    lower, upper = failure.finding.instead if isinstance(failure.finding.instead, list) else (None, None)
    yield failure.failing, f" returned {show(failure.finding.value)}{failure.when(failure.failing.settled_time)}."
    if lower == upper:
        yield (f"The total was {show(lower)} then, and no add was under way that could change it: a contradiction.",)
    else:
        yield (f"Whatever became of the adds under way, the total was between {show(lower)} and {show(upper)}: a contradiction.",)


def _as_searched(failure: Failure) -> Story:
    """What the search found, for kinds that no rule proves in a few calls."""
    failing = failure.failing
    if failure.placed:
        cut = "… , " if len(failure.placed) > CALLS_SHOWN else ""
        shown = _listed(failure.placed[-CALLS_SHOWN:], last=", ")
        yield "All that completed before ", failing, " has an order, for example ", cut, *shown, "."
    reasons = list(dict.fromkeys(reason for _, reason in failure.outcomes))
    if not reasons:
        yield "What ended before has an order only if ", failing, " did something else than it says: a contradiction."
        return
    more = "; and so on for other states" if len(reasons) > STATES_SHOWN else ""
    yield failing, f" fits no such order: {'; or '.join(reasons[:STATES_SHOWN])}{more}."
    placed = {call.began for call in failure.placed}
    left_out = [call for call in failure.open_calls if call.began not in placed]
    if left_out:
        yield "Putting in what was still open does not help: ", *_listed(left_out), "."


def _listed(calls: Sequence[Call], *, last: str = " and ") -> Iterator[Piece]:
    """Calls with commas between, and how many were left out."""
    shown = calls[:CALLS_SHOWN]
    for position, call in enumerate(shown):
        if position:
            yield last if position == len(calls) - 1 else ", "
        yield call
    if len(calls) > CALLS_SHOWN:
        yield f" and {len(calls) - CALLS_SHOWN} more"


STORIES: dict[str, Callable[[Failure], Story]] = {
    "phantom-read": _unwritten,
    "dirty-read": _unwritten,
    "phantom-element": _unwritten,
    "lost-element": _missing_element,
    "stale-read": _missing_element,
    "resurrected-element": _resurrected_element,
    "duplicate-delivery": _delivered_twice,
    "out-of-order": _out_of_order,
    "lost-append": _missing_element,
    "duplicate-append": _appended_twice,
    "incompatible-order": _parting_reads,
    "new-old-inversion": _shrunk,
    "out-of-bounds": _out_of_bounds,
}
