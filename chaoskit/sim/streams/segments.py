"""What travels between two hosts' stream layers: segments of connections, and datagrams; and the layer's fixed numbers.

Both are packets of the network like any message: latency, loss, cuts, duplicates and the journal treat them alike. A
sequence number counts as in TCP: the opening (SYN) takes 0, the k-th byte k + 1, the end (FIN) the number behind the last
byte. A connection is known by who opened it and that host's how-many-eth it is, never by its ports alone: what is late from
an earlier connection cannot be taken for a later one's.

After RFC 9293 (TCP) and RFC 768 (UDP).
"""

from __future__ import annotations

import msgspec

from chaoskit.core.units import MILLISECOND, SECOND

SYN, DATA, ACK, FIN, RST, UDP = "TCP-SYN", "TCP-DATA", "TCP-ACK", "TCP-FIN", "TCP-RST", "UDP"
DATAGRAM_BYTES_MAX = 65_507
EPHEMERAL_FROM, EPHEMERAL_UNTIL = 49_152, 65_536  # ports for those who open connections
Key = tuple[int, int, bool]  # (opener's host number, its how-many-eth, whether this is the opener's end)


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the layer. Sizes are bytes, times ns.

    `send_buffer` is what a dead program's machine still sends; what was written beyond it waits in the program, and
    `pause_writing` comes when that is more than `high_water`. Retransmissions begin `retransmit_first` after the first loss
    that nobody could foresee (no round trip was measured yet), at least `retransmit_min`, twice as late each time;
    `connect_timeout` and `give_up` end them. `linger` is how long the ends of a closed connection are remembered.
    """

    segment: int = 1460
    receive_buffer: int = 65_536
    send_buffer: int = 65_536
    high_water: int = 65_536
    low_water: int = 16_384
    pipe_buffer: int = 1_048_576  # what toxics hold before the sender feels it
    backlog: int = 100
    ack_delay: int = MILLISECOND
    retransmit_first: int = SECOND
    retransmit_min: int = 200 * MILLISECOND
    retransmit_max: int = 60 * SECOND
    connect_timeout: int = 15 * SECOND
    give_up: int = 30 * SECOND
    linger: int = 60 * SECOND


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """A piece of one direction of a connection. `acknowledges` is the next number its sender expects, 0 for none yet."""

    opener: int
    serial: int
    to_opener: bool
    source_port: int
    destination_port: int
    sequence: int
    acknowledges: int
    window: int
    syn: bool = False
    fin: bool = False
    reset: bool = False
    probe: bool = False  # asks for an acknowledgement: "is your window still closed?"
    data: bytes = b""

    @property
    def kind(self) -> str:
        """The packet's type in the journal, for triggers and for faults on some types only."""
        if self.reset:
            return RST
        if self.syn:
            return SYN
        if self.fin:
            return FIN
        return DATA if self.data else ACK

    @property
    def key(self) -> Key:
        """The end that it is for."""
        return (self.opener, self.serial, self.to_opener)


class Datagram(msgspec.Struct, frozen=True, array_like=True):
    """A message by itself: it arrives whole, once, twice or never, in any order."""

    source_port: int
    destination_port: int
    data: bytes

    @property
    def kind(self) -> str:
        return UDP


encode = msgspec.msgpack.Encoder(order="deterministic").encode


def veiled(content: Segment | Datagram) -> Segment | Datagram:
    """The same with zeros for data."""
    return msgspec.structs.replace(content, data=bytes(len(content.data)))
