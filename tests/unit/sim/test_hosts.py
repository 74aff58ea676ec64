"""Hosts and processes: what survives a kill, what a pause holds back, what nodes may do with messages, timers and clocks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from toy_cluster import MS, Do, Done, Echo, Note, answers, ask, events, fault, logs, run, times

from chaoskit.model import SECOND, Handler, Node, Refused, Request, TimedOut, Tolerates


class Keeper(Node):
    """Counts in memory and on disk."""

    def start(self) -> None:
        self.memory = 0
        self.kept = self.disk.table("kept", int, default=0)

    def receive(self, request: Request) -> Handler:
        if request.body.f == "do":
            self.memory += 1
            self.kept["count"] += 1
            self.disk.sync()
        request.reply(Done([self.memory, self.kept["count"]]))
        return None


def test_a_kill_leaves_the_disk_and_nothing_else() -> None:
    """Memory starts anew; the node boots again when the fault heals."""
    outcome = run(Keeper, asks=[ask(1), ask(20), ask(100), ask(101)], faults=[fault("kill", at=50, lasting=30)])
    assert answers(outcome) == [("ok", [1, 1]), ("ok", [2, 2]), ("ok", [1, 3]), ("ok", [2, 4])]
    assert times(events(outcome, "crash", node="n1", reason="killed")) == [50]
    assert times(events(outcome, "boot", node="n1", boot=2)) == [80]
    assert outcome.plan.faults[0].resolution is not None
    assert (outcome.plan.faults[0].resolution.begin, outcome.plan.faults[0].resolution.end) == (50 * MS, 80 * MS)


def test_two_kills_of_one_node_heal_independently() -> None:
    """It boots when the last of them heals."""
    outcome = run(faults=[fault("kill", at=10, lasting=100, name="a"), fault("kill", at=50, lasting=100, name="b")], lasts=200)
    assert times(events(outcome, "boot", node="n1")) == [0, 150]


def test_a_kill_runs_no_cleanup() -> None:
    """A dying handler's `finally` has no effect on disk, network or log."""

    class Cleaner(Node):
        """Holds a lock while it waits."""

        def start(self) -> None:
            self.log(f"disk: {self.disk.list()}")

        async def receive(self, request: Request) -> None:
            if not isinstance(request.body, Do):
                return
            try:
                await self.sleep(SECOND)
            finally:
                self.log("cleaned up")
                self.disk.append("released", b"x")
                self.send("n2", Note("released"))
                self.set_timer(self.late, 1)
                request.reply(Done("released"))

        def late(self) -> None:
            self.log("late")

    outcome = run(Cleaner, asks=[ask(5)], faults=[fault("kill", at=50, lasting=10)], lasts=200)
    assert logs(outcome, "n1") == ["disk: []", "disk: []"]
    assert events(outcome, "send", type="Note") == []
    assert answers(outcome) == [("info", "n1 died")]


def test_a_wipe_empties_the_disk() -> None:
    """The node comes back as new."""
    outcome = run(Keeper, asks=[ask(1), ask(100)], faults=[fault("wipe", at=50, lasting=10)])
    assert answers(outcome) == [("ok", [1, 1]), ("ok", [1, 1])]
    assert [event.kind for event in events(outcome, "crash", "wipe", node="n1")] == ["crash", "wipe"]


class Talker(Node):
    """n2 sends n1 numbered notes, a millisecond apart; n1 logs them and its own ticks."""

    def start(self) -> None:
        self.said = 0
        if self.name == "n2":
            self.set_timer(self.talk, MS)
        if self.name == "n1":
            self.set_timer(self.tick, 7 * MS)

    def talk(self) -> None:
        self.said += 1
        self.send("n1", Note(str(self.said)))
        if self.said < 20:
            self.set_timer(self.talk, MS)

    def tick(self) -> None:
        self.log("tick")
        self.set_timer(self.tick, 7 * MS)

    def receive(self, request: Request) -> Handler:
        if isinstance(request.body, Note):
            self.log(request.body.text)
        return None


def test_a_pause_holds_everything_back_in_its_order() -> None:
    """Messages and timers come at the resume, in the order in which they were due."""
    paused = run(Talker, faults=[fault("pause", at=5.5, lasting=10)], lasts=40)
    free = run(Talker, lasts=40)
    assert [line for line in logs(paused, "n1") if line != "tick"] == [line for line in logs(free, "n1") if line != "tick"]
    held = [event for event in events(paused, "log", node="n1") if event.time == int(15.5 * MS)]
    assert [event.data["text"] for event in held] == ["5", "tick", "6", "7", "8", "9", "10", "11", "12", "13", "14"]
    assert [event for event in events(paused, "log", node="n1") if 5.5 * MS < event.time < 15.5 * MS] == []
    assert times(events(paused, "pause", "resume", node="n1")) == [5.5, 15.5]
    assert paused.effects["f1"]["held back"] == 11


def test_two_pauses_resume_with_the_last() -> None:
    """Each heals itself alone."""
    outcome = run(
        Talker, faults=[fault("pause", at=5.5, lasting=5, name="a"), fault("pause", at=7.5, lasting=8, name="b")], lasts=40
    )
    assert times(events(outcome, "resume", node="n1")) == [15.5]


def test_what_waited_for_a_process_that_was_killed_dies_with_it() -> None:
    """The next boot is another process: it was never stopped, and gets nobody's mail."""
    outcome = run(
        Talker,
        faults=[fault("pause", at=5.5, lasting=1000, name="stop"), fault("kill", at=10.5, lasting=3, name="kill")],
        lasts=40,
    )
    assert [line for line in logs(outcome, "n1") if line != "tick"] == [*"1234", *map(str, range(13, 21))]
    dropped = events(outcome, "drop", reason="host down", to="n1")
    assert times(dropped) == [10.5] * 5 + [11, 12, 13]


def test_what_reached_a_paused_host_is_not_in_flight() -> None:
    """A cut that drops what is under way does not reach into the host."""
    cut = fault("cut", at=8.2, name="cut", lasting=1, source="n2", destination="n1", in_flight="drop")
    outcome = run(Talker, faults=[fault("pause", at=5.5, lasting=10, name="stop"), cut], lasts=40)
    assert [line for line in logs(outcome, "n1") if line != "tick"] == [*"1234567", *map(str, range(10, 21))]


def test_a_late_answer_to_an_earlier_boot_answers_nobody() -> None:
    """Calls are numbered by boot."""

    class Caller(Node):
        """n1 asks n2 at every boot; n2 answers the first call late."""

        def start(self) -> Handler:
            return self.ask() if self.name == "n1" else None

        async def ask(self) -> None:
            answer = await self.call("n2", Note(f"boot {self.unique()[1]}"))
            self.log(answer.text)

        async def receive(self, request: Request) -> None:
            if isinstance(request.body, Note):
                await self.sleep(50 * MS)
                request.reply(Note(f"answer to {request.body.text}"))

    outcome = run(Caller, faults=[fault("kill", at=10, lasting=10)], lasts=200)
    assert logs(outcome, "n1") == ["answer to boot 2"]
    assert len(events(outcome, "deliver", node="n1", type="Note")) == 2


def test_calls_time_out_and_late_answers_are_nobodys() -> None:
    """Where they are awaited, and no second time."""

    class Impatient(Node):
        """n1 gives n2 10 ms; it takes 30."""

        def start(self) -> Handler:
            return self.ask() if self.name == "n1" else None

        async def ask(self) -> None:
            try:
                await self.call("n2", Note("?"), timeout=10 * MS)
            except TimedOut as error:
                self.log(str(error))

        async def receive(self, request: Request) -> None:
            if isinstance(request.body, Note):
                await self.sleep(30 * MS)
                request.reply(Note("!"))

    outcome = run(Impatient, lasts=100)
    assert logs(outcome, "n1") == ["waited 0.01 s for Note answered by n2"]
    assert times(events(outcome, "log")) == [10]


def test_a_refusal_is_raised_where_the_call_was_made() -> None:
    """The caller knows that nothing happened."""

    class Refuser(Node):
        """n2 refuses."""

        def start(self) -> Handler:
            return self.ask() if self.name == "n1" else None

        async def ask(self) -> None:
            try:
                await self.call("n2", Note("?"))
            except Refused as error:
                self.log(str(error))

        def receive(self, request: Request) -> Handler:
            if isinstance(request.body, Note):
                request.refuse()
            return None

    assert logs(run(Refuser, lasts=20), "n1") == ["refused by n2"]


def test_a_majority_is_the_first_answers() -> None:
    """Those that are late, refuse or are down do not hold it up; too few, and it times out."""

    class Asker(Node):
        """n1 asks all five, itself included."""

        def start(self) -> Handler:
            return self.ask() if self.name == "n1" else None

        async def ask(self) -> None:
            for size in (3, 5):
                try:
                    answers = await self.quorum(Note("?"), size, timeout=100 * MS)
                    self.log(" ".join(sorted(answer.text for answer in answers)))
                except TimedOut as error:
                    self.log(str(error))

        async def receive(self, request: Request) -> None:
            if isinstance(request.body, Do):
                return
            if self.name == "n2":
                await self.sleep(50 * MS)
            if self.name == "n3":
                request.refuse()
            else:
                request.reply(Note(self.name))

    outcome = run(Asker, nodes=5, lasts=300)
    assert logs(outcome, "n1") == ["n1 n4 n5", "waited 0.1 s for 5 answers to Note"]


def test_a_timer_set_anew_replaces_itself() -> None:
    """Earlier or later; cancelled, it does not come."""

    class Setter(Node):
        """Three timers."""

        def start(self) -> None:
            self.set_timer(self.sooner, 50 * MS)
            self.set_timer(self.sooner, 10 * MS)
            self.set_timer(self.later, 10 * MS)
            self.set_timer(self.later, 50 * MS)
            self.set_timer(self.never, 10 * MS)
            self.cancel_timer(self.never)
            self.cancel_timer(self.unset)
            self.set_timer(self.overdue, -5 * MS)

        def sooner(self) -> None:
            self.log("sooner")

        def later(self) -> None:
            self.log("later")

        def never(self) -> None:
            self.log("never")

        def unset(self) -> None:
            self.log("unset")

        def overdue(self) -> None:
            self.log("overdue")

    found = events(run(Setter, nodes=1, lasts=100), "log")
    assert [(event.data["text"], event.time // MS) for event in found] == [("overdue", 0), ("sooner", 10), ("later", 50)]


def test_a_fast_clock_ends_timers_early() -> None:
    """Twice as fast from 0 on; one that was set before keeps its instant."""

    class Sleeper(Node):
        """Wakes after a second of its own time."""

        def start(self) -> Handler:
            return self.wait()

        async def wait(self) -> None:
            for _ in range(2):
                await self.sleep(100 * MS)
                self.log(f"{self.now() // MS}")

    outcome = run(Sleeper, nodes=1, faults=[fault("clock", at=50, drift=1_000_000)], lasts=300)
    assert [(event.time // MS, event.data["text"]) for event in events(outcome, "log")] == [(100, "150"), (150, "250")]
    assert outcome.effects["f1"] == {"read the changed clock": 2, "ran a timer": 1}
    assert [event.data["change"] for event in events(outcome, "clock")] == ["drift 1000000"]


@pytest.mark.parametrize(
    ("how", "reads"), [({"offset": 5 * SECOND}, "5100"), ({"offset": 7 * SECOND, "strobe_period": 30 * MS}, "100")]
)
def test_a_bumped_clock_reads_otherwise(how: dict[str, Any], reads: str) -> None:
    """A strobe that is off at that instant does not."""

    class Reader(Node):
        """Reads its clock at 100 ms."""

        def start(self) -> None:
            self.set_timer(self.read, 100 * MS)

        def read(self) -> None:
            self.log(f"{self.now() // MS}")

    assert logs(run(Reader, nodes=1, faults=[fault("clock", at=50, **how)], lasts=200)) == [reads]


def test_clocks_have_ordinary_errors_of_their_own() -> None:
    """Within what the cluster says, each node its own."""

    class Reader(Node):
        """Reads at its boot."""

        def start(self) -> None:
            self.log(str(self.now()))

    readings = [int(line) for line in logs(run(Reader, nodes=5, clocks={"offset": 10 * MS}, lasts=1))]
    assert len(set(readings)) == 5
    assert all(-10 * MS <= reading <= 10 * MS for reading in readings)


def test_nodes_draw_by_address() -> None:
    """Equal seeds, equal draws; other nodes, boots, seeds, others."""

    class Drawer(Node):
        """Draws thrice at its boot."""

        def start(self) -> None:
            self.log(" ".join(str(self.random(0, 10**9)) for _ in range(3)))

    def draws(seed: int) -> list[str]:
        return logs(run(Drawer, seed=seed, faults=[fault("kill", at=10, lasting=1)], lasts=20))

    assert draws(1) == draws(1)
    numbers = " ".join(draws(1) + draws(2)).split()
    assert len(numbers) == len(set(numbers)) == 24


def test_unique_marks_differ_over_nodes_and_boots() -> None:
    """A stamp of an operation must never come twice."""

    class Marker(Node):
        """Marks twice at its boot."""

        def start(self) -> None:
            self.log(f"{self.unique()} {self.unique()}")

    lines = logs(run(Marker, faults=[fault("kill", at=10, lasting=1)], lasts=20))
    assert len(set(lines)) == 4
    assert lines[-1] == "('n1', 2, 1) ('n1', 2, 2)"


def test_a_node_that_raises_crashes_and_comes_back() -> None:
    """It is a violation, and the cluster goes on."""

    class Fragile(Echo):
        """Cannot do nothing."""

        def receive(self, request: Request) -> Handler:
            if request.body.value is None:
                raise ZeroDivisionError("by nothing")
            return super().receive(request)

    outcome = run(Fragile, asks=[ask(10), ask(600, value=1)])
    assert answers(outcome) == [("info", "n1 died"), ("ok", 1)]
    [violation] = outcome.violations
    assert (violation.checker, violation.kind, violation.nodes) == ("node-exceptions", "node-exception", ["n1"])
    assert violation.summary == "n1 raised ZeroDivisionError: by nothing"
    [[sentence]] = violation.sentences
    place = r", in line \d+ of test_hosts\.py \(receive\)\.$"
    assert re.search(f"^At 0.010 s {violation.summary}{place}", str(sentence)), "its author wants to know where"
    assert violation.time == 10 * MS
    assert times(events(outcome, "boot", node="n1")) == [0, 510]


@pytest.mark.parametrize("where", ["start", "timer", "async", "observe", "init"])
def test_wherever_a_node_raises_it_is_the_nodes_exception(where: str) -> None:
    """At boot, in a timer, behind an await, while it observes itself, in its constructor: never a crash of ours."""

    class Fragile(Node):
        """Raises at one place, in its first boot only."""

        def __init__(self, process: Any, setting: Any) -> None:
            super().__init__(process, setting)
            self.armed = self.name == "n1" and self.unique()[1] == 1
            self.fail_at("init")

        def fail_at(self, place: str) -> None:
            if self.armed and place == where:
                raise ValueError(place)

        def start(self) -> Handler:
            self.fail_at("start")
            self.set_timer(self.timer, 5 * MS)
            return self.wait()

        async def wait(self) -> None:
            await self.sleep(5 * MS)
            self.fail_at("async")

        def timer(self) -> None:
            self.fail_at("timer")

        def observe(self) -> dict[str, Any]:
            self.fail_at("observe")
            return {"role": "node"}

        def receive(self, request: Request) -> Handler:
            request.reply(Done())
            return None

    outcome = run(Fragile, lasts=1000)
    assert [violation.summary for violation in outcome.violations] == [f"n1 raised ValueError: {where}"]
    assert len(events(outcome, "boot", node="n1")) == 2
    assert outcome.error is None


def test_a_client_may_be_crashed() -> None:
    """What it had open is unknown; its slot goes on as a new process, whatever it was doing."""

    class Slow(Node):
        """Takes 50 ms."""

        async def receive(self, request: Request) -> None:
            await self.sleep(50 * MS)
            request.reply(Done(request.body.value))

    asks = [ask(10, value=1), ask(100, "read", value=2), ask(200, value=3), ask(300, value=4)]
    kills = [fault("kill", at=at, who="c0", name=name) for at, name in ((30, "a"), (120, "b"), (260, "c"))]
    outcome = run(Slow, asks=asks, faults=kills, nodes=1, tolerates=Tolerates(kill="none"))
    assert answers(outcome) == [("info", "the client crashed"), ("info", "the client crashed"), ("ok", 3), ("ok", 4)]
    assert [op.process for op in outcome.history.clients() if op.is_invoke] == [0, 1, 2, 3]
    assert outcome.effects["a"] == {"crashed a client": 1}


def test_a_client_may_be_paused() -> None:
    """Its answers wait; then it goes on."""
    outcome = run(
        asks=[ask(10, value=1), ask(250, value=2), ask(600, value=3)], faults=[fault("pause", at=200, who="c0", lasting=300)]
    )
    assert [op.time // MS for op in outcome.history.clients()] == [10, 10, 250, 500, 600, 600]
    assert answers(outcome) == [("ok", 1), ("ok", 2), ("ok", 3)]


def test_a_broadcast_reaches_every_other_node() -> None:
    """And not the one that speaks."""

    class Speaker(Node):
        """n2 speaks."""

        def start(self) -> None:
            if self.name == "n2":
                self.broadcast(Note("hello"))

        def receive(self, request: Request) -> Handler:
            self.log(f"{request.sender} to {self.name}")
            return None

    assert logs(run(Speaker, lasts=10)) == ["n2 to n1", "n2 to n3"]
