"""The phases of a run: faults in the first, a healed core in the second, everything healed in the third; and runs that hang."""

from __future__ import annotations

from typing import Any

import pytest
from toy_cluster import MS, Done, Echo, Note, answers, ask, events, fault, run, times

from chaoskit.core.op import Op
from chaoskit.model import Handler, Node, Request, Role, Tolerates

MINORITY = Tolerates(down="minority", kill="all", pause="all")


def test_phases_begin_when_the_one_before_has_drained() -> None:
    """Their begins are in the plan and in the figures."""
    outcome = run(asks=[ask(50, value=1), ask(0, value=2, phase=1), ask(0, value=3, phase=2)])
    assert answers(outcome) == [("ok", 1), ("ok", 2), ("ok", 3)]
    main, recovery, final = outcome.plan.phases
    assert (main, recovery // MS) == (0, 50)
    assert outcome.stats.phases == {"main": main, "recovery": recovery, "final": final}
    assert [event.data["name"] for event in events(outcome, "phase")] == ["main", "recovery", "final"]
    assert outcome.liveness.judged
    assert outcome.liveness.progressed
    assert outcome.liveness.waited < MS


def test_a_replay_begins_its_phases_no_earlier_than_the_recording() -> None:
    """Operations that are cut out do not let the rest move."""
    outcome = run(asks=[ask(50, value=1), ask(0, value=2, phase=1)])
    assert outcome.plan.invocations is not None
    assert run(asks=outcome.plan.invocations[1:], phases=outcome.plan.phases).plan.phases == outcome.plan.phases
    assert run(asks=outcome.plan.invocations[1:]).plan.phases < outcome.plan.phases


def test_faults_begin_in_the_main_phase_only() -> None:
    """Those that wait longer never come; those that are active are frozen in recovery and end in the final phase."""
    faults = [
        fault("pause", at=10, lasting=200, name="active"),
        fault("kill", at=500, name="late", who="n2"),
        fault("kill", on="write", name="never"),
        fault("kill", at=20, lasting=5, name="over", who="n3"),
    ]
    outcome = run(
        asks=[ask(50, value=1, slot=1), ask(400, value=2, slot=1, phase=1)], clients=2, faults=faults, tolerates=MINORITY
    )
    resolutions = {item.id: item.resolution for item in outcome.plan.faults}
    assert resolutions["late"] is None
    assert resolutions["never"] is None
    assert resolutions["over"] is not None
    assert resolutions["over"].end == 25 * MS
    assert resolutions["active"] is not None
    assert resolutions["active"].end == outcome.stats.phases["final"]
    assert outcome.effects["over"] is not None


def test_recovery_heals_a_core_and_freezes_the_rest() -> None:
    """Two of three are up and together; the third stays as it was until the final phase."""
    cuts = [
        fault("cut", at=10, name=f"{source}{destination}", source=source, destination=destination)
        for source in ("n1", "n2", "n3")
        for destination in ("n1", "n2", "n3")
        if source != destination
    ]
    kills = [fault("kill", at=10, who=name, name=f"kill {name}") for name in ("n1", "n2", "n3")]
    outcome = run(
        asks=[ask(50, value=1), *(ask(0, value=2, slot=slot, phase=1) for slot in range(3))],
        clients=3,
        faults=[*cuts, *kills],
        tolerates=MINORITY,
    )
    core = outcome.liveness.core
    assert len(core) == 2
    begin, final = outcome.stats.phases["recovery"], outcome.stats.phases["final"]
    boots = {event.node: event.time for event in events(outcome, "boot", boot=2)}
    assert {node: time for node, time in boots.items() if time == begin} == dict.fromkeys(core, begin)
    assert {time for node, time in boots.items() if node not in core} == {final}


@pytest.mark.parametrize("down", ["none", "one", "minority", "all"])
def test_the_core_is_what_the_claim_leaves(down: str) -> None:
    """All but those that may be down; what is immune is always in it."""

    class Master(Echo):
        """The one that must not fall."""

    roles = {"master": Role(node=Master, count=1), "replica": Role(node=Echo)}
    size = {"none": 5, "one": 4, "minority": 3, "all": 1}[down]
    cores = set()
    for seed in range(8):
        outcome = run(roles, nodes=5, seed=seed, tolerates=Tolerates(down=down, immune=("master",)), lasts=10)
        assert len(outcome.liveness.core) == size
        assert outcome.liveness.core[0] == "n1"
        cores.add(tuple(outcome.liveness.core))
    assert len(cores) > 1 or size in (1, 5)


class Mute(Node):
    """Answers nothing; one handler waits for what never comes."""

    def start(self) -> Handler:
        return self.wait() if self.name == "n2" else None

    async def wait(self) -> None:
        await self.promise("a word from n1")

    def receive(self, request: Request) -> Handler:
        return None


def test_a_core_that_serves_nothing_has_made_no_progress() -> None:
    """The violation names the core, the bound and who waits for what."""
    asks = [ask(10 + number * 1000, "read", slot=slot, phase=1) for number in range(3) for slot in range(3)]
    outcome = run(Mute, asks=asks, clients=3, tolerates=MINORITY)
    [violation] = outcome.violations
    assert (violation.checker, violation.kind) == ("liveness", "no-progress")
    assert violation.nodes == outcome.liveness.core
    assert violation.summary == f"no operation succeeded within 3.000 s although {', '.join(violation.nodes)} were healed"
    assert "n2 waits for a word from n1" in violation.data["waiting"]
    assert outcome.liveness.progressed is False
    assert outcome.liveness.judged
    assert events(outcome, "violation", kind="no-progress")[0].time == outcome.stats.phases["recovery"] + 3000 * MS


def test_no_progress_past_the_claim_is_no_violation() -> None:
    """Safety alone is judged then."""
    asks = [ask(number * 1000, "read", phase=1) for number in range(3)]
    outcome = run(Mute, asks=asks, beyond_claim=True)
    assert outcome.violations == []
    assert not outcome.liveness.judged


@pytest.mark.parametrize("instants", [[], [0], [0, 100]])
def test_a_plan_that_asks_too_little_shows_no_lack_of_progress(instants: list[float]) -> None:
    """A shrinker that cuts the questions out must not find the core guilty: it might have served a later one."""
    outcome = run(
        Mute, asks=[ask(10, "read"), *(ask(instant, "read", phase=1) for instant in instants)], tolerates=MINORITY, recovery=5000
    )
    assert outcome.violations == []
    assert not outcome.liveness.judged
    assert outcome.liveness.progressed is None


class Stubborn(Node):
    """Every node has a state of its own."""

    def observe(self) -> dict[str, Any]:
        return {"role": "node", "state": self.name} if self.name != "n3" else {"role": "silent"}

    def receive(self, request: Request) -> Handler:
        request.reply(Done())
        return None


def test_nodes_that_never_agree_are_named() -> None:
    """Those that tell no state are not; the text is the same in every process."""
    outcome = run(Stubborn, asks=[ask(10)])
    [violation] = outcome.violations
    assert (violation.checker, violation.kind) == ("liveness", "disagreement")
    assert violation.summary == "the nodes still differ after everything was healed: n1: n1, n2: n2"
    assert run(Stubborn, asks=[ask(10)], beyond_claim=True).violations == []


def test_nodes_may_take_a_while_to_agree() -> None:
    """Within the bound."""

    class Learner(Node):
        """n2 hears from n1 after two seconds."""

        def start(self) -> None:
            self.state = self.name
            if self.name == "n1":
                self.set_timer(self.tell, 2000 * MS)

        def tell(self) -> None:
            self.send("n2", Note("n1"))

        def receive(self, request: Request) -> Handler:
            if isinstance(request.body, Note):
                self.state = request.body.text
            return None

        def observe(self) -> dict[str, Any]:
            return {"state": self.state}

    assert run(Learner, nodes=2, lasts=10).violations == []


def test_a_node_that_cannot_stay_up_disagrees() -> None:
    """It is told to be down."""

    class Dying(Node):
        """n2 dies at every boot."""

        def start(self) -> None:
            if self.name == "n2":
                raise ValueError("at boot")

        def observe(self) -> dict[str, Any]:
            return {"state": 1}

        def receive(self, request: Request) -> Handler:
            return None

    exception, disagreement = run(Dying, nodes=2, lasts=10).violations
    assert exception.kind == "node-exception"
    assert disagreement.summary == "the nodes still differ after everything was healed: n1: 1, n2: down"


def test_a_livelock_ends_the_run_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time does not go on: nodes that answer each other at one instant, for ever. Even when they never agree."""

    class Chatterer(Node):
        """Talks to itself without pause."""

        def start(self) -> Handler:
            return self.wait() if self.name == "n2" else None

        async def wait(self) -> None:
            await self.promise("silence")

        def receive(self, request: Request) -> Handler:
            self.send(self.name, Note("and another thing"))
            return None

        def observe(self) -> dict[str, Any]:
            return {"state": self.name}

    monkeypatch.setattr("chaoskit.sim.phases.INSTANT_EVENTS_MAX", 5000)
    outcome = run(Chatterer, asks=[ask(10)])
    [violation] = outcome.violations
    assert (violation.checker, violation.kind) == ("liveness", "livelock")
    assert violation.summary == (
        "livelock: more than 5,000 events at 0.010 s; client c0 waits for do to end; n2 waits for silence"
    )
    assert violation.data["waiting"] == ["client c0 waits for do to end", "n2 waits for silence"]
    assert outcome.error is None
    assert not outcome.liveness.judged


class Waiter:
    """A generator that waits for a completion that nothing can bring."""

    def poll(self, now: int) -> int:
        return -1

    def began(self, op: Op) -> None:
        raise AssertionError

    def ended(self, slot: int, op: Op, now: int) -> None:
        raise AssertionError


def test_a_deadlock_is_named() -> None:
    """Nothing is scheduled any more and the phase has not ended."""
    outcome = run(Mute, asker_for=lambda phase, slots: Waiter())
    assert outcome.violations[0].kind == "deadlock"
    assert outcome.violations[0].summary == "deadlock: nothing can ever happen again; n2 waits for a word from n1"


def test_ctrl_c_keeps_what_there_is() -> None:
    """The outcome says why it ended."""

    class Interrupted(Echo):
        """A person presses Ctrl-C in the middle of a handler."""

        def receive(self, request: Request) -> Handler:
            raise KeyboardInterrupt

    outcome = run(Interrupted, asks=[ask(10)])
    assert outcome.interrupted == "interrupted (Ctrl-C)"
    assert outcome.error is None
    assert [op.type for op in outcome.history] == ["invoke"]
    assert times(events(outcome, "deliver")) == [10]


def test_recovery_reaches_the_clients_of_the_core() -> None:
    """A partition that took the clients along is healed for them, too."""
    cuts = [
        fault("cut", at=10, name=f"{slot}{way}", source=source, destination=destination)
        for slot in range(3)
        for way, (source, destination) in enumerate([(f"c{slot}", f"n{slot + 1}"), (f"n{slot + 1}", f"c{slot}")])
    ]
    asks = [
        ask(20, "read"),
        *(ask(number * 1000, "read", number, slot=slot, phase=1) for number in range(3) for slot in range(3)),
    ]
    outcome = run(asks=asks, clients=3, faults=cuts, partition_clients=True, tolerates=MINORITY)
    assert answers(outcome)[0] == ("fail", "time-out")
    assert outcome.violations == []
    assert outcome.liveness.progressed
