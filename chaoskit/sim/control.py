"""What a nemesis may do to the world. Every effect has its fault's token, and healing removes that token's effects alone.

Nothing else in the simulator is open to nemeses, so that the same ones can later drive real processes behind the same
functions. What the model does not claim to survive is refused here, unless the plan goes beyond the claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import SELECTORS, Fault
from chaoskit.draws import Draws
from chaoskit.sim.claim import Tolerates, amount
from chaoskit.sim.clocks import Skew
from chaoskit.sim.disks import DiskFault
from chaoskit.sim.network import Cut, Disturbance
from chaoskit.sim.streams.toxics import toxic_of
from chaoskit.sim.triggers import LEADERS

if TYPE_CHECKING:
    from chaoskit.sim.host import Host
    from chaoskit.sim.world import World


class FaultRefused(Exception):  # noqa: N818  # an answer, not an error: the journal and the report say why
    """The fault was not injected: past the model's claim, or there is no such node now."""


class Control:
    """The levers. Nodes go by name; durations and instants are ns; `token` is the fault's id."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def nodes(self) -> list[str]:
        """The names of the cluster's nodes, in order; clients are not among them."""
        return [host.name for host in self._world.nodes]

    @property
    def clients(self) -> list[str]:
        return [host.name for host in self._world.hosts[self._world.clients_from :]]

    @property
    def now(self) -> int:
        return self._world.kernel.now

    def draws(self, token: str) -> Draws:
        """Draws that belong to this fault."""
        return self._world.draws.child("fault", token)

    def observe(self, node: str) -> dict[str, Any]:
        """What the node's own `observe()` said last; empty when it is down."""
        process = self._host(node).process
        return dict(process.observed) if process is not None else {}

    def role(self, node: str) -> str:
        """The node's role in the cluster's shape (`master`, `replica` …)."""
        return self._host(node).role

    def select(self, who: list[str] | str, *, token: str, sender: str | None = None, receiver: str | None = None) -> list[str]:
        """The nodes that a wish comes down to now. Raises `FaultRefused` when there is none."""
        if not isinstance(who, str):
            return [self._host(name).name for name in who]
        nodes, draws = self.nodes, self.draws(token)
        if who in ("sender", "receiver"):
            name = sender if who == "sender" else receiver
            chosen = [name] if name in nodes else []
        elif who.startswith("role:"):
            role = who.removeprefix("role:")
            chosen = [node for node in nodes if role in (self.role(node), self.observe(node).get("role"))]
        elif who == "primaries":
            chosen = [node for node in nodes if self.observe(node).get("role") in LEADERS]
        elif who in SELECTORS:
            chosen = draws.sample(nodes, _count(who, len(nodes), draws), "nodes")
        else:
            raise UsageError(
                f"expected node names, role:NAME, sender, receiver or one of {', '.join(SELECTORS)} but got who={who!r}."
            )
        if not chosen:
            raise FaultRefused(f"no node is {who!r} now")
        return chosen

    # Levers ------------------------------------------------------------------------------------------------------------------

    def cut(self, token: str, source: str, destination: str, **how: Any) -> None:
        """Cuts one direction between two hosts; `how` as in `network.Cut`."""
        self._claim(self.claim.partition, "partitions")
        self._world.network.cut(self._host(source).number, self._host(destination).number, Cut(token=token, **how))

    def disturb(self, token: str, source: str, destination: str, **how: Any) -> None:
        """Puts a packet fault on one direction; `how` as in `network.Disturbance`."""
        if how.get("corrupt"):
            self._claim(self.claim.corruption != "none", "corrupted messages")
        self._world.network.disturb(self._host(source).number, self._host(destination).number, Disturbance(token=token, **how))

    def kill(self, token: str, node: str, *, power_loss: bool = False) -> None:
        """Ends the node's process without cleanup, and keeps it down until healed.

        A power loss also loses or tears unsynced writes. A client's process is not kept down: its slot goes on as a new process.
        """
        host = self._host(node)
        if host.number >= self._world.clients_from:
            self._world.slots.client_crashed(host.number - self._world.clients_from)
            self._world.effect(token, "crashed a client")
            return
        limit = self.claim.power_loss if power_loss else self.claim.kill
        self._spare(host, limit, "power loss" if power_loss else "kill", [h for h in self._world.nodes if h.down_by])
        host.down_by.append(token)
        if host.process is not None:
            process, streams = host.process, self._world.streams
            connected = streams is not None and streams.connections[host.number]
            if process.tasks or process.callers or process.calls or host.disk.pending or connected:
                self._world.effect(token, "died with work pending")
            self._world.crash(host, "power loss" if power_loss else "killed", power_loss=power_loss)

    def wipe(self, token: str, node: str) -> None:
        """Ends the node's process and empties its disk."""
        host = self._host(node)
        # What was lost comes back from the others only in time: the claim counts every node that was ever wiped.
        self._spare(host, self.claim.wipe, "wipe", [h for h in self._world.nodes if h.wiped])
        host.wiped = True
        host.down_by.append(token)
        self._world.crash(host, "wiped", power_loss=False)
        host.disk.wipe()
        self._world.record("wipe", host.name)
        self._world.effect(token, "wiped")

    def pause(self, token: str, node: str) -> None:
        """Stops the node where it stands (SIGSTOP); what arrives waits until it is resumed."""
        host = self._host(node)
        self._spare(host, self.claim.pause, "pause", [h for h in self._world.nodes if h.paused_by])
        if host.process is not None:  # there is nothing to stop on a host that is down
            host.paused_by.append(token)
            self._world.record("pause", host.name)

    def poison(self, token: str, node: str, **how: Any) -> None:
        """Puts a toxic on the connections that the node accepts; `how` as in `streams.Toxic`."""
        toxic = toxic_of(token, how)
        if toxic.type == "corrupt":
            self._claim(self.claim.corruption == "any", "bytes that change where no checksum looks")
        streams = self._world.streams
        if streams is None:
            raise FaultRefused("the model's hosts have no connections")
        streams.poison(toxic, [self._host(node).number])

    def skew(self, token: str, node: str, **how: Any) -> None:
        """Changes the node's clock; `how` as in `clocks.Skew`."""
        self._claim(self.claim.clock, "wrong clocks")
        self._host(node).clock.change(Skew(token=token, since=self.now, **how))
        self._world.record("clock", node, ", ".join(f"{name} {value}" for name, value in sorted(how.items())))

    def spoil_disk(self, token: str, node: str, **how: Any) -> None:
        """Makes the node's disk slow, failing or full; `how` as in `disks.DiskFault`."""
        host = self._host(node)
        self._spare(host, self.claim.disk, "disk fault", [h for h in self._world.nodes if h.disk.faults])
        host.disk.faults.append(DiskFault(token=token, **how))

    def disk_size(self, node: str) -> int:
        """Bytes in use on the node's disk."""
        return self._host(node).disk.size()

    def heal(self, token: str) -> None:
        """Removes all that this token did and nothing else; nodes that no other fault keeps down boot again from their disks."""
        self._world.network.heal(token)
        if self._world.streams is not None:
            self._world.streams.heal(token)
        for host in self._world.hosts:
            host.clock.heal(token, self.now)
            host.disk.heal(token)
            self._resume(host, token)
            if token in host.down_by:
                host.down_by = [other for other in host.down_by if other != token]
                if not host.down_by:
                    self._world.boot(host)

    def heal_core(self, names: list[str]) -> None:
        """Heals these nodes, the links among them and to the clients of every fault; the rest of the cluster stays as it is."""
        hosts = [self._host(name) for name in names]
        clients = range(self._world.clients_from, len(self._world.hosts))
        self._world.network.heal_between([*(host.number for host in hosts), *clients])
        if self._world.streams is not None:
            self._world.streams.heal_on([host.number for host in hosts])
        for host in hosts:
            for token in [skew.token for skew in host.clock.skews]:
                host.clock.heal(token, self.now)
            host.disk.faults = []
            for token in list(host.paused_by):
                self._resume(host, token)
            host.down_by = []
            if host.process is None:
                self._world.boot(host)

    # ---------------------------------------------------------------------------------------------------------------------------

    @property
    def claim(self) -> Tolerates:
        return self._world.cast.tolerates

    def _host(self, name: str) -> Host:
        return self._world.hosts[self._world.host_number(name)]

    def _resume(self, host: Host, token: str) -> None:
        if token in host.paused_by:
            host.paused_by = [other for other in host.paused_by if other != token]
            if not host.paused_by:
                self._world.resume(host)

    def _claim(self, allowed: bool, what: str) -> None:
        if not allowed and not self._world.plan.beyond_claim:
            raise FaultRefused(f"the model does not claim to survive {what}")

    def _spare(self, host: Host, limit: str, what: str, afflicted: list[Host]) -> None:
        if self._world.plan.beyond_claim:
            return
        if host.role in self.claim.immune:
            raise FaultRefused(f"the model does not claim to survive a {what} of role {host.role!r}")
        if host not in afflicted and len(afflicted) + 1 > amount(limit, len(self._world.nodes)):
            raise FaultRefused(f"the model claims to survive a {what} of {limit} of its nodes at once")


def select_count(who: str, nodes: int) -> tuple[int, int]:
    """How many nodes a selector means, at least and at most."""
    minority = max(1, (nodes - 1) // 2)
    return {
        "one": (1, 1),
        "some": (1, nodes),
        "minority": (minority, minority),
        "minority-third": (max(1, (nodes - 1) // 3), max(1, (nodes - 1) // 3)),
        "majority": (nodes // 2 + 1, nodes // 2 + 1),
        "all": (nodes, nodes),
    }[who]


def _count(who: str, nodes: int, draws: Draws) -> int:
    low, high = select_count(who, nodes)
    return draws.integer(low, high, "count")


def fault_label(fault: Fault) -> str:
    """How a fault is called in messages."""
    return f"{fault.id} ({fault.kind})"
