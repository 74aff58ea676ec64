"""The ways to go wrong, one idea each: where it can happen in a story, and what clients would then have been answered.

A site names the calls it is about by place in the order (or by number, where a failed call has no place). A kind offers only
sites where something would truly have gone wrong: a read that is not one step stale but right is none, nor are two updates that
overlapped, and so might have come in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chaoskit.check.linear.normalise import Call
from chaoskit.check.power.answers import UnanswerableError, answered
from chaoskit.check.power.linearization import Linearization
from chaoskit.check.power.replay import Changes, Fault, again, retold
from chaoskit.spec import UNKNOWN, Label
from chaoskit.spec.exact import exact, identity, same

Site = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way to go wrong. `sites` are all places for it, in order; `change` what one of them would have changed."""

    name: str
    sites: Callable[[Linearization], Iterator[Site]]
    change: Callable[[Linearization, Site], Changes]
    calls: Callable[[Linearization, Site], Sequence[Call]]  # what an example of it names
    example: str  # with {0} for the first of these calls, {1} for the second, {answer} for what it would have returned


def stale_reads() -> Kind:
    """A read is answered from the state before the last update."""
    return Kind(
        name="stale-read",
        sites=_stale_sites,
        change=lambda told, site: {told.order[site[0]]: _before(told, site)},
        calls=_at_places,
        example="{0} could have returned {answer}",
    )


def lost_updates(*functions: str, name: str = "lost-write", taken: bool = False) -> Kind:
    """An acknowledged update has no effect; of these functions only, if some are named.

    `taken`: the update took something out, which is there still and goes to the next who asks.
    """

    def sites(told: Linearization) -> Iterator[Site]:
        return ((place,) for place in told.updates if not functions or told.label(place).f in functions)

    return Kind(
        name=name,
        sites=sites,
        change=lambda told, site: retold(told, Fault(lost=site[0])),
        calls=_at_places,
        example="what {0} took could have been given out again" if taken else "{0} could have been lost",
    )


def repeated_updates() -> Kind:
    """An acknowledged update takes effect once more, after the next one."""
    return Kind(
        name="duplicate-apply",
        sites=_repeated_sites,
        change=lambda told, site: retold(told, Fault(again=site[0], after=site[1])),
        calls=lambda told, site: [told.call(site[0])],
        example="{0} could have been applied twice",
    )


def reordered_updates() -> Kind:
    """Two neighbouring updates take effect in the wrong order, though the first was acknowledged before the second began."""
    return Kind(
        name="out-of-order",
        sites=lambda told: ((one, two) for one, two in pairwise(told.updates) if told.call(one).ended < told.call(two).began),
        change=lambda told, site: retold(told, Fault(lost=site[0], again=site[0], after=site[1])),
        calls=_at_places,
        example="{0} could have taken effect after {1}",
    )


def swapped_answers() -> Kind:
    """Two neighbouring calls that asked the same get each other's answers."""
    return Kind(
        name="swapped-answers",
        sites=_swapped_sites,
        change=lambda told, site: {
            told.order[one]: replace(told.label(one), output=told.label(two).output) for one, two in (site, site[::-1])
        },
        calls=_at_places,
        example="{0} and {1} could have been given each other's answer",
    )


def totals_off_by_one() -> Kind:
    """A read of a number returns one more."""
    return Kind(
        name="off-by-one",
        sites=lambda told: (
            (place,) for place in range(len(told)) if told.is_read(place) and type(told.label(place).output) is int
        ),
        change=_one_more,
        calls=_at_places,
        example="{0} could have returned {answer}",
    )


def granted_refusals() -> Kind:
    """A call that was refused is granted: its site is its number among the failed calls."""

    def change(told: Linearization, site: Site) -> Changes:
        label = told.problem.label(told.problem.failed[site[0]])
        return {len(told.problem.calls) + site[0]: replace(label, output=label.input)}

    return Kind(
        name="double-grant",
        sites=lambda told: ((number,) for number, call in enumerate(told.problem.failed) if call.settled is not None),
        change=change,
        calls=lambda told, site: [told.problem.failed[site[0]]],
        example="{0} could have been granted",
    )


def _one_more(told: Linearization, site: Site) -> Changes:
    label = told.label(site[0])
    assert isinstance(label.output, int)
    return {told.order[site[0]]: replace(label, output=label.output + 1)}


def _at_places(told: Linearization, site: Site) -> list[Call]:
    return [told.call(place) for place in site]


def _stale_sites(told: Linearization) -> Iterator[Site]:
    """(place of a read, place of the last update before it), where the state before that would have been another answer."""
    last = None
    for place in range(len(told)):
        if told.changes[place]:
            last = place
        elif last is not None and told.is_read(place) and told.call(place).returned:
            site = (place, last)
            try:
                if not _is_same(_before(told, site), told.label(place)):
                    yield site
            except UnanswerableError:
                continue


def _before(told: Linearization, site: Site) -> Label | None:
    """What the read would have returned before the last update."""
    return answered(told.spec, told.problem, told.states[site[1]], told.label(site[0]))


def _repeated_sites(told: Linearization) -> Iterator[Site]:
    """(place of an update, place of the update after which it comes again), where the state is then another."""
    changing = [place for place, changed in enumerate(told.changes) if changed]
    following = dict(pairwise(changing))
    for place in told.updates:
        after = following.get(place, place)
        state = told.states[after + 1]
        if identity(again(told.spec, state, told.label(place))) != identity(state):
            yield place, after


def _swapped_sites(told: Linearization) -> Iterator[Site]:
    last: dict[tuple[object, object], int] = {}
    for place in range(len(told)):
        label = told.label(place)
        if not told.call(place).returned or label.output is UNKNOWN:
            continue
        question = label.f, exact(label.input)
        other = last.get(question)
        if other is not None and not same(told.label(other).output, label.output):
            yield other, place
        last[question] = place


def _is_same(one: Label | None, other: Label) -> bool:
    return one is not None and same(one.output, other.output)
