"""Datagrams, names and addresses."""

from __future__ import annotations

import pytest
from town import Town

from chaoskit.sim.streams import Streams, StreamSettings, UnknownHost


def test_a_datagram_arrives_whole_with_its_sender() -> None:
    """After a millisecond; the answer finds its way back."""
    town = Town()
    here, there = town.diary(), town.diary()
    socket = town.streams.open_datagrams(town.process("n1"), 0, here)
    answering = town.streams.open_datagrams(town.process("n2"), 53, there)
    socket.send(b"who?", ("n2", 53))
    town.at(5)
    answering.send(b"me", there.entries[0][3])
    town.rest()
    assert there.entries == [(1, "datagram", b"who?", ("n1", 49152))]
    assert here.entries == [(6, "datagram", b"me", ("n2", 53))]
    assert [kind for *_, kind in town.sent()] == ["UDP", "UDP"]


def test_a_datagram_to_nobody_is_gone() -> None:
    """No port, no program, no power: no error either."""
    town = Town()
    socket = town.streams.open_datagrams(town.process("n1"), 0, town.diary())
    socket.send(b"x", ("n2", 53))
    town.control.kill("f1", "n3", power_loss=True)
    socket.send(b"x", ("n3", 53))
    town.rest()
    assert [event.data["reason"] for event in town.events("drop")] == ["host down"]


def test_datagrams_are_lost_duplicated_and_never_repeated_by_the_machine() -> None:
    """Exactly what the network does."""
    town = Town()
    there = town.diary()
    town.streams.open_datagrams(town.process("n2"), 53, there)
    socket = town.streams.open_datagrams(town.process("n1"), 0, town.diary())
    town.cut()
    socket.send(b"lost", ("n2", 53))
    town.at(10).control.heal("f1")
    town.control.disturb("f2", "n1", "n2", duplicate=1_000_000)
    socket.send(b"twice", ("n2", 53))
    town.rest()
    assert [entry[2] for entry in there.entries] == [b"twice", b"twice"]


def test_a_paused_program_gets_its_datagrams_later() -> None:
    """In order; a dead one gets none."""
    town = Town()
    there = town.diary()
    socket = town.streams.open_datagrams(town.process("n2"), 53, there)
    here = town.streams.open_datagrams(town.process("n1"), 0, town.diary())
    town.control.pause("f1", "n2")
    for text in (b"1", b"2"):
        here.send(text, ("n2", 53))
    town.at(50).control.heal("f1")
    town.at(60)
    assert [(when, data) for when, _, data, _ in there.entries] == [(50, b"1"), (50, b"2")]
    socket.close()
    here.send(b"3", ("n2", 53))
    town.rest()
    assert len(there.entries) == 2


def test_a_datagram_has_a_largest_size() -> None:
    """EMSGSIZE."""
    town = Town()
    socket = town.streams.open_datagrams(town.process("n1"), 0, town.diary())
    with pytest.raises(OSError, match=r"^\[Errno 90\] message too long: expected at most 65507 bytes but got 65508$"):
        socket.send(bytes(65_508), ("n2", 53))


def test_a_datagram_port_has_one_socket() -> None:
    """EADDRINUSE; streams have ports of their own."""
    town = Town()
    town.listen("n1", 53)
    town.streams.open_datagrams(town.process("n1"), 53, town.diary())
    with pytest.raises(OSError, match="address already in use: n1:53"):
        town.streams.open_datagrams(town.process("n1"), 53, town.diary())


def test_hosts_have_names_and_addresses() -> None:
    """Both are found; localhost is whoever asks; what is neither is an error by name."""
    streams: Streams = Town().streams
    assert [streams.resolve(name, near="n3") for name in ("n1", "10.0.0.2", "localhost", "127.0.0.1", "c0")] == [0, 1, 2, 2, 3]
    with pytest.raises(UnknownHost, match=r"^name or service not known: 'n9'$"):
        streams.resolve("n9")


def test_settings_refuse_what_they_do_not_know() -> None:
    """A misspelt setting is no silent default."""
    with pytest.raises(TypeError):
        StreamSettings(segmnt=1)  # type: ignore[call-arg]
