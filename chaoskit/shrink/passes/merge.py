"""Two faults of a kind as one: with the targets of both, from where either begins to where either ends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import with_faults
from chaoskit.shrink.search import Search

FAULTS_MAX = 8  # with more of them two are made one only where nothing of a kind comes between them


def run(search: Search) -> None:
    """Neighbours first; whatever can be merged is."""
    while search.first(_candidates(search.plan)) is not None:
        pass


def _candidates(plan: Plan) -> Iterator[Plan]:
    faults = sorted((fault for fault in plan.faults if isinstance(fault.when, At)), key=_begin)
    pairs = [(first, second) for first, second in combinations(faults, 2) if first.kind == second.kind]
    if len(plan.faults) > FAULTS_MAX:
        pairs = list({first.id: (first, second) for first, second in reversed(pairs)}.values())[::-1]
    for first, second in pairs:
        for one in _as_one(first, second):
            rest = [fault for fault in plan.faults if fault.id != second.id]
            yield with_faults(plan, [one if fault.id == first.id else fault for fault in rest])


def _as_one(first: Fault, second: Fault) -> Iterator[Fault]:
    """The first with the targets of both, for as long as both or as one of them: the longest first."""
    if isinstance(first.who, str) or isinstance(second.who, str):
        return
    who = list(dict.fromkeys([*first.who, *second.who]))
    parameters = [first.parameters] if first.parameters == second.parameters else [first.parameters, second.parameters]
    for given, (begin, end) in product(parameters, product((_begin(first), _begin(second)), (_end(second), _end(first)))):
        if end is None or end >= begin:
            lasting = None if end is None else end - begin
            yield msgspec.structs.replace(first, who=who, parameters=given, when=At(time=begin), lasting=lasting)


def _begin(fault: Fault) -> int:
    assert isinstance(fault.when, At), "wishes are no instants"
    return fault.when.time


def _end(fault: Fault) -> int | None:
    return None if fault.lasting is None else _begin(fault) + fault.lasting
