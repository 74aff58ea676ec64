"""What a killed process wrote may still be lost with its power: a booted model syncs before it speaks of that."""

from __future__ import annotations

from collections import Counter

import pytest

from chaoskit.core.outcome import Outcome
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings

# The others sync before they acknowledge also what they held before, and have a majority store what they answer else.
SPEAKING_AT_BOOT = ("raft", "primary_backup", "gossip")


def said_too_early(outcome: Outcome) -> tuple[int, list[str]]:
    """How many boots found writes that were not durable, and what was sent after one before a sync."""
    unsynced: Counter[str] = Counter()
    bound: set[str] = set()  # nodes that booted with such writes and have not synced yet
    boots, early = 0, []
    for event in outcome.journal.events(kinds=frozenset({"disk", "boot", "crash", "send"})):
        match event.kind, event.data.get("operation"):
            case "disk", "sync":
                unsynced[event.node] -= event.data["size"]
                bound.discard(event.node)
            case "disk", "power loss" | "wipe":
                unsynced[event.node] = 0
            case "disk", _:
                unsynced[event.node] += 1
            case "boot", _ if unsynced[event.node] > 0:
                boots += 1
                bound.add(event.node)
            case "crash", _:
                bound.discard(event.node)
            case "send", _ if event.node in bound:
                early.append(f"{event.node} sent {event.data['type']} at {event.time}")
    return boots, early


@pytest.mark.parametrize("model", SPEAKING_AT_BOOT)
def test_a_booted_node_says_nothing_before_its_disk_is_durable(model: str) -> None:
    """Else it would acknowledge, by a match or a gossip, what the next power loss takes back."""
    boots = 0
    for seed in range(1, 9):
        found, early = said_too_early(execute(draw(Settings(seed=seed, nemesis="kill:interval=100ms,power-loss=0%"), model)))
        boots += found
        assert not early, early[:3]
    assert boots > 1


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_cluster_of_one_commits_what_is_on_its_disk(nodes: int) -> None:
    """No answer of another shows that it is: a leader that is the only member waits for its own disk, also for its vote."""
    for seed in range(1, 9):
        settings = Settings(seed=seed, nodes=nodes, nemesis="kill:interval=100ms,power-loss=90%")
        assert judge(execute(draw(settings, "raft"))).status == "valid", seed
