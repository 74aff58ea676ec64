"""Failures in classes: the same anomaly, the same causal shape.

A failure belongs to the class of the smallest shape that explains it (`Shape.covers`): the same fingerprint, and neither a kind
of fault nor a function that the failure does without. So a stale read that takes a partition and one that takes a partition
and a kill are one class; the second is told among its `shapes`. Two bugs whose anomalies look alike and of which one takes all
that the other takes, and more, share a class as well: that is the price. Classes depend on the failures and their order alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from chaoskit.core.soak import FailureClass, Shape, Trial


class Failures:
    """The failing runs of a soak, as they come: a number for each, and one whole trial a shape."""

    def __init__(self) -> None:
        self.smallest: list[Shape] = []  # of the classes, in the order in which each was seen first
        self._seeds: dict[Shape, list[int]] = {}
        self._first: dict[Shape, Trial] = {}

    def add(self, trial: Trial) -> bool:
        """Takes the next failing run: whether its shape is news, explained by none before."""
        shape = trial.shape
        assert shape is not None, "a failing run has a shape"
        self._seeds.setdefault(shape, []).append(trial.seed)
        self._first.setdefault(shape, trial)
        if any(known.covers(shape) for known in self.smallest):
            return False
        covered = [place for place, known in enumerate(self.smallest) if shape.covers(known)]
        self.smallest.insert(covered[0] if covered else len(self.smallest), shape)
        self.smallest = [known for known in self.smallest if known == shape or not shape.covers(known)]
        return True

    def classes(self, reproduce: Callable[[int], str]) -> list[FailureClass]:
        """The classes so far; `reproduce` gives the command line that makes a seed's run."""
        members: list[list[Shape]] = [[] for _ in self.smallest]
        for shape in self._seeds:
            members[_home(shape, self.smallest)].append(shape)
        return [self._class(shape, covered, reproduce) for shape, covered in zip(self.smallest, members, strict=True)]

    def _class(self, shape: Shape, members: Sequence[Shape], reproduce: Callable[[int], str]) -> FailureClass:
        typical = self._first[shape]
        return FailureClass(
            shape=shape,
            seeds=sorted(seed for member in members for seed in self._seeds[member]),
            shapes=_counted((member, len(self._seeds[member])) for member in members),
            seed=typical.seed,
            summary=typical.details[0],
            reproduce=reproduce(typical.seed),
        )


def join(classes: Sequence[FailureClass], shapes: Sequence[Shape]) -> list[FailureClass]:
    """The classes once their stories are known: one that another's story explains becomes part of it.

    `shapes` are those of the stories, or the classes' own where there is none.
    """
    smallest = [shape for place, shape in enumerate(shapes) if not _explained(shape, place, shapes)]
    members: list[list[int]] = [[] for _ in smallest]
    for place, shape in enumerate(shapes):
        members[_home(shape, smallest)].append(place)
    return [
        _joined(classes[shapes.index(shape)], shape, [classes[place] for place in places])
        for shape, places in zip(smallest, members, strict=True)
    ]


def _explained(shape: Shape, place: int, shapes: Sequence[Shape]) -> bool:
    """Whether a smaller shape explains this one, or an equal one before it."""
    return any(other.covers(shape) and (other != shape or before < place) for before, other in enumerate(shapes))


def _home(shape: Shape, smallest: Sequence[Shape]) -> int:
    """The first of the smallest shapes that explains this one."""
    return next(place for place, other in enumerate(smallest) if other.covers(shape))


def _joined(chosen: FailureClass, shape: Shape, members: Sequence[FailureClass]) -> FailureClass:
    return msgspec.structs.replace(
        chosen,
        shape=shape,
        seeds=sorted(seed for member in members for seed in member.seeds),
        shapes=_counted(counted for member in members for counted in member.shapes),
    )


def _counted(shapes: Iterable[tuple[Shape, int]]) -> list[tuple[Shape, int]]:
    """Each shape once, the most frequent first."""
    counts: Counter[Shape] = Counter()
    for shape, number in shapes:
        counts[shape] += number
    return sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
