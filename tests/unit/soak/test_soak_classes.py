"""Failures in classes: what explains what, which run stands for a class, and what stories show to be one."""

from __future__ import annotations

from chaoskit.core.soak import FailureClass, Shape, Trial
from chaoskit.core.verdict import Fingerprint
from chaoskit.soak.classes import Failures, join

STALE, LOST = Fingerprint("linearizable", "stale-read"), Fingerprint("linearizable", "lost-write")


def shape(fingerprint: Fingerprint, *faults: str, functions: tuple[str, ...] = ("read", "write")) -> Shape:
    return Shape(fingerprint=fingerprint, faults=faults, functions=functions)


def failures(*shapes: Shape) -> Failures:
    """Failing runs of these shapes, seeds 1, 2, 3 …"""
    made = Failures()
    for seed, each in enumerate(shapes, 1):
        made.add(Trial(seed=seed, status="invalid", details=(f"what seed {seed} saw",), shape=each))
    return made


def classes(*shapes: Shape) -> list[FailureClass]:
    return failures(*shapes).classes(lambda seed: f"chaoskit run raft --seed {seed}")


def test_a_failure_that_takes_more_is_of_the_class_that_takes_less() -> None:
    """Also when the smaller one comes later: its run then stands for the class, and the first seed stays the first."""
    (found,) = classes(shape(STALE, "kill", "partition"), shape(STALE, "partition"), shape(STALE, "clock", "partition"))
    assert found.shape == shape(STALE, "partition")
    assert (found.seeds, found.seed, found.first) == ([1, 2, 3], 2, 1)
    assert (found.summary, found.reproduce) == ("what seed 2 saw", "chaoskit run raft --seed 2")
    assert [number for _, number in found.shapes] == [1, 1, 1]


def test_other_anomalies_other_faults_and_other_functions_are_other_classes() -> None:
    """None of these has all that another takes."""
    shapes = [
        shape(STALE, "partition"),
        shape(LOST, "partition"),
        shape(STALE, "kill"),
        shape(STALE, "partition", functions=("cas", "read")),
    ]
    assert [found.shape for found in classes(*shapes)] == shapes


def test_only_news_is_announced() -> None:
    """A shape that a known one explains is none; a smaller one is."""
    found = failures(shape(STALE, "kill", "partition"))
    assert not found.add(Trial(seed=2, status="invalid", shape=shape(STALE, "clock", "kill", "partition")))
    assert found.add(Trial(seed=3, status="invalid", shape=shape(STALE, "kill")))
    assert not found.add(Trial(seed=4, status="invalid", shape=shape(STALE, "kill")))


def test_a_failure_that_takes_no_fault_explains_all_of_its_kind() -> None:
    """With the same functions."""
    assert [found.seeds for found in classes(shape(STALE, "kill"), shape(STALE), shape(STALE, "clock"))] == [[1, 2, 3]]


def test_stories_show_classes_to_be_one() -> None:
    """A class whose story takes what another's takes, or more, is part of that one; its seeds and shapes go with it."""
    found = classes(shape(STALE, "clock", "kill"), shape(STALE, "partition"), shape(LOST, "kill"))
    joined = join(found, [shape(STALE, "partition"), shape(STALE, "partition"), shape(LOST, "kill")])
    assert [each.shape for each in joined] == [shape(STALE, "partition"), shape(LOST, "kill")]
    assert [each.seeds for each in joined] == [[1, 2], [3]]
    assert [each.seed for each in joined] == [1, 3]
    assert [len(each.shapes) for each in joined] == [2, 1]


def test_without_stories_classes_stay_as_they_are() -> None:
    """Each keeps its own shape."""
    found = classes(shape(STALE, "kill"), shape(LOST))
    assert join(found, [each.shape for each in found]) == found
