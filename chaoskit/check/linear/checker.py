"""Linearizability as a checker: every object of a history is judged on its own.

Objects are judged from the smallest to the largest, out of one budget of configurations; each may spend a little even when
that is used up, so that a hard object does not hide what is wrong with an easy one. `valid` is always proved: the
linearization that was found is replayed, through the spec where it was searched for, by a register's semantics over columns
where blocks gave it. `unknown` names the limit, the operation where the search stood, and what to change. A decision comes before
its evidence, which is worked out when it is asked for; a check asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Any, ClassVar

from chaoskit.check.clock import Alarm, alarm
from chaoskit.check.linear.apart import apart, together
from chaoskit.check.linear.decided import Decision, Failing, failing_by_search
from chaoskit.check.linear.explain import short_name
from chaoskit.check.linear.layout import Layout, lay_out
from chaoskit.check.linear.normalise import Call, Problem, problems
from chaoskit.check.linear.paths import CONFIGURATIONS_PER_CALL, FEW_CALLS, SEARCH_UP_TO, Telling
from chaoskit.check.linear.processes import Searched, renumbered, searched_at_once
from chaoskit.check.linear.quick import Quick, judge_quickly
from chaoskit.check.linear.search import CLOCK_EVERY, Found, GaveUp, Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.check.watch import Progress, Watch
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import Value
from chaoskit.core.units import MILLION, plural
from chaoskit.core.verdict import Budget, Status, Verdict, merge
from chaoskit.spec import CompleteSpec, Spec, complete, spec_text
from chaoskit.spec.counter import Counter
from chaoskit.spec.set import Set
from chaoskit.spec.text import show_key

FEW_READS = 20  # percent: with fewer it is long unknown what the object holds
WITNESS_CALLS = FEW_CALLS  # up to so many calls the linearization is among the results without being asked for


@dataclass(frozen=True)
class Linearizable:
    """Is the history of every object linearizable under this spec?

    `witness` puts the linearizations among the results: True always, False never, None for small histories. Histories of up to
    `search_up_to` calls are always searched (None: as many as a search is quick for); of larger ones, what can be is judged
    without a search. With more than one of `processes`, hard objects are searched at once when that pays; the verdict is the
    same. `stop_at_first`: once one is bad no further object is searched, and of all that are known to be bad only the one that
    fails first is explained. `watch` is told now and then how far a search is.
    """

    spec: Spec | CompleteSpec
    _: KW_ONLY
    witness: bool | None = None
    search_up_to: int | None = None
    processes: int = 1
    stop_at_first: bool = False
    watch: Watch | None = field(default=None, compare=False)

    name: ClassVar[str] = "linearizable"

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        """The verdict. Raises `ModelError` when the spec breaks its contract, `UsageError` when the history does not fit it."""
        return self.decide(history, budget=budget).explained(first_only=self.stop_at_first)

    def decide(self, history: History, *, budget: Budget) -> Decision:
        """The verdict and where each bad object fails, without the evidence. Raises as `check` does."""
        spec = complete(self.spec)
        has_times = bool(history.times.any())
        telling = Telling(self.name, has_times, budget.configurations)
        quick = judge_quickly(
            history.clients(), spec, search_up_to=self.search_up_to, witness=bool(self.witness), telling=telling
        )
        objects = problems(quick.left, spec)
        parts = _parts(objects, spec, more_than=SEARCH_UP_TO if self.search_up_to is None else self.search_up_to)
        judge = _Judge(spec, self.name, budget, has_times=has_times, watch=self.watch)
        if not (self.stop_at_first and quick.failing):
            judge.judge_all(parts, processes=self.processes, stop_at_first=self.stop_at_first)
        quick_statuses = [Status.VALID] * bool(quick.good) + [Status.INVALID] * bool(quick.failing)
        return Decision(
            checker=self.name,
            status=merge([*quick_statuses, *judge.statuses]),
            reason=judge.reason(),
            failing=tuple(sorted([*quick.failing, *_first(parts, judge.failing)], key=_where)),
            results=self._results(quick, objects, parts, judge),
        )

    def _results(self, quick: Quick, objects: list[Problem], parts: list[tuple[Problem, int]], judge: _Judge) -> dict[str, Any]:
        keys = quick.good + len(quick.failing)
        calls = quick.calls + sum(len(problem.calls) for problem in objects)
        results: dict[str, Any] = {
            "spec": spec_text(judge.spec),
            "keys": keys + len(objects),
            "operations": calls,
            "configurations": judge.configurations,
        }
        if keys:
            results["keys-without-search"] = keys
        if left := len(dict.fromkeys(place for _, place in parts[len(judge.statuses) :])):
            results["keys-not-judged"] = left
        witnesses = [*quick.witnesses, *_witnesses(objects, parts, judge.orders)]
        if witnesses and (calls <= WITNESS_CALLS if self.witness is None else self.witness):
            results["witness"] = [{"key": key, "order": order} for key, order in witnesses]
        return results


def _parts(objects: list[Problem], spec: CompleteSpec, *, more_than: int) -> list[tuple[Problem, int]]:
    """What is judged on its own, and the place of the object that it belongs to: the smallest object first."""
    places = sorted(range(len(objects)), key=lambda place: len(objects[place].calls))
    return [
        (part, place)
        for place in places
        for part in (apart(objects[place], spec) if len(objects[place].calls) > more_than else [objects[place]])
    ]


def _witnesses(
    objects: list[Problem], parts: list[tuple[Problem, int]], orders: dict[int, list[int]]
) -> Iterator[tuple[Value, list[int]]]:
    """The linearizations of the objects of which every part has one, by key."""
    found: dict[int, list[list[int] | None]] = {}
    for number, (_, place) in enumerate(parts):
        found.setdefault(place, []).append(orders.get(number))
    for place, of_parts in found.items():
        known = [order for order in of_parts if order is not None]
        if len(known) == len(of_parts):
            yield objects[place].key, together(known)


def _first(parts: list[tuple[Problem, int]], failing: dict[int, Failing]) -> list[Failing]:
    """Of each bad object the part that fails first."""
    found: dict[int, Failing] = {}
    for number, each in failing.items():
        place = parts[number][1]
        found[place] = min(found.get(place, each), each, key=_where)
    return list(found.values())


def _where(failing: Failing) -> int:
    return failing.op


class _Judge:
    """Judges one object after the other out of one budget, and keeps what it found."""

    def __init__(self, spec: CompleteSpec, name: str, budget: Budget, *, has_times: bool, watch: Watch | None) -> None:
        self.spec = spec
        self.statuses: list[Status] = []
        self.failing: dict[int, Failing] = {}  # by place among the problems
        self.orders: dict[int, list[int]] = {}  # linearizations by place among the problems
        self.configurations = 0
        self._name = name
        self._budget = budget
        self._has_times = has_times
        self._out_of_time = alarm(budget.wall_seconds)
        self._watch = watch
        self._reasons: list[str] = []

    def judge_all(self, parts: list[tuple[Problem, int]], *, processes: int, stop_at_first: bool) -> None:
        """Judges these in order, and where it stops at the first, all parts of the first bad object."""
        objects = [part for part, _ in parts]
        searched: Generator[tuple[Problem, Searched | None], None, None] = ((problem, None) for problem in objects)
        if processes > 1 and len(objects) > 1 and self._out_of_time is None:
            limit = self._budget.configurations
            searched = searched_at_once(
                objects,
                self.spec,
                limit=limit,
                processes=processes,
                stop_at_first=stop_at_first,
                pulse=partial(self._tell, objects),
            )
        with closing(searched):  # Ctrl-C leaves no processes behind
            for problem, known in searched:
                self._judge(problem, known, len(objects))
                done = len(self.statuses)
                is_last = done == len(parts) or parts[done][1] != parts[done - 1][1]
                if stop_at_first and is_last and self.failing:
                    return

    def _judge(self, problem: Problem, known: Searched | None, objects: int) -> None:
        layout = lay_out(problem)
        table = Table(self.spec, problem.labels, problem.is_read)
        left = self._budget.configurations - self.configurations
        own = CONFIGURATIONS_PER_CALL * len(problem.calls)
        limit = min(self._budget.configurations, max(left, own))
        if known is not None and (known[0].configurations < limit or limit == self._budget.configurations):
            found = renumbered(known[0], table.number, known[1])
        else:
            found = search(layout, table, limit=limit, out_of_time=self._clock(problem, layout, objects))
        self.configurations += found.configurations
        match found:
            case Found():
                prove(problem, self.spec, [(call, table.states[state]) for call, state in found.order])
                self.orders[len(self.statuses)] = [problem.calls[call].began for call, _ in found.order]
                self.statuses.append(Status.VALID)
            case Stuck():
                self.failing[len(self.statuses)] = failing_by_search(
                    problem, layout, table, found, checker=self._name, has_times=self._has_times
                )
                self.statuses.append(Status.INVALID)
            case GaveUp():
                self.statuses.append(Status.UNKNOWN)
                self._reasons.append(_gave_up(problem, layout, found, limit=limit, spec=self.spec, budget=self._budget))

    def _clock(self, problem: Problem, layout: Layout, objects: int) -> Alarm | None:
        """What the search asks whether its time is up."""
        if self._watch is None:
            return self._out_of_time
        progress = Progress(len(self.statuses) + 1, objects, problem.key, 0, len(layout.stops), self.configurations)
        return _Watched(self._watch, progress, self._out_of_time)

    def _tell(self, objects: list[Problem]) -> None:
        """Which object's answer is waited for, while others search."""
        if self._watch is not None:
            place = len(self.statuses)
            self._watch(Progress(place + 1, len(objects), objects[place].key, 0, 0, self.configurations))

    def reason(self) -> str | None:
        """Why the verdict is unknown, None where no object's is."""
        if not self._reasons:
            return None
        others = len(self._reasons) - 1
        return self._reasons[0] + (f" ({plural(others, 'more key')} undecided)" if others else "")


class _Watched:
    """A clock that tells somebody how far the search is when it is asked for the time."""

    def __init__(self, watch: Watch, progress: Progress, clock: Alarm | None) -> None:
        self._watch, self._progress, self._clock = watch, progress, clock

    def __call__(self, reached: int = 0, /) -> bool:
        before = self._progress
        self._progress = before._replace(answers=max(before.answers, reached), configurations=before.configurations + CLOCK_EVERY)
        self._watch(self._progress)
        return self._clock is not None and self._clock()


def _gave_up(problem: Problem, layout: Layout, found: GaveUp, *, limit: int, spec: CompleteSpec, budget: Budget) -> str:
    """Where the search stood, after how much; what makes it long there; and what to change."""
    call = problem.calls[layout.stops[found.stop].call]
    label = problem.label(call)
    where = "" if problem.key is None else f" on key {show_key(problem.key)}"
    op = f"op {call.began} ({short_name(label.f, call.began)} {spec.describe_op(label)})"
    why, advice = _what_is_hard(problem, call, spec)
    if found.clock:
        return (
            f"gave up{where} at {op} after {budget.wall_seconds:g} s of wall time, {why}, "
            "which is not reproducible: another machine may get further; "
            f"try --budget wall={10 * (budget.wall_seconds or 0):g}s, or {advice}"
        )
    more = budget.configurations * 10
    text = f"{more // MILLION}M" if more % MILLION == 0 else str(more)
    spent = plural(limit, "configuration")
    return f"gave up{where} at {op} after {spent}, {why}; try --budget states={text}, or {advice}"


def _what_is_hard(problem: Problem, call: Call, spec: CompleteSpec) -> tuple[str, str]:
    """What makes a search long when this call ends, and what would make it short."""
    unanswered = sum(each.began < call.ended and not each.returned for each in problem.calls)
    open_calls = sum(each.began < call.ended <= each.ended and each.returned for each in problem.calls)
    reads = 100 * sum(problem.is_read[each.label] for each in problem.calls) // len(problem.calls)
    never = f", {unanswered} more never answered," if unanswered else ""
    why = f"with {plural(open_calls, 'operation')} open at once{never} and {reads} % reads"
    if type(spec.original) is Set:
        return why, "'contains' in the place of reads of the whole set, so that each element is judged on its own"
    if type(spec.original) is Counter and len({label.input for label in problem.labels if label.f == "add"}) > 1:
        return why, "adds of one amount, which need no search"
    if unanswered > open_calls:
        return why, "longer time-outs, so that fewer are left unanswered"
    return why, "more reads" if reads < FEW_READS else "fewer clients (--clients)"
