"""Classes for any failures: each in exactly one, explained by it, whatever came first; and shapes for any way to fail."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.soak import FailureClass, Shape, Trial
from chaoskit.core.verdict import Fingerprint
from chaoskit.soak.classes import Failures, join
from chaoskit.soak.shape import needed_kinds

KINDS = ("clock", "disk", "kill", "packet", "partition")
LAWS = settings(deadline=None, derandomize=True, max_examples=200)

subsets = st.lists(st.sampled_from(KINDS), unique=True).map(lambda kinds: tuple(sorted(kinds)))
shapes = st.builds(
    Shape,
    fingerprint=st.sampled_from(["stale-read", "lost-write"]).map(lambda kind: Fingerprint("linearizable", kind)),
    faults=subsets,
    functions=st.sampled_from([(), ("read",), ("read", "write"), ("cas", "read")]),
)


def classes_of(found: Sequence[tuple[int, Shape]]) -> list[FailureClass]:
    """The classes of failing runs, given as seeds and shapes."""
    failures = Failures()
    for seed, shape in found:
        failures.add(Trial(seed=seed, status="invalid", details=("wrong",), shape=shape))
    return failures.classes(str)


def minimal(found: Sequence[Shape]) -> set[Shape]:
    """By definition: those that no other one explains."""
    return {shape for shape in found if not any(other != shape and other.covers(shape) for other in found)}


@LAWS
@given(found=st.lists(shapes, max_size=12))
def test_classes_are_the_smallest_shapes_and_hold_every_failure_once(found: list[Shape]) -> None:
    """Each member is explained by its class; a class' own run has just its shape; nothing is counted twice or lost."""
    classes = classes_of(list(enumerate(found, 1)))
    assert {each.shape for each in classes} == minimal(found)
    assert len(classes) == len(minimal(found))
    assert sorted(seed for each in classes for seed in each.seeds) == list(range(1, len(found) + 1))
    for each in classes:
        assert all(each.shape.covers(found[seed - 1]) for seed in each.seeds)
        assert found[each.seed - 1] == each.shape
        assert sum(number for _, number in each.shapes) == len(each.seeds)
        assert {shape for shape, _ in each.shapes} == {found[seed - 1] for seed in each.seeds}


@LAWS
@given(found=st.lists(shapes, max_size=8), data=st.data())
def test_what_came_first_decides_no_shape(found: list[Shape], data: st.DataObject) -> None:
    """The same failures in another order make classes of the same shapes."""
    numbered = list(enumerate(found, 1))
    shuffled = data.draw(st.permutations(numbered))
    assert {each.shape for each in classes_of(shuffled)} == {each.shape for each in classes_of(numbered)}


@LAWS
@given(found=st.lists(shapes, min_size=1, max_size=8), data=st.data())
def test_joined_classes_lose_no_seed(found: list[Shape], data: st.DataObject) -> None:
    """Whatever the stories turn out to be; what is left explains none of the others."""
    classes = classes_of(list(enumerate(found, 1)))
    told = data.draw(st.lists(shapes, min_size=len(classes), max_size=len(classes)))
    joined = join(classes, told)
    assert {each.shape for each in joined} == minimal(told)
    assert sorted(seed for each in joined for seed in each.seeds) == list(range(1, len(found) + 1))
    assert join(joined, [each.shape for each in joined]) == joined


@LAWS
@given(kinds=subsets, ways=st.lists(subsets, min_size=1, max_size=3))
def test_no_kind_of_a_shape_can_be_left_out(kinds: tuple[str, ...], ways: list[tuple[str, ...]]) -> None:
    """For failures that more faults never mend: what is found fails, and with any kind fewer it does not."""

    def fails_with(some: Sequence[str]) -> bool:
        return set(some) >= set(kinds) or any(set(way) <= set(some) for way in ways)

    faults = [Fault(id=kind, when=At(time=1), who="one", kind=kind) for kind in kinds]
    pacing = Pacing(ops=1, rate=1, time_limit=1, op_timeout=1, recovery=1)
    plan = Plan(seed=1, model="abd", workload="register", cluster=Cluster(nodes=["n1"]), pacing=pacing, faults=faults)
    needed, probes = needed_kinds(plan, lambda tried: fails_with([fault.kind for fault in tried.faults]))
    assert set(needed) <= set(kinds)
    assert fails_with(needed)
    assert not any(fails_with([kind for kind in needed if kind != left_out]) for left_out in needed)
    assert probes <= 1 + 2 * len(kinds)
