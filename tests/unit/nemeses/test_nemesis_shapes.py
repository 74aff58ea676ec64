"""The geometry of partitions."""

from __future__ import annotations

import pytest

from chaoskit.nemeses.shapes import bridge, complete_grudge, groups_of, majorities_ring, one_way, pair

FIVE = ["n1", "n2", "n3", "n4", "n5"]


def seen(grudge: dict[str, list[str]], nodes: list[str]) -> dict[str, frozenset[str]]:
    """Whom each node still hears, itself included."""
    return {node: frozenset(nodes) - frozenset(grudge.get(node, [])) for node in nodes}


@pytest.mark.parametrize("count", [3, 4, 5])
def test_on_a_majorities_ring_everybody_sees_a_majority_and_no_two_the_same(count: int) -> None:
    """The perfect ring: a majority for each node, each another one."""
    nodes = FIVE[:count]
    views = seen(majorities_ring(nodes), nodes)
    assert all(len(view) == count // 2 + 1 and node in view for node, view in views.items())
    assert len(set(views.values())) == count


@pytest.mark.parametrize("count", [6, 7, 9, 12])
def test_on_a_large_ring_everybody_sees_a_majority_both_ways(count: int) -> None:
    """The stochastic ring: who sees is seen, all see a majority and hardly anybody sees all."""
    nodes = [f"n{number}" for number in range(count)]
    views = seen(majorities_ring(nodes), nodes)
    assert all(len(view) >= count // 2 + 1 for view in views.values())
    assert all((other in views[node]) == (node in views[other]) for node in nodes for other in nodes)
    assert sum(len(view) == count for view in views.values()) < count // 2


def test_bridge_leaves_one_node_in_touch_with_both_halves() -> None:
    """n3 hears everybody and is heard by everybody; the halves are apart."""
    assert bridge(FIVE) == {"n1": ["n4", "n5"], "n2": ["n4", "n5"], "n4": ["n1", "n2"], "n5": ["n1", "n2"]}


def test_halves_of_an_odd_cluster_leave_a_majority() -> None:
    """Two against three."""
    assert groups_of("halves", FIVE, 0) == [["n1", "n2"], ["n3", "n4", "n5"]]


def test_halves_of_an_even_cluster_leave_no_majority() -> None:
    """Two against two, where `majority` leaves three."""
    assert groups_of("halves", FIVE[:4], 0) == [["n1", "n2"], ["n3", "n4"]]
    assert groups_of("majority", FIVE[:4], 0) == [["n1"], ["n2", "n3", "n4"]]


@pytest.mark.parametrize(("count", "cut_off"), [(2, 1), (3, 1), (4, 1), (6, 1), (7, 2), (10, 3)])
def test_minority_third_is_just_under_a_third(count: int, cut_off: int) -> None:
    """At least one, else (n - 1) // 3."""
    groups = groups_of("minority-third", [str(number) for number in range(count)], 0)
    assert len(groups[0]) == cut_off


def test_a_split_grows_round_those_it_is_aimed_at() -> None:
    """The first of the order are cut off; more than the shape wants stay together."""
    assert groups_of("majority", ["n4", "n1", "n2", "n3", "n5"], 1) == [["n4", "n1"], ["n2", "n3", "n5"]]
    assert groups_of("one", ["n4", "n1", "n2", "n3", "n5"], 2) == [["n4", "n1"], ["n2", "n3", "n5"]]


def test_every_primary_is_alone() -> None:
    """Two nodes that both believe they lead are kept apart from each other, too."""
    assert groups_of("primaries", FIVE, 2) == [["n1"], ["n2"], ["n3", "n4", "n5"]]


def test_complete_grudge_is_mutual() -> None:
    """Nobody hears anyone of another group."""
    assert complete_grudge([["a"], ["b", "c"]]) == {"a": ["b", "c"], "b": ["a"], "c": ["a"]}


def test_one_way_cut_keeps_one_half_of_the_grudge() -> None:
    """In: those cut off hear nobody. Out: nobody hears them."""
    grudge = complete_grudge([["a"], ["b", "c"]])
    assert one_way(grudge, ["a"], "in") == {"a": ["b", "c"]}
    assert one_way(grudge, ["a"], "out") == {"b": ["a"], "c": ["a"]}
    assert one_way(grudge, ["a"], "both") == grudge


def test_pair_cuts_a_single_link() -> None:
    """The partial partition that makes leaders flap: all others see both."""
    assert pair(FIVE) == {"n1": ["n2"], "n2": ["n1"]}
