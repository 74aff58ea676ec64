"""Faults in place of others: a type of message lost, and the cluster in halves."""

from __future__ import annotations

import pytest

from chaoskit.core.fault import At, Fault
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.run import draw, execute
from chaoskit.settings import Settings
from chaoskit.shrink.plans import with_faults
from chaoskit.story.failure import lost_in

FAULT = Fault(id="f7", when=At(time=5), who="primaries", kind="pause", lasting=9)


@pytest.mark.parametrize(("size", "ways"), [(2, 1), (3, 3), (4, 3), (5, 10)])
def test_a_cluster_falls_into_halves_in_each_way_once(size: int, ways: int) -> None:
    """Both halves hold all nodes, and no two ways are the same from the other side."""
    nodes = [f"n{number + 1}" for number in range(size)]
    found = FaultEdits().halving(FAULT, nodes)
    groups = [sorted(map(tuple, fault.parameters["groups"])) for fault in found]
    assert len(found) == ways
    assert all(sorted(first + second) == nodes and abs(len(first) - len(second)) < 2 for first, second in groups)
    assert all(pair not in groups[:place] for place, pair in enumerate(groups))


def test_a_muted_type_of_message_never_arrives_and_all_others_do() -> None:
    """Not before all is healed. It is muted in place of any fault, under its name; a trial counts what was lost by its type."""
    plan = draw(Settings(seed=1, ops=20, nodes=3, nemesis="none"), "raft")
    muted = FaultEdits().muting(FAULT, plan.cluster.nodes, "Append")
    assert (muted.id, muted.when, muted.lasting) == (FAULT.id, FAULT.when, FAULT.lasting)
    forever = FaultEdits().muting(Fault(id="f1", when=At(time=0), who=[], kind="kill"), plan.cluster.nodes, "Append")
    outcome = execute(with_faults(plan, [forever]))
    lost = lost_in(outcome.journal, plan.cluster.nodes, outcome.stats.simulated)
    arrived = [entry for _, entry in outcome.journal.entries() if entry[1] == "deliver" and entry[6] == "Append"]
    assert list(lost) == ["Append"]
    assert lost["Append"] > 0
    healed = next(entry[0] for _, entry in outcome.journal.entries() if entry[1:5] == ("phase", "", "recovery", "recovery"))
    assert arrived
    assert all(entry[0] >= healed for entry in arrived)
