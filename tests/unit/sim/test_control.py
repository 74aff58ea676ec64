"""What a nemesis may do: whom it selects, what the claim refuses, and what it knows."""

from __future__ import annotations

from typing import Any

import pytest
from toy_cluster import MS, Done, Echo, events, fault, run

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.outcome import Outcome
from chaoskit.model import Handler, Node, Request, Role, Tolerates
from chaoskit.sim.control import Control, select_count


class Leader(Node):
    """n2 leads."""

    def observe(self) -> dict[str, Any]:
        return {"role": "leader" if self.name == "n2" else "follower"}

    def receive(self, request: Request) -> Handler:
        request.reply(Done())
        return None


class Master(Leader):
    """A node of another role."""


ROLES = {"master": Role(node=Master, count=1), "replica": Role(node=Leader)}


def selected(who: list[str] | str, *, seed: int = 1) -> list[str]:
    """Whom a wish comes down to among five nodes, of which n1 is the master and n2 leads."""
    found: list[str] = []

    def look(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        found.extend(nodes)
        assert control.nodes == ["n1", "n2", "n3", "n4", "n5"]
        assert control.clients[0] == "c0"
        assert control.now == 10 * MS
        assert control.role("n1") == "master"
        assert control.observe("n2") == {"role": "leader"}
        return {"seen": len(nodes)}

    outcome = run(ROLES, nodes=5, seed=seed, faults=[fault("look", at=10, who=who)], levers={"look": look}, lasts=20)
    resolution = outcome.plan.faults[0].resolution
    assert resolution is not None
    assert resolution.nodes == found
    if found:
        assert resolution.parameters == {"seen": len(found)}
    else:
        assert resolution.refused == f"no node is {who!r} now"
    return found


@pytest.mark.parametrize(
    ("who", "nodes"),
    [
        (["n3", "n1"], ["n3", "n1"]),
        ("primaries", ["n2"]),
        ("role:leader", ["n2"]),
        ("role:master", ["n1"]),
        ("role:replica", ["n2", "n3", "n4", "n5"]),
        ("role:tail", []),
        ("all", ["n1", "n2", "n3", "n4", "n5"]),
        ("sender", []),
        ("receiver", []),
    ],
)
def test_wishes_come_down_to_nodes(who: list[str] | str, nodes: list[str]) -> None:
    """Names, roles of the cluster's shape and roles that nodes observe; nobody is a refusal."""
    assert selected(who) == nodes


@pytest.mark.parametrize("who", ["one", "some", "minority", "minority-third", "majority"])
def test_selectors_draw_so_many_of_the_nodes(who: str) -> None:
    """In their order, others with another seed."""
    low, high = select_count(who, 5)
    choices = [tuple(selected(who, seed=seed)) for seed in range(12)]
    assert len(set(choices)) > 3
    for choice in choices:
        assert low <= len(choice) <= high
        assert list(choice) == sorted(choice)


@pytest.mark.parametrize(
    ("nodes", "counts"), [(1, (1, 1, 1, 1)), (3, (1, 1, 2, 3)), (4, (1, 1, 3, 4)), (5, (2, 1, 3, 5)), (7, (3, 2, 4, 7))]
)
def test_selectors_mean_what_jepsens_mean(nodes: int, counts: tuple[int, int, int, int]) -> None:
    """Minority, a third of the minority, majority, all."""
    found = tuple(select_count(who, nodes)[0] for who in ("minority", "minority-third", "majority", "all"))
    assert found == counts


def test_what_nobody_can_be_is_refused_by_name() -> None:
    """A wish that is no selector, and a node that is not there."""
    with pytest.raises(UsageError, match=r"^expected node names, role:NAME, .* but got who='leaders'\.$"):
        selected("leaders")
    outcome = run(faults=[fault("kill", at=5, who=["n9"])], lasts=10)
    assert isinstance(outcome.error, ModelError)


def refusals(outcome: Outcome) -> dict[str, str]:
    """The reasons for which faults were refused."""
    return {item.id: item.resolution.refused for item in outcome.plan.faults if item.resolution and item.resolution.refused}


@pytest.mark.parametrize(("limit", "most"), [("none", 0), ("one", 1), ("minority", 2), ("all", 5)])
@pytest.mark.parametrize(
    ("kind", "claim", "word"),
    [
        ("kill", "kill", "kill"),
        ("pause", "pause", "pause"),
        ("disk", "disk", "disk fault"),
        ("wipe", "wipe", "wipe"),
        ("power", "power_loss", "power loss"),
    ],
)
def test_no_more_nodes_at_once_than_the_claim_allows(kind: str, claim: str, word: str, limit: str, most: int) -> None:
    """Those beyond it are refused, with the reason, and nothing of them is done."""
    how: dict[str, Any] = {"power_loss": True} if kind == "power" else {}
    kind = "kill" if kind == "power" else kind
    faults = [fault(kind, at=10 + number, who=f"n{number}", name=f"f{number}", **how) for number in range(1, 6)]
    claimed: dict[str, Any] = {"down": "all", claim: limit}
    tolerates = Tolerates(**claimed)
    outcome = run(nodes=5, faults=faults, lasts=50, tolerates=tolerates)
    reason = f"the model claims to survive a {word} of {limit} of its nodes at once"
    assert refusals(outcome) == {f"f{number}": reason for number in range(most + 1, 6)}
    assert len(events(outcome, "fault-begin")) == most
    assert refusals(run(nodes=5, faults=faults, lasts=50, tolerates=tolerates, beyond_claim=True)) == {}


def test_healed_nodes_make_room_for_others() -> None:
    """At once means at once: except for wipes, whose loss comes back only in time."""
    kills = [fault("kill", at=10 * number, who=f"n{number}", name=f"f{number}", lasting=5) for number in (1, 2, 3)]
    assert refusals(run(faults=kills, lasts=50, tolerates=Tolerates(kill="one"))) == {}
    wipes = [fault("wipe", at=10 * number, who=f"n{number}", name=f"f{number}", lasting=5) for number in (1, 2, 3)]
    assert set(refusals(run(faults=wipes, lasts=50, tolerates=Tolerates(wipe="one")))) == {"f2", "f3"}


def test_a_refused_fault_is_undone_where_it_had_begun() -> None:
    """The first of its nodes was killed when the second was refused."""
    outcome = run(faults=[fault("kill", at=10, who=["n1", "n2"])], lasts=50, tolerates=Tolerates(kill="one"))
    assert [(event.kind, event.node) for event in events(outcome, "crash", "boot") if event.time] == [
        ("crash", "n1"),
        ("boot", "n1"),
    ]
    assert "f1" in refusals(outcome)


@pytest.mark.parametrize(
    ("claim", "kind", "how", "what"),
    [
        ({"partition": False}, "cut", {"source": "n1", "destination": "n2"}, "partitions"),
        ({"clock": False}, "clock", {"offset": 5}, "wrong clocks"),
        ({"corruption": "none"}, "packet", {"source": "n1", "destination": "n2", "corrupt": 5}, "corrupted messages"),
    ],
)
def test_what_the_claim_leaves_out_is_refused(claim: dict[str, Any], kind: str, how: dict[str, Any], what: str) -> None:
    """Unless the plan goes past it."""
    faults = [fault(kind, at=10, **how)]
    assert refusals(run(faults=faults, lasts=20, tolerates=Tolerates(**claim))) == {
        "f1": f"the model does not claim to survive {what}"
    }
    assert refusals(run(faults=faults, lasts=20, tolerates=Tolerates(**claim), beyond_claim=True)) == {}


def test_immune_roles_are_spared() -> None:
    """The master is never killed, paused or wiped."""
    faults = [fault(kind, at=10, name=kind) for kind in ("kill", "pause", "wipe")]
    outcome = run(ROLES, faults=faults, lasts=20, tolerates=Tolerates(immune=("master",), wipe="all"))
    assert refusals(outcome) == {
        kind: f"the model does not claim to survive a {kind} of role 'master'" for kind in ("kill", "pause", "wipe")
    }


@pytest.mark.parametrize("claim", [{"down": "most"}, {"wipe": "some"}, {"corruption": "often"}])
def test_a_claim_in_unknown_words_is_the_models_fault(claim: dict[str, Any]) -> None:
    """It is checked when it is made."""
    [(name, value)] = claim.items()
    with pytest.raises(ModelError, match=rf"^expected .* but got Tolerates\({name}='{value}'\)\.$"):
        Tolerates(**claim)


def test_draws_of_a_fault_are_its_own() -> None:
    """Two faults of one kind draw differently; the same fault always the same."""
    drawn: dict[str, int] = {}

    def draw(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        value = control.draws(fault.id).bits("x")
        assert drawn.setdefault(fault.id, value) == value
        return {}

    for order in ("ab", "ba"):
        run(faults=[fault("draw", at=10, name=name) for name in order], levers={"draw": draw}, lasts=20)
    assert drawn["a"] != drawn["b"]


def test_effects_count_what_a_fault_really_did() -> None:
    """A kill of a node that is down, a pause of one that is: nothing."""
    faults = [fault("kill", at=10, name="a"), fault("kill", at=20, name="b"), fault("pause", at=20, name="c")]
    outcome = run(Echo, faults=faults, lasts=50)
    assert outcome.effects == {"a": {}, "b": {}, "c": {}}
    assert outcome.summary()["faults"] == {"planned": 3, "effective": 0}
    assert [event.kind for event in events(outcome, "crash", "pause")] == ["crash"]


def test_disk_use_is_known() -> None:
    """A nemesis fills what is left."""
    sizes: list[int] = []

    class Writer(Echo):
        """Writes at its boot."""

        def start(self) -> None:
            self.disk.append("log", b"12345")

    def look(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        sizes.extend(control.disk_size(node) for node in control.nodes)
        return {}

    run(Writer, faults=[fault("look", at=10)], levers={"look": look}, lasts=20)
    assert sizes == [5, 5, 5]
