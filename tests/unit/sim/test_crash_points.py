"""Effects are ordered, and a crash may fall between any two of them: that is where real systems lose data."""

from __future__ import annotations

from typing import Any

import pytest
from toy_cluster import MS, SYNC, Do, Done, Echo, Note, answers, ask, events, fault, logs, run, times

from chaoskit.core.outcome import Outcome
from chaoskit.model import DiskError, Handler, Node, Request, Tolerates


class Steps(Node):
    """Says, writes, syncs, says, writes, syncs, answers: everything a handler can do, in that order."""

    def start(self) -> None:
        self.log(f"disk {self.disk.read('log').decode()}")

    def receive(self, request: Request) -> Handler:
        if not isinstance(request.body, Do):
            return None
        self.send("n2", Note("before"))
        self.disk.append("log", b"a")
        self.disk.sync()
        self.send("n2", Note("between"))
        self.disk.append("log", b"b")
        self.disk.sync()
        request.reply(Done("after"))
        return None


def happened(outcome: Outcome) -> list[str]:
    """What n1 did to the world in its first boot, in order."""
    words = []
    for event in events(outcome, "send", "disk", "crash", node="n1"):
        match event.kind:
            case "send":
                words.append(event.data["type"])
            case "disk":
                words.append(event.data["operation"])
            case _:
                return words
    return words


def test_what_is_sent_after_a_sync_leaves_when_that_is_done() -> None:
    """What is sent before it leaves at once; the second sync begins when the first has ended."""
    outcome = run(Steps, asks=[ask(10)])
    assert happened(outcome) == ["Note", "append", "append", "sync", "Note", "sync", "Done"]
    assert times(events(outcome, "send", node="n1")) == [10, 12, 14]
    assert times(events(outcome, "disk", node="n1", operation="sync")) == [12, 14]
    assert answers(outcome) == [("ok", "after")]


@pytest.mark.parametrize(
    ("event", "nth", "effects"),
    [
        ("deliver Do", 1, []),
        ("send Note", 1, ["Note"]),
        ("write", 1, ["Note", "append"]),
        ("write", 2, ["Note", "append", "append"]),
        ("sync", 1, ["Note", "append", "append", "sync"]),
        ("send Note", 2, ["Note", "append", "append", "sync", "Note"]),
        ("sync", 2, ["Note", "append", "append", "sync", "Note", "sync"]),
        ("send Done", 1, ["Note", "append", "append", "sync", "Note", "sync", "Done"]),
        ("acknowledged", 1, ["Note", "append", "append", "sync", "Note", "sync", "Done"]),
    ],
)
@pytest.mark.parametrize("power_loss", [False, True])
def test_a_crash_at_an_effect_leaves_all_before_and_nothing_after(
    event: str, nth: int, effects: list[str], power_loss: bool
) -> None:
    """The effect at which it strikes has happened; the next one has not, although the handler goes on to its end."""
    struck = fault(
        "kill", on=event, nth=nth, who="receiver" if event.startswith("deliver") else "sender", lasting=50, power_loss=power_loss
    )
    outcome = run(Steps, asks=[ask(10)], faults=[struck])
    assert [word for word in happened(outcome) if word != "power loss"] == effects
    assert answers(outcome) == ([("ok", "after")] if effects[-1:] == ["Done"] else [("info", "n1 died")])
    on_disk = logs(outcome, "n1")[1].removeprefix("disk ")
    written, durable = effects.count("append"), effects.count("sync")
    if power_loss:
        assert "a" * durable <= on_disk <= "ab"[:written]
    else:
        assert on_disk == "ab"[:written]


def test_a_crash_some_time_after_an_event_finds_what_came_meanwhile() -> None:
    """`after` is counted from the event."""
    struck = fault("kill", on="sync", nth=1, after=1, who="sender", lasting=50)
    outcome = run(Steps, asks=[ask(10)], faults=[struck])
    assert happened(outcome) == ["Note", "append", "append", "sync", "Note"]
    assert times(events(outcome, "crash", node="n1")) == [13]


def test_other_handlers_wait_for_a_sync_under_way_too() -> None:
    """What a process says behind a sync leaves behind it, whoever says it: it may rest on what was written."""

    class Writer(Node):
        """`write` writes and syncs; `read` answers from memory."""

        def start(self) -> None:
            self.value = 0

        def receive(self, request: Request) -> Handler:
            if request.body.f == "write":
                self.value = request.body.value
                self.disk.append("log", b"x")
                self.disk.sync()
            request.reply(Done(self.value))
            return None

    outcome = run(Writer, nodes=1, clients=2, asks=[ask(10, "write", 7), ask(11, "read", slot=1)])
    assert [op.value for op in outcome.history.clients() if op.type == "ok"] == [7, 7]
    assert times(events(outcome, "send", node="n1")) == [12, 12]
    lost = run(
        Writer,
        nodes=1,
        clients=2,
        asks=[ask(10, "write", 7), ask(11, "read", slot=1)],
        faults=[fault("kill", at=11.5, lasting=10, power_loss=True)],
    )
    assert answers(lost) == [("info", "n1 died"), ("fail", "n1 died")]


def test_a_sync_with_nothing_to_do_takes_no_time() -> None:
    """And a second one that finds its writes durable neither."""

    class Syncer(Node):
        """Syncs more than it writes."""

        def receive(self, request: Request) -> Handler:
            self.disk.sync()
            self.disk.append("log", b"x")
            self.disk.sync()
            self.disk.sync()
            request.reply(Done())
            return None

    outcome = run(Syncer, asks=[ask(10)])
    assert times(events(outcome, "disk", node="n1", operation="sync")) == [12]
    assert times(events(outcome, "send", node="n1")) == [12]


def test_one_sync_serves_all_who_waited_for_the_one_before() -> None:
    """What is called for while a sync is under way is done together, once it is over; so a slow disk does not fall behind."""
    asks = [ask(10 + slot / 10, "write", slot, slot=slot) for slot in range(5)]
    outcome = run(Appender, asks=asks, clients=5, nodes=1)
    assert [(event.time // MS, event.data["size"]) for event in events(outcome, "disk", operation="sync")] == [(12, 1), (14, 4)]
    assert times(events(outcome, "send", node="n1")) == [12, 14, 14, 14, 14]
    assert [answer for _, answer in answers(outcome)] == [list(range(count)) for count in (1, 2, 3, 4, 5)]


class Appender(Node):
    """Answers with what its log holds once that is durable."""

    def start(self) -> None:
        self.entries = self.disk.log("log", int)

    def receive(self, request: Request) -> Handler:
        if request.body.f == "write":
            self.entries.append(request.body.value)
            self.disk.sync()
        request.reply(Done(list(self.entries)))
        return None


class Waiter(Node):
    """Waits for its disk before it goes on, and sends nothing meanwhile."""

    async def receive(self, request: Request) -> None:
        if not isinstance(request.body, Do):
            return
        await self.disk.synced()
        self.log("nothing to wait for")
        self.disk.append("log", b"x")
        self.disk.sync()
        self.disk.append("log", b"y")
        self.disk.sync()
        await self.disk.synced()
        self.log("on disk")


def test_a_node_may_wait_for_its_own_disk() -> None:
    """It goes on when all the syncs that it asked for are done, and at once when there are none."""
    outcome = run(Waiter, asks=[ask(10)])
    assert [(event.time // MS, event.data["text"]) for event in events(outcome, "log", node="n1")] == [
        (10, "nothing to wait for"),
        (14, "on disk"),
    ]


@pytest.mark.parametrize("power_loss", [False, True])
def test_a_node_that_waits_for_its_disk_may_die_meanwhile(power_loss: bool) -> None:
    """What it waited for never comes."""
    outcome = run(Waiter, asks=[ask(10)], faults=[fault("kill", at=13, lasting=10, power_loss=power_loss)])
    assert [event.data["text"] for event in events(outcome, "log", node="n1")] == ["nothing to wait for"]


def test_a_failed_sync_crashes_the_node_and_loses_what_was_not_durable() -> None:
    """What a failed sync leaves behind is unknown: nobody may go on after one. It is no violation of the node's."""
    outcome = run(
        Appender,
        asks=[ask(10, "write", 1), ask(100, "write", 2), ask(1000, "read")],
        faults=[fault("disk", at=50, lasting=100, fail_sync=1_000_000)],
    )
    assert answers(outcome)[:2] == [("ok", [1]), ("info", "n1 died")]
    assert answers(outcome)[2][1] in ([1], [1, 2])
    assert times(events(outcome, "crash", node="n1", reason="a sync failed")) == [102]
    assert times(events(outcome, "boot", node="n1")) == [0, 602]
    assert outcome.effects["f1"] == {"failed a sync": 1}
    assert outcome.violations == []


def test_torn_and_lost_writes_at_a_power_loss_are_cut_off_and_told() -> None:
    """Over seeds: acknowledged records are there, the others there or not, none half."""
    told: set[str] = set()
    found: set[tuple[int, ...]] = set()
    for seed in range(40):
        outcome = run(
            Appender,
            seed=seed,
            clients=4,
            nodes=1,
            asks=[
                ask(10, "write", 1),
                *(ask(20 + slot / 10, "write", 10**12 + slot, slot=slot) for slot in (1, 2, 3)),
                ask(100, "read"),
            ],
            faults=[fault("kill", at=21, lasting=10, power_loss=True)],
        )
        told |= set(outcome.effects["f1"])
        found.add(tuple(answers(outcome)[-1][1]))
        assert outcome.violations == []
    assert found == {tuple([1, *(10**12 + slot for slot in (1, 2, 3))][:count]) for count in (1, 2, 3, 4)}
    assert told == {"died with work pending", "lost unsynced writes", "torn unsynced writes"}


def test_a_full_disk_crashes_who_does_not_expect_it() -> None:
    """No violation: the disk did it. The node comes back once there is room."""
    outcome = run(
        Appender,
        asks=[ask(10, "write", 1), ask(100, "write", 2), ask(1000, "write", 3)],
        faults=[fault("disk", at=50, lasting=100, capacity=0)],
    )
    assert answers(outcome) == [("ok", [1]), ("info", "n1 died"), ("ok", [1, 3])]
    assert outcome.effects["f1"] == {"write refused": 1}
    assert outcome.violations == []
    [crash] = events(outcome, "crash")
    assert crash.data["reason"] == "DiskError: no space or a failed write on log (f1)"
    assert [event.data["operation"] for event in events(outcome, "disk", node="n1")].count("refused append") == 1


def test_a_full_disk_may_be_expected() -> None:
    """A node that catches the error answers for itself."""

    class Careful(Echo):
        """Refuses what it cannot keep."""

        def receive(self, request: Request) -> Handler:
            try:
                self.disk.append("log", b"x" * 100)
            except DiskError:
                request.refuse()
                return None
            return super().receive(request)

    outcome = run(Careful, asks=[ask(10)], faults=[fault("disk", at=5, lasting=100, capacity=50)])
    assert answers(outcome) == [("fail", "refused: refused by n1")]
    assert events(outcome, "crash") == []


def test_a_slow_disk_delays_answers() -> None:
    """By its law; the fault is told to have had effect."""
    outcome = run(Appender, asks=[ask(10, "write", 1)], faults=[fault("disk", at=5, lasting=500, slow="constant:100ms")])
    assert times(events(outcome, "send", node="n1")) == [112]
    assert outcome.effects["f1"] == {"slowed a sync": 1}


def test_a_disk_survives_kills_and_is_synced_by_a_later_boot() -> None:
    """Written but not synced is not lost with the process; a sync of the next boot covers it."""

    class Late(Node):
        """Writes without a sync; syncs at boot."""

        def start(self) -> None:
            self.disk.sync()

        def receive(self, request: Request) -> Handler:
            if request.body.f == "write":
                self.disk.append("log", b"x")
            request.reply(Done(self.disk.size("log")))
            return None

    kills = [fault("kill", at=50, lasting=10, name="a"), fault("kill", at=100, lasting=10, power_loss=True, name="b")]
    outcome = run(Late, asks=[ask(10, "write"), ask(200, "read")], faults=kills)
    assert answers(outcome) == [("ok", 1), ("ok", 1)]
    assert times(events(outcome, "disk", node="n1", operation="sync")) == [62]


def test_a_sync_is_held_back_by_a_pause() -> None:
    """A stopped process does not learn that its sync is done."""
    outcome = run(Appender, asks=[ask(10, "write", 1)], faults=[fault("pause", at=11, lasting=40)])
    assert times(events(outcome, "send", node="n1")) == [51]


def test_a_fault_past_the_claim_at_an_effect_strikes_nothing() -> None:
    """It is refused, and the handler goes on as if nothing had been."""
    struck = fault("kill", on="write", who="sender", lasting=50)
    outcome = run(Steps, asks=[ask(10)], faults=[struck], tolerates=Tolerates(kill="none"))
    assert answers(outcome) == [("ok", "after")]
    [refused] = events(outcome, "fault-refused")
    assert refused.data["reason"] == "the model claims to survive a kill of none of its nodes at once"
    assert outcome.plan.faults[0].resolution is not None
    assert outcome.plan.faults[0].resolution.refused == refused.data["reason"]


def test_syncs_take_as_long_as_the_plan_says() -> None:
    """The tests of this file rest on it."""
    assert SYNC == "constant:2ms"
    assert times(events(run(Appender, asks=[ask(0, "write", 1)]), "disk", operation="sync")) == [0 + 2 + 1 / MS]


def test_what_an_operation_draws_does_not_depend_on_others() -> None:
    """Syncs, draws of a node, failing writes: by cause, so that taking another operation away leaves them as they were."""

    class Drawer(Node):
        """Draws, writes twice, syncs, answers with what it drew."""

        def receive(self, request: Request) -> Handler:
            drawn = [self.random(0, 10**9), self.random(0, 10**9)]
            for data in (b"a", b"b"):
                try:
                    self.disk.append("log", data)
                except DiskError:
                    drawn.append(0)
            self.disk.sync()
            request.reply(Done(drawn))
            return None

    def seen(*, alone: bool) -> list[tuple[int, Any]]:
        asks = [ask(10 * number, "end" if alone and number < 5 else "do") for number in range(1, 11)]
        failing = fault("disk", at=0, fail_write=500_000)
        history = run(Drawer, nodes=1, asks=asks, faults=[failing], disk={"sync": "lognormal:2ms,sigma=0.4"}).history
        return [(op.time, op.value) for op in history if op.type == "ok" and op.f == "do"]

    everything = seen(alone=False)
    assert len(everything) == 10
    assert everything[4:] == seen(alone=True)
    assert len({value[0] for _, value in everything}) == 10
