"""A cluster to try the world on: programs of a few lines, a scripted client, faults that pull one lever each.

A test says what nodes do, what is asked when, and what breaks; it gets the outcome of the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from chaoskit.core.fault import At, Fault, On
from chaoskit.core.journal import Event
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.model import Client, Handler, Invariant, Message, Model, Node, Op, Request, Role, Tolerates
from chaoskit.sim.control import Control
from chaoskit.sim.slots import Asker
from chaoskit.sim.world import World

MS = MILLISECOND
CALM = "constant:1ms"  # a network in which a message takes a millisecond
SYNC = "constant:2ms"
Lever = Callable[[Control, Fault, list[str]], dict[str, Any]]


class Do(Message):
    """What a client asks."""

    f: str
    key: Any = None
    value: Any = None


class Done(Message):
    """What it is told."""

    value: Any = None


class Note(Message):
    """What nodes tell each other."""

    text: str


class DoClient(Client):
    """Asks its node and believes the answer. `end` is there to keep a run going and asks nobody."""

    async def invoke(self, op: Op) -> Op:
        if op.f == "end":
            return op.ok()
        answer: Done = await self.call(Do(op.f, op.key, op.value))
        return op.ok(answer.value)


class Echo(Node):
    """Answers with what it was asked."""

    def receive(self, request: Request) -> Handler:
        if isinstance(request.body, Do):
            request.reply(Done(request.body.value))
        return None


class NoQuestions:
    """A generator with nothing in it."""

    def poll(self, now: int) -> None:
        return None

    def began(self, op: Op) -> None:
        """Nothing begins."""

    def ended(self, slot: int, op: Op, now: int) -> None:
        """Nothing ends."""


def ask(at: float, f: str = "do", value: Any = None, *, key: Any = None, slot: int = 0, phase: int = 0) -> Invocation:
    """An operation at so many milliseconds."""
    return Invocation(id=0, slot=slot, phase=phase, not_before=int(at * MS), f=f, key=key, value=value)


def fault(
    kind: str,
    *,
    at: float | None = None,
    on: str | None = None,
    nth: int = 1,
    after: float = 0,
    who: list[str] | str = "n1",
    lasting: float | None = None,
    name: str = "f1",
    **parameters: Any,
) -> Fault:
    """A fault that begins at so many milliseconds, or on an event; one of `LEVERS`."""
    when = At(int((at or 0) * MS)) if on is None else On(event=on, nth=nth, after=int(after * MS))
    selected = [who] if isinstance(who, str) and who[0] in "nc" and who[1:].isdecimal() else who
    ns = None if lasting is None else int(lasting * MS)
    return Fault(id=name, when=when, who=selected, kind=kind, parameters=parameters, lasting=ns)


def run(
    node: type[Node] | Mapping[str, Role] = Echo,
    *,
    asks: Sequence[Invocation] = (),
    faults: Sequence[Fault] = (),
    client: type[Client] = DoClient,
    nodes: int = 3,
    clients: int = 1,
    seed: int = 1,
    lasts: float = 0,
    network: Mapping[str, Any] | None = None,
    disk: Mapping[str, Any] | None = None,
    clocks: Mapping[str, Any] | None = None,
    tolerates: Tolerates | None = None,
    invariants: Sequence[Invariant] = (),
    levers: Mapping[str, Lever] | None = None,
    asker_for: Callable[[str, list[int]], Asker] | None = None,
    beyond_claim: bool = False,
    partition_clients: bool = False,
    check_aliasing: bool = True,
    op_timeout: float = 1000,
    recovery: float = 3000,
    phases: Sequence[int] = (),
    overrides: Mapping[str, int] | None = None,
) -> Outcome:
    """The outcome of a run. Its main phase lasts as long as its asks, or for `lasts` milliseconds."""
    if lasts:
        asks = [*asks, ask(lasts, "end", slot=clients)]
        clients += 1
    names = [f"n{number}" for number in range(1, nodes + 1)]
    model = Model(
        name="toy",
        node=node,
        clients={"toy": client},
        tolerates=tolerates or Tolerates(down="all", wipe="all", corruption="any"),
        invariants=tuple(invariants),
    )
    plan = Plan(
        seed=seed,
        model="toy",
        workload="toy",
        cluster=Cluster(
            nodes=names,
            roles=model.assign_roles(names),
            clients=clients,
            network={"latency": CALM, **(network or {})},
            disk={"sync": SYNC, **(disk or {})},
            clocks=dict(clocks or {}),
        ),
        pacing=Pacing(ops=100, rate=100, time_limit=60 * SECOND, op_timeout=int(op_timeout * MS), recovery=int(recovery * MS)),
        faults=list(faults),
        invocations=None if asker_for else [replace(asked, id=number) for number, asked in enumerate(asks)],
        beyond_claim=beyond_claim,
        partition_clients=partition_clients,
        phases=list(phases),
        overrides=dict(overrides or {}),
    )
    world = World(
        plan,
        model.cast(plan, read_only=frozenset({"read"})),
        injectors=LEVERS if levers is None else levers,
        asker_for=asker_for or (lambda phase, slots: NoQuestions()),
        check_aliasing=check_aliasing,
    )
    return world.run()


def events(outcome: Outcome, *kinds: str, node: str | None = None, **data: Any) -> list[Event]:
    """What the journal holds of these kinds, of this node, with these fields."""
    found = outcome.journal.events(kinds=frozenset(kinds) if kinds else None)
    return [
        event
        for event in found
        if node in (None, event.node) and all(event.data.get(name) == value for name, value in data.items())
    ]


def times(found: Sequence[Event]) -> list[float]:
    """When they happened, in milliseconds."""
    return [event.time / MS for event in found]


def answers(outcome: Outcome) -> list[tuple[str, Any]]:
    """How the client's operations ended: (type, value or error), without the one that only keeps the run going."""
    return [(op.type, op.error or op.value) for op in outcome.history.clients() if op.type != "invoke" and op.f != "end"]


def logs(outcome: Outcome, node: str | None = None) -> list[str]:
    """What nodes logged."""
    return [event.data["text"] for event in events(outcome, "log", node=node)]


def _on_nodes(lever: Callable[..., None]) -> Lever:
    def strike(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        for node in nodes:
            lever(control, fault.id, node, **fault.parameters)
        return dict(fault.parameters)

    return strike


def _on_link(lever: Callable[..., None]) -> Lever:
    def strike(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        lever(control, fault.id, **fault.parameters)
        return dict(fault.parameters)

    return strike


LEVERS: dict[str, Lever] = {
    "kill": _on_nodes(Control.kill),
    "wipe": _on_nodes(Control.wipe),
    "pause": _on_nodes(Control.pause),
    "clock": _on_nodes(Control.skew),
    "disk": _on_nodes(Control.spoil_disk),
    "cut": _on_link(Control.cut),  # parameters: source, destination, and those of a Cut
    "packet": _on_link(Control.disturb),
}
