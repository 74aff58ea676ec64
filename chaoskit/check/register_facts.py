"""The facts about a failing call on a register: who wrote what, who saw it, and what the order of calls says about that.

Values are told apart by who wrote them. Real time orders calls; a value written once was there for one stretch of time, so
that calls which saw two such values order their stretches; a cas joins two stretches with nothing between.

Source: Gibbons and Korach, "Testing shared memories", 1997 (zones of values).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.spec import FAILED, Label
from chaoskit.spec.cas_register import CasRegister, cas_pair
from chaoskit.spec.exact import exact
from chaoskit.spec.register import Register, observes

AT_FIRST = -1  # when the initial value was written
NOTHING: Hashable = object()  # what a call observes that observes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwriting:
    """Why v was gone when the failing call began.

    `older` shows v and ended before `newer` began, which shows x; `seen` shows x and ended before the failing call began.
    `writer` wrote x. Without `older`, v was there at first. With `links`, which are cas, `older` shows a value that they replaced
    one after the other up to v; or, without `older`, they replaced v up to x.
    """

    older: Call | None = None
    newer: Call
    seen: Call
    writer: Call
    value: Hashable  # x
    since: int  # what was written only after this came after v
    links: tuple[Call, ...] = ()


class RegisterFacts:
    """The facts about one failing call on a register that the table asks for."""

    def __init__(self, problem: Problem, failing: Call, register: Register | CasRegister) -> None:
        self.failing = failing
        self.initial = register.init()
        self.value = _effect(problem.label(failing), register)[0]
        self.writers: dict[Hashable, list[Call]] = {}
        self.observers: dict[Hashable, list[Call]] = {}
        self._replaced: dict[int, Hashable] = {}  # cas, by when it began → the value that it replaced
        self.observations: list[tuple[Call, Hashable]] = []  # of calls that returned, by when they began
        for call in problem.calls:
            label = problem.label(call)
            observed, written = _effect(label, register)
            if written is not NOTHING and label.output is not FAILED:
                self.writers.setdefault(written, []).append(call)
                if label.f == "cas":
                    self._replaced[call.began] = exact(cas_pair(label)[0])
            if observed is not NOTHING and call.returned:
                self.observations.append((call, observed))
                self.observers.setdefault(observed, []).append(call)
        self.failed_writers = [call for call in problem.failed if _effect(problem.label(call), register)[1] == self.value]

    @cached_property
    def possible_writers(self) -> list[Call]:
        """Who may have written v."""
        return self._writers_so_far(self.value)

    @property
    def unwritten(self) -> bool:
        """Can v not have been there at all?"""
        return self.value is not NOTHING and self.value != self.initial and not self.possible_writers

    @cached_property
    def overwriting(self) -> Overwriting | None:
        """How v was overwritten before the failing call began, if it was."""
        return None if self.value is NOTHING else self._by_real_time() or self._by_what_was_seen()

    @cached_property
    def taken_by(self) -> Call | None:
        """Another cas that replaced v, which was written once, while the failing cas did so too."""
        if not self._is_single(self.value) or self.failing.began not in self._replaced:
            return None
        seen_by = self.observers.get(self.value, ())
        others = [call for call in seen_by if call.began in self._replaced and call.ended < self.failing.ended]
        return next(iter(others), None)

    @property
    def acknowledged(self) -> bool:
        """Was v overwritten by a write that had returned before the failing call began?"""
        return self.overwriting is not None and self.overwriting.writer.ended < self.failing.began

    @cached_property
    def older_reads(self) -> list[Call]:
        """Who saw something older than x after the last sign of x: its acknowledgement, or its last sight if it never had one."""
        found = self.overwriting
        if found is None:
            return []
        last_sign = (
            found.writer.ended if found.writer.returned else max(call.ended for call in self.observers.get(found.value, ()))
        )
        return [call for call, value in self.observations if call.began > last_sign and self._is_older(value)]

    @property
    def lost(self) -> bool:
        """Did nobody see x after it was acknowledged, while older values were seen twice and nothing else between?"""
        found = self.overwriting
        if found is None or not self.acknowledged or len(self.writers[found.value]) > 1 or len(self.older_reads) < 2:
            return False
        later = [(call, value) for call, value in self.observations if call.began > found.writer.ended]
        last = self.older_reads[-1].began
        return all(value != found.value and (call.ended > last or self._is_older(value)) for call, value in later)

    @cached_property
    def newer_reads(self) -> list[Call]:
        """Who saw x, or another value that came after v, and ended before the failing call began."""
        return [call for call, value in self.observations if call.ended < self.failing.began and self._is_newer(value)]

    @cached_property
    def reads_again(self) -> list[Call]:
        """Who saw v after a newer value had been seen; the failing call is one of them."""
        first = min((call.ended for call in self.newer_reads), default=None)
        return [call for call in self.observers.get(self.value, ()) if first is not None and call.began > first]

    @property
    def came_back(self) -> bool:
        """Was a newer value seen, then v for good?"""
        later = [value for call, value in self.observations if call.began > self.failing.ended]
        if not self.acknowledged or not self.newer_reads:
            return False
        if any(self._is_newer(value) and self._writers_so_far(value) for value in later):
            return False
        pairs = ((newer, again) for newer in self.newer_reads for again in self.reads_again)
        same_eyes = any(newer.process == again.process and newer.ended < again.began for newer, again in pairs)
        return same_eyes or len({call.process for call in self.reads_again}) > 1

    @property
    def vanished(self) -> bool:
        """Was x, seen but never acknowledged, gone for good when the failing call looked?"""
        found = self.overwriting
        if found is None or found.writer.returned:
            return False
        if any(call.began > self.failing.began for call in self.observers.get(found.value, ())):
            return False
        settled = found.writer.settled
        return (settled is not None and settled < self.failing.began) or len(self.older_reads) > 1

    def _by_real_time(self) -> Overwriting | None:
        """v's writers had all ended when x's write began, and that had ended when the failing call began."""
        older = max(self.possible_writers, key=lambda call: call.ended, default=None)
        since = older.ended if older else AT_FIRST
        overwriters = [
            (call.ended, call, value)
            for value, calls in self.writers.items()
            for call in calls
            if value != self.value and call.began > since and call.ended < self.failing.began
        ]
        if not overwriters:
            return None
        _, writer, value = max(overwriters, key=lambda each: each[0])
        return Overwriting(older=older, newer=writer, seen=writer, writer=writer, value=value, since=since)

    def _by_what_was_seen(self) -> Overwriting | None:
        """v and x have one writer each, so that each was there for one stretch of time, and who saw them orders the stretches."""
        if not self._is_single(self.value):
            return None
        found = [each for value in self.writers if (each := self._overwritten_by(value)) is not None]
        return max(found, key=lambda each: (each.writer.ended < self.failing.began, each.seen.ended), default=None)

    def _overwritten_by(self, value: Hashable) -> Overwriting | None:
        """How this value was there after v and seen before the failing call began, if it was."""
        certain = self._certain(value)
        if value in (self.value, self.initial) or not self._is_single(value) or not certain:
            return None
        (writer,) = self._writers_so_far(value)
        seen = writer if writer.ended < self.failing.began else min(certain, key=lambda call: call.ended)
        if seen.ended >= self.failing.began:
            return None
        for before, links in self._chain(value):
            if before == self.value:  # by cas from v to x, one after the other
                return Overwriting(newer=writer, seen=seen, writer=writer, value=value, since=seen.ended, links=links)
        last = max(certain, key=lambda call: call.began)
        for before, links in self._chain(self.value):
            if before == value:
                return None
            for newer in (writer, last):
                shown = self._shown(before, newer)
                if shown is not None:
                    older, since = shown
                    return Overwriting(
                        older=older, newer=newer, seen=seen, writer=writer, value=value, since=since, links=links
                    )
        return None

    def _chain(self, value: Hashable) -> Iterator[tuple[Hashable, tuple[Call, ...]]]:
        """This value, the one that a cas replaced by it, and so on back; each with the cas from there to this value.

        Nothing can have been there between the two values of a cas, so that they share one stretch of time.
        """
        links: tuple[Call, ...] = ()
        while self._is_single(value):
            yield value, links
            writer = next(iter(self._writers_so_far(value)), None)
            replaced = self._replaced.get(writer.began) if writer else None
            if writer is None or replaced is None or len(links) > len(self.writers):
                return
            value, links = replaced, (writer, *links)

    def _shown(self, value: Hashable, newer: Call) -> tuple[Call | None, int] | None:
        """Who shows this value and ended before `newer` began, and when that was; the writer if it can."""
        writers = self._writers_so_far(value)
        if not writers:
            return None, AT_FIRST
        able = [call for call in self._certain(value) if call.ended < newer.began]
        if not able:
            return None
        older = writers[0] if writers[0] in able else min(able, key=lambda call: call.ended)
        return older, older.ended

    def _is_single(self, value: Hashable) -> bool:
        """Was this value written once, or there at first and never written?"""
        return len(self._writers_so_far(value)) + (value == self.initial) == 1

    def _certain(self, value: Hashable) -> list[Call]:
        """Who wrote or saw this value and returned before the failing call did."""
        calls = [*self.writers.get(value, ()), *self.observers.get(value, ())]
        return [call for call in calls if call.ended < self.failing.ended]

    def _writers_so_far(self, value: Hashable) -> list[Call]:
        return [call for call in self.writers.get(value, ()) if call.began < self.failing.ended]

    def _is_older(self, value: Hashable) -> bool:
        """Was this value there before x, and only before?"""
        found = self.overwriting
        assert found is not None
        writers = self.writers.get(value, ())
        return value == self.value or (value != found.value and all(call.ended < found.writer.began for call in writers))

    def _is_newer(self, value: Hashable) -> bool:
        """Was this value there after v, and only after?"""
        found = self.overwriting
        assert found is not None
        writers = self.writers.get(value, ())
        after = value not in (self.value, self.initial) and bool(writers) and all(call.began > found.since for call in writers)
        return value == found.value or after


def _effect(label: Label, register: Register | CasRegister) -> tuple[Hashable, Hashable]:
    """What a call observed of the register, and what it wrote to it if it happened."""
    if label.f == "read":
        return (exact(label.output) if observes(label, nil_read=register.nil_read) else NOTHING), NOTHING
    if label.f == "write":
        return NOTHING, exact(label.input)
    old, new = map(exact, cas_pair(label))
    return (NOTHING if label.output is FAILED else old), (NOTHING if old == new else new)
