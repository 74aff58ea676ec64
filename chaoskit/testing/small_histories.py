"""Every small history, for tests that leave nothing out: all ways in which a few calls can overlap, with all labels.

Which client does what does not matter to a checker of one object, only who overlaps whom; so that no two of these are the same
but for names. A call that does not return may take effect at any later time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from chaoskit.check.linear.normalise import NEVER, Call, Problem
from chaoskit.spec import CompleteSpec, Label

Choice = tuple[Label, bool]  # what a call may be, and whether it returns
Interval = tuple[int, int]  # from its beginning to its end


def small_problems(spec: CompleteSpec, choices: Sequence[Choice], *, calls: int, clients: int) -> Iterator[Problem]:
    """Every history of exactly this many calls, at most this many of them open at once, not counting those that never return."""
    for chosen in product(range(len(choices)), repeat=calls):
        for intervals in overlaps([choices[choice][1] for choice in chosen], clients=clients):
            yield problem_of(spec, choices, chosen, intervals)


def problem_of(spec: CompleteSpec, choices: Sequence[Choice], chosen: Sequence[int], intervals: Sequence[Interval]) -> Problem:
    """A problem of these choices, by when they began. A read that never returns is left out, as `normalise` does."""
    problem = Problem(None)
    numbers: dict[int, int] = {}  # choice → its label's number
    for process, (choice, (began, ended)) in enumerate(zip(chosen, intervals, strict=True)):
        label = choices[choice][0]
        if ended == NEVER and spec.is_read(label):
            continue
        if choice not in numbers:
            numbers[choice] = len(problem.labels)
            problem.labels.append(label)
            problem.is_read.append(spec.is_read(label))
            problem.is_write.append(spec.is_write(label))
        settled = None if ended == NEVER else ended
        problem.calls.append(Call(began, ended, settled, numbers[choice], process, began, settled))
    return problem


def overlaps(returns: Sequence[bool], *, clients: int) -> Iterator[list[Interval]]:
    """Every way to interleave the beginnings of these calls, in this order, with the ends of those that return."""
    yield from _interleaved(list(returns), clients, [], [], 0)


def _interleaved(
    returns: list[bool], clients: int, intervals: list[Interval], opened: list[int], now: int
) -> Iterator[list[Interval]]:
    if len(intervals) == len(returns) and not opened:
        yield intervals
        return
    if len(intervals) < len(returns) and len(opened) < clients:
        number = len(intervals)
        still_open = [*opened, number] if returns[number] else opened
        yield from _interleaved(returns, clients, [*intervals, (now, NEVER)], still_open, now + 1)
    for number in opened:
        ended = [*intervals[:number], (intervals[number][0], now), *intervals[number + 1 :]]
        yield from _interleaved(returns, clients, ended, [other for other in opened if other != number], now + 1)
