"""The geometry of partitions: who can no longer hear whom.

A *grudge* says, for each node, whose messages it drops (Jepsen's word). Shapes are pure functions of an order of the nodes:
where a shape needs chance, the order is shuffled beforehand; where it is to isolate certain nodes, they come first.

Majorities-ring: every node sees a majority, but no majority is everybody's (jepsen.nemesis: perfect up to five nodes,
stochastic above).
"""

from __future__ import annotations

from collections.abc import Sequence

Grudge = dict[str, list[str]]
Groups = list[list[str]]

SHAPES = {
    "one": "one node is alone",
    "minority-third": "just under a third is cut off",
    "majority": "a minority is cut off from a majority",
    "halves": "two halves; of an odd number the second is a majority",
    "primaries": "every primary is alone",
    "majorities-ring": "every node sees a majority, each another one",
    "bridge": "two halves that only one node can both speak with",
    "pair": "two nodes do not hear each other, all others hear everybody",
}
SPLITS = frozenset({"one", "minority-third", "majority", "halves", "primaries"})  # shapes that are groups of nodes
PERFECT_RING_MAX = 5


def groups_of(shape: str, order: Sequence[str], aimed: int) -> Groups:
    """The groups of a split, those cut off first; the first `aimed` nodes of the order are cut off in any case."""
    nodes = len(order)
    if shape == "primaries":
        return [*([node] for node in order[: max(1, aimed)]), list(order[max(1, aimed) :])]
    wanted = {"one": 1, "minority-third": (nodes - 1) // 3, "majority": (nodes - 1) // 2, "halves": nodes // 2}[shape]
    size = max(1, aimed, wanted)
    return [list(order[:size]), list(order[size:])]


def complete_grudge(groups: Groups) -> Grudge:
    """Nobody hears anyone of another group."""
    return {node: [other for others in groups if others is not group for other in others] for group in groups for node in group}


def bridge(order: Sequence[str]) -> Grudge:
    """Halves of the order; the first node of the second half stays in touch with both."""
    middle = len(order) // 2
    grudge = complete_grudge([list(order[:middle]), list(order[middle:])])
    connecting = order[middle]
    return {node: [other for other in others if other != connecting] for node, others in grudge.items() if node != connecting}


def pair(order: Sequence[str]) -> Grudge:
    """The first two of the order do not hear each other."""
    return {order[0]: [order[1]], order[1]: [order[0]]}


def majorities_ring(order: Sequence[str]) -> Grudge:
    """Every node sees a majority around it on a ring."""
    return _perfect_ring(order) if len(order) <= PERFECT_RING_MAX else _stochastic_ring(order)


def one_way(grudge: Grudge, cut_off: Sequence[str], direction: str) -> Grudge:
    """The half of a grudge in which those cut off no longer hear ("in") or are no longer heard ("out"); all of it for "both"."""
    if direction == "both":
        return grudge
    return {node: others for node, others in grudge.items() if (node in cut_off) == (direction == "in")}


def _perfect_ring(order: Sequence[str]) -> Grudge:
    """Windows of a majority round the ring; the node in the middle of each sees exactly that window."""
    nodes = len(order)
    majority = nodes // 2 + 1
    grudge = {}
    for start in range(nodes):
        window = [order[(start + place) % nodes] for place in range(majority)]
        grudge[window[majority // 2]] = [node for node in order if node not in window]
    return grudge


def _stochastic_ring(order: Sequence[str]) -> Grudge:
    """Connects the least connected nodes, two by two, until each sees a majority."""
    majority = len(order) // 2 + 1
    sees = {node: [node] for node in order}
    while True:
        node = min(order, key=lambda candidate: len(sees[candidate]))
        if len(sees[node]) >= majority:
            return {node: [other for other in order if other not in sees[node]] for node in order}
        other = min((candidate for candidate in order if candidate not in sees[node]), key=lambda candidate: len(sees[candidate]))
        sees[node].append(other)
        sees[other].append(node)
