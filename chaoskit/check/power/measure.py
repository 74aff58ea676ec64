"""How much of what could have gone wrong would have been noticed: mutants of a valid history, drawn, judged and counted.

What is drawn depends on the history alone: draws are addressed by kind, so that one more kind moves none of the others. How many
are tried is decided in operations, never by a clock: the operations that checking them goes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaoskit.check.clock import alarm
from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.power.answers import UnanswerableError
from chaoskit.check.power.figures import Figures, figures
from chaoskit.check.power.kinds import Kind, Site
from chaoskit.check.power.linearization import Linearization
from chaoskit.check.power.pages import has_page
from chaoskit.check.power.recheck import Judge, Mutant
from chaoskit.check.power.table import Entry, entries
from chaoskit.check.power.telling import advice, example, sentence
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import INVOKE
from chaoskit.core.verdict import Budget, Status
from chaoskit.draws import Draws
from chaoskit.spec import SPECS, CompleteSpec, Spec, complete
from chaoskit.spec.collection import Collection

TRIES_MAX = 200  # of a kind
TRIES_MIN = 20  # fewer say nothing
SEED = 0  # of all draws: the sample is the history's, not a run's


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What measuring may cost.

    Of a history with more operations than `looked_at`, some objects are drawn. `judged` are the operations of all mutants where
    blocks judge them; `by_path` where their path does, one by one; `searched` where a search does, which may visit so many
    `configurations`: none where that is nothing. An object with more operations than `searched_per_object` is not searched.
    """

    looked_at: int
    judged: int
    by_path: int = 0
    searched: int = 0
    searched_per_object: int = 0
    configurations: int = 0


CHEAP = Effort(looked_at=20_000, judged=500_000, by_path=40_000)  # beside a verdict that nobody asked to measure
ASKED = Effort(
    looked_at=100_000,
    judged=10_000_000,
    by_path=1_000_000,
    searched=400_000,
    searched_per_object=4_000,
    configurations=200_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPower:
    """What became of the mutants of one kind. `unseen` are those that nobody would have been answered otherwise by."""

    name: str
    many: str
    tried: int
    noticed: int
    unseen: int
    undecided: int
    example: str | None

    @property
    def sentence(self) -> str:
        return sentence(self.many, noticed=self.noticed, tried=self.tried, undecided=self.undecided)


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a green verdict is worth. Without kinds, `reason` says why nothing was measured."""

    kinds: tuple[KindPower, ...]
    figures: Figures
    advice: tuple[str, ...] = ()
    reason: str | None = None

    def results(self) -> dict[str, Any]:
        """As it stands among a verdict's results, JSON-like."""
        return {
            "kinds": [
                {
                    "kind": kind.name,
                    "tried": kind.tried,
                    "noticed": kind.noticed,
                    "unseen": kind.unseen,
                    "undecided": kind.undecided,
                    "sentence": kind.sentence,
                    "example": kind.example,
                }
                for kind in self.kinds
            ],
            "objects": self.figures.objects,
            "operations": self.figures.operations,
            "reads-percent": self.figures.reads_percent,
            "open-at-once": self.figures.open_at_once,
            "advice": list(self.advice),
            "reason": self.reason,
        }


def measure(history: History, spec: Spec | CompleteSpec, *, effort: Effort = ASKED, budget: Budget | None = None) -> Power:
    """The power of a valid history. Raises `UsageError` and `ModelError` as a check of it does."""
    whole, limits = complete(spec), budget or Budget()
    configurations = min(limits.configurations, effort.configurations)
    judge = Judge(whole, out_of_time=alarm(limits.wall_seconds))
    judge.allow(configurations)
    draws = Draws(SEED).child("power")
    objects = problems(_sample(history.clients(), whole, draws, effort), whole)
    told = [each for each in (_tell(judge, problem, effort) for problem in objects) if each is not None]
    looking = whole.original.taking if isinstance(whole.original, Collection) else "read"
    found = figures([each.problem for each in told], looking=looking)
    if not told:
        return unmeasured("no object can be judged again quickly enough")
    listed = entries(whole)
    tries = _tries(judge, told, effort, whole, kinds=len(listed))
    if tries < TRIES_MIN:
        return unmeasured(f"{found.operations:,} operations are too many to judge {TRIES_MIN} times")
    made = []
    for entry in listed:
        judge.allow(configurations // len(listed))
        made.append(_kind_power(entry, told, judge, draws.child(entry.kind.name), tries))
    kinds = tuple(kind for kind in made if kind is not None)
    noticed, unseen = sum(kind.noticed for kind in kinds), sum(kind.unseen for kind in kinds)
    said = tuple(advice(found, tried=sum(kind.tried - kind.undecided for kind in kinds), noticed=noticed, unseen=unseen))
    return Power(kinds=kinds, figures=found, advice=said, reason=None if kinds else "nothing in it could have gone wrong so")


def unmeasured(reason: str) -> Power:
    """Nothing was measured, for this reason."""
    return Power(kinds=(), figures=figures([]), reason=reason)


def _sample(clients: History, spec: CompleteSpec, draws: Draws, effort: Effort) -> History:
    """The history without objects that are too large to be judged often enough, and, where it is large, with some of the others.

    Of our specs an object is a key; what the objects of a person's own spec are, only the spec knows: it is taken whole.
    """
    entry = SPECS.get(spec.original.name)
    if entry is None or type(spec.original) is not entry.make:
        return clients
    most = max(_quick(effort, spec), effort.searched) // (TRIES_MIN * len(entries(spec)))
    sizes = {int(part.keys[0]): int((part.types == TYPE_CODES[INVOKE]).sum()) for _, part in clients.split_keys()}
    small = [key for key, size in sizes.items() if size <= most]
    chosen = np.zeros(len(clients.values), dtype=bool)
    left = effort.looked_at
    for key in draws.shuffle(small, "objects") if sum(sizes.values()) > left else small:
        left -= sizes[key]
        if left < 0 and chosen.any():
            break
        chosen[key] = True
    return clients if chosen.sum() == len(sizes) else clients.where(chosen[clients.keys])


def _tell(judge: Judge, problem: Problem, effort: Effort) -> Linearization | None:
    """The object's story, if it may be judged again."""
    is_searched = len(problem.calls) <= effort.searched_per_object
    return judge.tell(problem) if problem.calls and (is_searched or judge.is_quick(problem)) else None


def _quick(effort: Effort, spec: CompleteSpec) -> int:
    """How many operations of mutants may be judged without a search."""
    return effort.by_path if has_page(spec) else effort.judged


def _tries(judge: Judge, told: Sequence[Linearization], effort: Effort, spec: CompleteSpec, *, kinds: int) -> int:
    """How many mutants of each kind may be judged: the mean object decides, larger ones counting for more."""
    operations = sum(len(each.problem.calls) for each in told)
    mean = sum(len(each.problem.calls) ** 2 for each in told) // max(1, operations)
    allowed = _quick(effort, spec) if all(judge.is_quick(each.problem) for each in told) else effort.searched
    return min(TRIES_MAX, allowed // max(1, mean * kinds))


def _kind_power(entry: Entry, told: Sequence[Linearization], judge: Judge, draws: Draws, tries: int) -> KindPower | None:
    """The power of one kind; None where there is no place for it."""
    kind = entry.kind
    sites = [(each, site) for each in told for site in kind.sites(each)]
    chosen = _chosen(len(sites), tries, draws)
    made = [(*sites[number], _mutant(kind, *sites[number])) for number in chosen]
    mutants = [(each, site, mutant) for each, site, mutant in made if mutant is not None]
    statuses = judge.statuses([mutant for _, _, mutant in mutants])
    if not mutants:
        return None
    passed = [case for case, status in zip(mutants, statuses, strict=True) if status is Status.VALID]
    return KindPower(
        name=kind.name,
        many=entry.many,
        tried=len(mutants),
        noticed=statuses.count(Status.INVALID),
        unseen=sum(not mutant.changes for _, _, mutant in mutants),
        undecided=statuses.count(Status.UNKNOWN),
        example=next((example(kind, each, site, mutant.changes) for each, site, mutant in passed), None),
    )


def _chosen(size: int, tries: int, draws: Draws) -> list[int]:
    """Some of so many places, in order; all of few."""
    if size <= tries:
        return list(range(size))
    chosen: dict[int, None] = {}
    attempt = 0
    while len(chosen) < tries:
        chosen[draws.integer(0, size - 1, "site", attempt)] = None
        attempt += 1
    return sorted(chosen)


def _mutant(kind: Kind, told: Linearization, site: Site) -> Mutant | None:
    try:
        return Mutant(told, kind.change(told, site))
    except UnanswerableError:
        return None
