"""The facts about a read of a list that has no place: what was appended, what other reads saw, and what is wrong with this one.

A list only grows, at its end. So each fact here is a contradiction in itself: an element that nobody had appended, one that is
there more often than it was appended, one that was acknowledged and is missing, two that stand in the wrong order, two reads of
which neither goes on from the other, an element that was seen before and is not there now.
"""

from __future__ import annotations

from collections import Counter as Counting
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from chaoskit.check.linear.normalise import Call

Elements = tuple[Hashable, ...]
AT_FIRST = -1  # before every call


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """A list as calls saw it: who appended what, and what answered reads returned, the failing one among them.

    It was there `since` then: what was appended before that may have gone with what was there before. `has_all_reads`: no read
    was left out because it cannot be told what it saw.
    """

    initial: Elements = ()
    appends: dict[Hashable, list[Call]]
    reads: list[tuple[Call, Elements]]  # by when they began
    since: int = AT_FIRST
    has_all_reads: bool = True


class ListFacts:
    """The facts about one failing read that the table asks for."""

    def __init__(self, growing: Growing, failing: Call) -> None:
        self.failing = failing
        self.growing = growing
        self.got = next(elements for call, elements in growing.reads if call == failing)
        self._counts = Counting(self.got)
        self._at_first = Counting(growing.initial)

    @cached_property
    def unwritten(self) -> list[Hashable]:
        """The elements that nobody had begun to append."""
        return [element for element in self.got if not self._at_first[element] and not self.appends_so_far(element)]

    @cached_property
    def repeated(self) -> list[Hashable]:
        """The elements that are there more often than they can have been appended."""
        return [element for element in self.got if self._counts[element] > self._possible(element)]

    @cached_property
    def missing(self) -> tuple[Hashable, list[Call]] | None:
        """An element that is there less often than was acknowledged before the read began, and those appends, the last first."""
        for element, calls in self.growing.appends.items():
            certain = [call for call in calls if self.growing.since < call.began and call.ended < self.failing.began]
            if certain and self._counts[element] < len(certain) + self._at_first[element]:
                return element, sorted(certain, key=lambda call: call.ended, reverse=True)
        return None

    @cached_property
    def seen_since(self) -> list[Call]:
        """Who saw the missing element, as often as it was acknowledged, after that."""
        element, certain = self._missed
        enough = len(certain) + self._at_first[element]
        return [call for call, elements in self._since() if elements.count(element) >= enough]

    @property
    def times_there(self) -> int:
        """How often the missing element is there all the same."""
        return self._counts[self._missed[0]]

    @property
    def lost(self) -> bool:
        """Did nobody see the missing element after it was acknowledged, though at least two looked?"""
        return self.growing.has_all_reads and self.missing is not None and not self.seen_since and len(self._since()) > 1

    @cached_property
    def misplaced(self) -> tuple[Hashable, Call, Hashable, Call] | None:
        """(earlier element, its append, later element, its append): the later one stands before the earlier one."""
        once = [element for element in self.got if self._counts[element] == 1 and self._is_single(element)]
        first: tuple[Hashable, Call] | None = None  # of those passed, the one whose append began last
        for element in once:
            (append,) = self.growing.appends[element]
            if first is not None and append.ended < first[1].began:
                return element, append, *first
            if first is None or append.began > first[1].began:
                first = element, append
        return None

    @cached_property
    def other(self) -> tuple[Call, Hashable, Hashable] | None:
        """A read that parts from this one, what this one has where they part, and what that one has there."""
        for call, elements in self._before():
            for one, two in zip(self.got, elements, strict=False):
                if one != two:
                    return call, one, two
        return None

    @cached_property
    def longer(self) -> tuple[Call, Hashable] | None:
        """A read that had ended before this one began and has more, and the first element that this one lacks."""
        for call, elements in self._before():
            if call.ended < self.failing.began and len(elements) > len(self.got):
                return call, elements[len(self.got)]
        return None

    def appends_so_far(self, element: Hashable) -> list[Call]:
        """Who had begun to append this element before the read ended."""
        return [call for call in self.growing.appends.get(element, ()) if call.began < self.failing.ended]

    def _possible(self, element: Hashable) -> int:
        return self._at_first[element] + len(self.appends_so_far(element))

    def _is_single(self, element: Hashable) -> bool:
        return not self._at_first[element] and len(self.growing.appends.get(element, ())) == 1

    @property
    def _missed(self) -> tuple[Hashable, list[Call]]:
        assert self.missing is not None
        return self.missing

    def _since(self) -> list[tuple[Call, Elements]]:
        """The reads that began after the missing element was acknowledged."""
        _, certain = self._missed
        return [(call, elements) for call, elements in self.growing.reads if call.began > certain[0].ended]

    def _before(self) -> list[tuple[Call, Elements]]:
        """The other reads that had ended when this one did."""
        return [each for each in self.growing.reads if each[0].ended < self.failing.ended]
