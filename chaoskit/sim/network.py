"""The network: decides the fate of opaque packets, link by link.

`carry` draws once per packet (an addressed draw) and slices the bits: the upper ones are its latency, further draws at the
same address decide loss, duplication, corruption and reordering where a link has any. Faults sit on links as effects under a
token; healing removes the effects of that token alone. Every packet that a fault touches is counted for that fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws, Law, constant, law_from_text, mix, salt
from chaoskit.sim.cause import Cause
from chaoskit.sim.kernel import Kernel, Scheduled, address, chance, fate, quantile

_GOLDEN = 0x9E37_79B9_7F4A_7C15
_MASK = 0xFFFF_FFFF_FFFF_FFFF
BURST_WINDOW = 100 * MILLISECOND  # bursty loss is decided per link and window of virtual time
BURST_LOSS_PPM = 800_000  # what is lost inside a bad window


class Weather(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every link does on an ordinary day. Probabilities in ppm; `bandwidth` in bytes a second, 0 for unlimited."""

    latency: str = "lognormal:2ms,sigma=0.4"
    loss: int = 0
    burst_loss: int = 0  # the share of windows in which a link is bad
    duplicate: int = 0
    reorder: int = 0
    bandwidth: int = 0


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A one-way cut of a link. `hold` keeps what is sent instead of dropping it.

    `in_flight`: what is already under way when the cut comes is "deliver"ed or "drop"ped. `at_heal`: so with what is held, or
    still under way, when it heals.
    """

    token: str
    hold: bool = False
    in_flight: str = "deliver"
    at_heal: str = "deliver"


class Disturbance(msgspec.Struct, frozen=True, kw_only=True):
    """A packet fault on a link: more delay, loss, duplicates, corruption, reordering (ppm), a lower rate (bytes a second)."""

    token: str
    delay: str | None = None  # a law, added to the latency
    loss: int = 0
    burst_loss: int = 0
    duplicate: int = 0
    corrupt: int = 0
    reorder: int = 0
    rate: int = 0
    types: list[str] | None = None  # only messages of these types; None for all


class Packet:
    """A packet under way. `payload` is opaque to the network; `copy` tells a duplicate (1, 2 …) from the original (0).

    It has no constructor: `Network.carry` fills it in, because that call would cost as much as all else that it does.
    """

    __slots__ = ("body", "cause", "copy", "destination", "epoch", "kind", "link", "number", "payload", "source")

    source: int
    destination: int
    number: int
    kind: str
    body: bytes
    payload: Any
    cause: Cause
    link: Link
    epoch: int  # the link's when it was sent
    copy: int

    def is_lost(self) -> bool:
        """Whether a cut dropped it while it was in flight: found out when its time has come."""
        return self.epoch != self.link.epoch

    def duplicate(self) -> Packet:
        """Another one of the same."""
        copy = Packet.__new__(Packet)
        copy.source, copy.destination, copy.number = self.source, self.destination, self.number
        copy.kind, copy.body, copy.payload = self.kind, self.body, self.payload
        copy.cause, copy.link, copy.epoch = self.cause, self.link, self.epoch
        copy.copy = self.copy + 1
        return copy


class Link:
    """One direction between two hosts. `quiet` means that nothing but latency happens on it: the fast path."""

    __slots__ = (
        "busy_until",
        "cuts",
        "disturbances",
        "epoch",
        "exempt",
        "held",
        "name",
        "number",
        "quiet",
        "salt",
        "settled",
        "table",
        "weather",
    )

    def __init__(self, name: str, number: int, weather: Weather, law: Law, *, exempt: bool) -> None:
        self.name = name
        self.number = number
        self.salt = salt(name)
        self.weather = weather
        self.table = law.table
        self.settled: int | None = None  # the bits of every packet that has none of its own, when the plan settles packets
        self.exempt = exempt  # a client's own link: outside the network's weather and, unless asked, its faults
        self.cuts: list[Cut] = []
        self.disturbances: list[Disturbance] = []
        self.held: list[tuple[Packet, int]] = []  # with the bits that decide their fate
        self.epoch = 0  # raised when what is in flight is to be dropped
        self.busy_until = 0
        self.quiet = True
        self.refresh()

    def refresh(self) -> None:
        weather = self.weather
        calm = not (weather.loss or weather.burst_loss or weather.duplicate or weather.reorder or weather.bandwidth)
        self.quiet = (calm or self.exempt) and not self.cuts and not self.disturbances


class Listener(Protocol):
    """What the network tells the world: what became of packets, and what a fault did."""

    def dropped(self, packet: Packet, reason: str) -> None: ...
    def duplicated(self, packet: Packet) -> None: ...
    def corrupted(self, packet: Packet, bits: int) -> bool: ...
    def effect(self, token: str, effect: str) -> None: ...


class Network:
    """All links of a cluster, made when first used. Host numbers index `names`; clients are those from `clients_from` on."""

    def __init__(
        self,
        kernel: Kernel,
        draws: Draws,
        *,
        names: list[str],
        clients_from: int,
        weather: Weather,
        deliver: Callable[[Packet], None],
        listener: Listener,
        partition_clients: bool = False,
    ) -> None:
        self.kernel = kernel
        self.names = names
        self.weather = weather
        self.law = law_from_text(weather.latency, name="latency")
        self._draws = draws
        self._seed_key = draws.seed_key
        self._overrides = draws.overrides
        self._clients_from = clients_from
        self._partition_clients = partition_clients
        self._deliver = deliver
        self._listener = listener
        self._width = len(names)
        self._links: list[Link | None] = [None] * (len(names) * len(names))

    def link(self, source: int, destination: int) -> Link:
        """The link from one host to another."""
        number = source * len(self.names) + destination
        link = self._links[number]
        if link is None:
            client = source >= self._clients_from or destination >= self._clients_from
            near = client or source == destination
            name = f"{self.names[source]}>{self.names[destination]}"
            law = constant(0) if near else self.law
            link = self._links[number] = Link(name, number, self.weather, law, exempt=near)
            link.settled = self._draws.settled("packet", name)
        return link

    def carry(self, source: int, destination: int, number: int, kind: str, body: bytes, payload: Any, cause: Cause) -> None:
        """Sends a packet on its way; `number` names it in the journal. Delivery comes later, once, twice or never."""
        place = source * self._width + destination
        link = self._links[place] or self.link(source, destination)
        nth = cause.count(place)
        bits = fate(cause.key, link.salt, nth, self._seed_key)
        if self._overrides:
            bits = self._overrides.get(address(cause.key, link.salt, nth), bits if link.settled is None else link.settled)
        packet = Packet.__new__(Packet)
        packet.source, packet.destination, packet.number = source, destination, number
        packet.kind, packet.body, packet.payload = kind, body, payload
        packet.cause, packet.link, packet.epoch = cause, link, link.epoch
        packet.copy = 0
        if link.quiet:
            kernel = self.kernel
            kernel.schedule(kernel.now + quantile(link.table, bits), source, self._deliver, packet)
        else:
            self._carry_through_weather(packet, bits)

    def reroute(self, deliver: Callable[[Packet], None]) -> Callable[[Packet], None]:
        """Hands what arrives to another, from before the first packet on. Returns who took it until now."""
        before, self._deliver = self._deliver, deliver
        return before

    def cut(self, source: int, destination: int, cut: Cut) -> None:
        """Cuts one direction under a token."""
        link = self.link(source, destination)
        if link.exempt and not self._partition_clients:
            return
        link.cuts.append(cut)
        if cut.in_flight == "drop":
            self._lose_in_flight(link, cut.token)
        link.refresh()

    def disturb(self, source: int, destination: int, disturbance: Disturbance) -> None:
        """Puts a packet fault on one direction under a token."""
        link = self.link(source, destination)
        if not link.exempt:
            link.disturbances.append(disturbance)
            link.refresh()

    def heal(self, token: str) -> None:
        """Removes what this token did to any link, and nothing else."""
        for link in self._made():
            if link.cuts or link.disturbances:
                self._heal_link(link, token)

    def heal_between(self, hosts: list[int]) -> None:
        """Removes every fault on the links between these hosts, whoever put it there."""
        for link in self._made():
            source, destination = divmod(link.number, len(self.names))
            if source in hosts and destination in hosts:
                for token in [cut.token for cut in link.cuts] + [disturbance.token for disturbance in link.disturbances]:
                    self._heal_link(link, token)

    def in_flight(self) -> list[Packet]:
        """Every packet under way or held, by its time of arrival."""
        flying = sorted(self._flying(), key=lambda event: event[:2])
        return [event[3] for event in flying] + [packet for link in self._made() for packet, _ in link.held]

    def _flying(self) -> Iterator[Scheduled]:
        return (event for event in self.kernel.heap if event[2] == self._deliver)

    def _made(self) -> Iterator[Link]:
        return (link for link in self._links if link is not None)

    def _heal_link(self, link: Link, token: str) -> None:
        healed = [cut for cut in link.cuts if cut.token == token]
        link.cuts = [cut for cut in link.cuts if cut.token != token]
        link.disturbances = [disturbance for disturbance in link.disturbances if disturbance.token != token]
        link.refresh()
        if healed:
            self._release(link, healed[0])

    def _release(self, link: Link, cut: Cut) -> None:
        if cut.at_heal == "drop":
            self._lose_in_flight(link, cut.token)
        if any(other.hold for other in link.cuts):
            return  # still held by another fault
        held, link.held = link.held, []
        for packet, bits in held:
            if cut.at_heal == "drop":
                self._listener.dropped(packet, "dropped at heal")
            elif link.cuts:
                self._drop_by(link.cuts[0], packet)
            else:
                packet.epoch = link.epoch
                self._schedule(packet, quantile(link.table, bits))

    def _lose_in_flight(self, link: Link, token: str) -> None:
        """What is in flight on the link will not arrive; it is found out, and journaled, when its time comes."""
        link.epoch += 1
        if any(event[3].link is link for event in self._flying()):
            self._listener.effect(token, "lost in flight")

    def _schedule(self, packet: Packet, delay: int) -> None:
        self.kernel.schedule(self.kernel.now + delay, packet.source, self._deliver, packet)

    def _carry_through_weather(self, packet: Packet, bits: int) -> None:
        link, listener = packet.link, self._listener
        for cut in link.cuts:
            if not cut.hold:
                self._drop_by(cut, packet)
                return
        if link.cuts:
            listener.effect(link.cuts[0].token, "held")
            link.held.append((packet, bits))
            return
        stir = mix(bits ^ _GOLDEN)
        delay = 0 if link.exempt else self._weather(packet, stir)
        for disturbance in link.disturbances:
            if delay >= 0 and (disturbance.types is None or packet.kind in disturbance.types):
                more = self._disturb(packet, disturbance, mix((stir + salt(disturbance.token)) & _MASK))
                delay = delay + more if more >= 0 else -1
        if delay >= 0:
            self._schedule(packet, quantile(link.table, bits) + delay)

    def _weather(self, packet: Packet, bits: int) -> int:
        """What an ordinary day does to a packet: the delay that it adds (ns), -1 when the packet is gone."""
        link, weather = packet.link, packet.link.weather
        delay = 0
        if chance(bits, 0, weather.loss) or self._in_burst(link, weather.burst_loss, bits, "weather"):
            self._listener.dropped(packet, "lost")
            return -1
        if chance(bits, 1, weather.reorder):
            delay += quantile(link.table, mix(bits + 2)) * 4
        if chance(bits, 2, weather.duplicate):
            self._send_copy(packet, mix(bits + 3))
        if weather.bandwidth:
            delay += self._queue(link, len(packet.body), weather.bandwidth)
        return delay

    def _drop_by(self, cut: Cut, packet: Packet) -> None:
        self._listener.effect(cut.token, "dropped")
        self._listener.dropped(packet, f"cut by {cut.token}")

    def _disturb(self, packet: Packet, fault: Disturbance, bits: int) -> int:
        """What one packet fault does to a packet: the delay that it adds (ns), -1 when the packet is gone."""
        link, listener = packet.link, self._listener
        delay = 0
        if chance(bits, 0, fault.loss) or self._in_burst(link, fault.burst_loss, bits, fault.token):
            listener.effect(fault.token, "lost")
            listener.dropped(packet, f"lost by {fault.token}")
            return -1
        if chance(bits, 1, fault.corrupt):
            listener.effect(fault.token, "corrupted")
            if not listener.corrupted(packet, mix(bits + 1)):
                return -1
        if chance(bits, 2, fault.duplicate):
            listener.effect(fault.token, "duplicated")
            self._send_copy(packet, mix(bits + 2))
        if fault.delay is not None:
            listener.effect(fault.token, "delayed")
            delay += law_from_text(fault.delay).sample(mix(bits + 3))
        if fault.reorder and chance(mix(bits + 4), 0, fault.reorder):
            listener.effect(fault.token, "reordered")
            delay += quantile(link.table, mix(bits + 5)) * 8
        if fault.rate:
            queued = self._queue(link, len(packet.body), fault.rate)
            if queued:
                listener.effect(fault.token, "slowed")
            delay += queued
        return delay

    def _in_burst(self, link: Link, ppm: int, bits: int, owner: str) -> bool:
        if not ppm:
            return False
        window = self.kernel.now // BURST_WINDOW
        return self._draws.chance(ppm, "burst", owner, link.name, window) and chance(mix(bits + 9), 0, BURST_LOSS_PPM)

    def _send_copy(self, packet: Packet, bits: int) -> None:
        copy = packet.duplicate()
        self._listener.duplicated(copy)
        self._schedule(copy, quantile(packet.link.table, bits) * 2)

    def _queue(self, link: Link, size: int, rate: int) -> int:
        """How long a packet waits until the link has sent it at this rate, behind what was queued before (ns)."""
        now = self.kernel.now
        link.busy_until = max(now, link.busy_until) + size * SECOND // rate
        return link.busy_until - now
