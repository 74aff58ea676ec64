"""What the other end of a connection sees of a killed program, a machine without power, a paused program (row 86)."""

from __future__ import annotations

import pytest
from town import Town

from chaoskit.core.fault import Fault, On
from chaoskit.sim.cause import Cause
from chaoskit.sim.streams import StreamSettings

KIB = 1024


def test_a_killed_program_ends_its_connections_in_order() -> None:
    """Its machine sends what had left the program, then the end."""
    town = Town()
    client, server = town.pair()
    server.connection.write(b"last words")
    town.control.kill("f1", "n2")
    town.at(10)
    assert client.since(3) == [(4, "data", b"last words"), (4, "eof"), (4, "lost", "NoneType")]
    assert server.told() == ["made"]
    town.rest()
    assert town.connections() == 0


def test_what_waits_in_a_program_dies_with_it() -> None:
    """Beyond the machine's buffer nothing had left it."""
    town = Town()
    client, server = town.pair()
    server.connection.write(bytes(200 * KIB))
    town.control.kill("f1", "n2")
    town.rest()
    assert len(client.read) == 64 * KIB
    assert client.told()[-2:] == ["eof", "lost"]


def test_a_program_killed_with_unread_data_resets() -> None:
    """The writer must not believe that it was read."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(b"unread")
    town.at(10).control.kill("f1", "n2")
    town.at(20)
    assert client.since(10) == [(11, "lost", "ConnectionResetError")]


def test_a_killed_program_refuses_connections_until_it_is_back() -> None:
    """The machine is up: its answer is ECONNREFUSED, also after the boot until somebody listens again."""
    town = Town()
    town.listen()
    town.control.kill("f1", "n2")
    down = town.connect()
    town.at(10).control.heal("f1")
    early = town.connect()
    town.at(20)
    town.listen()
    late = town.connect()
    town.at(30)
    assert [down.told(), early.told(), late.told()] == [["failed"], ["failed"], ["made"]]


def test_writing_to_a_killed_program_is_reset() -> None:
    """It had ended; who goes on writing gets EPIPE."""
    town = Town()
    client, _ = town.pair()
    client.half_open = True
    town.control.kill("f1", "n2")
    town.at(10)
    client.connection.write(b"hello?")
    town.at(20)
    assert client.since(4) == [(4, "eof"), (12, "lost", "BrokenPipeError")]


def test_a_power_loss_is_silence() -> None:
    """The other end hears nothing; what it writes is sent again and again, until it gives up."""
    town = Town()
    client, server = town.pair()
    town.control.kill("f1", "n2", power_loss=True)
    town.at(60_000)
    assert client.told() == ["made"]
    client.connection.write(b"hello?")
    town.rest()
    assert client.since(3) == [(90_000, "lost", "TimeoutError")]
    assert server.told() == ["made"]
    assert town.effects()["missed a message"] == 8


def test_connecting_to_a_machine_without_power_times_out() -> None:
    """Nobody is there to refuse."""
    town = Town()
    town.listen()
    town.control.kill("f1", "n2", power_loss=True)
    client = town.connect()
    town.rest()
    assert client.entries == [(15_000, "failed", "TimeoutError")]


def test_after_a_reboot_old_connections_are_reset() -> None:
    """The machine knows nothing of them: the next retransmission learns it."""
    town = Town()
    client, _ = town.pair()
    town.control.kill("f1", "n2", power_loss=True)
    town.at(10)
    client.connection.write(b"hello?")
    town.at(300).control.heal("f1")
    town.rest()
    assert client.since(4) == [(612, "lost", "ConnectionResetError")]
    assert town.connections() == 0


def test_who_lost_power_is_told_nothing_and_sends_nothing() -> None:
    """Neither its program nor its machine does anything for the old connections."""
    town = Town()
    _client, server = town.pair()
    server.connection.write(bytes(100 * KIB))
    town.control.kill("f1", "n2", power_loss=True)
    sent = [entry for entry in town.sent() if entry[1] == "n2"]
    town.at(50).control.heal("f1")
    town.at(60_000)
    later = [kind for when, node, kind in town.sent(since=4) if node == "n2"]
    assert server.told() == ["made"]
    assert set(later) <= {"TCP-RST"}
    assert len(sent) > 2


def test_a_paused_program_hears_later_and_its_machine_acknowledges() -> None:
    """SIGSTOP: the writer notices nothing until the window is full."""
    town = Town()
    client, server = town.pair()
    town.control.pause("f1", "n2")
    client.connection.write(b"hello")
    town.at(100)
    assert server.told() == ["made"]
    assert client.connection.sending.buffered == 0
    assert town.effects() == {"held back": 1}
    town.control.heal("f1")
    client.connection.close()
    town.at(200)
    assert server.since(4) == [(100, "data", b"hello"), (101, "eof"), (101, "lost", "NoneType")]


def test_a_pause_holds_back_once_what_comes_in_pieces() -> None:
    """The program hears of all of it at once, and the fault is counted once."""
    town = Town()
    client, server = town.pair()
    town.control.pause("f1", "n2")
    client.connection.write(b"hel")
    town.at(50)
    client.connection.write(b"lo")
    town.at(100)
    assert town.effects() == {"held back": 1}
    town.control.heal("f1")
    town.at(101)
    assert server.since(4) == [(100, "data", b"hello")]


def test_acknowledgements_are_nothing_that_a_pause_holds_back() -> None:
    """The report says which faults did nothing: the paused program would have been told nothing."""
    town = Town()
    client, _ = town.pair()
    client.connection.write(b"hello")
    town.control.pause("f1", "n1")
    town.at(100)
    assert town.effects() == {}


def test_a_program_paused_for_long_stops_the_writer() -> None:
    """Back-pressure, no time-out: its machine answers."""
    town = Town(settings=StreamSettings(receive_buffer=4 * KIB))
    client, server = town.pair()
    town.control.pause("f1", "n2")
    client.connection.write(bytes(200 * KIB))
    town.at(120_000)
    assert client.told() == ["made", "pause"]
    town.control.heal("f1")
    town.rest()
    assert len(server.read) == 200 * KIB
    assert client.told()[-1] == "resume"


def test_a_crash_while_paused_loses_what_waited() -> None:
    """The program hears nothing more; its peer is reset: the data was not read."""
    town = Town()
    client, server = town.pair()
    town.control.pause("f1", "n2")
    client.connection.write(b"hello")
    town.at(100).control.kill("f2", "n2")
    town.at(200)
    town.control.heal("f1")
    assert server.told() == ["made"]
    assert client.since(100) == [(101, "lost", "ConnectionResetError")]


def test_a_new_boot_has_nothing_of_the_old() -> None:
    """Ports are free again, and old connections belong to nobody."""
    town = Town()
    client, server = town.pair()
    town.control.kill("f1", "n2")
    town.control.heal("f1")
    town.world.cause = Cause("again")
    town.listen()
    again = town.connect()
    town.at(20)
    assert client.told()[-1] == "lost"
    assert server.told() == ["made"]
    assert again.told() == ["made"]


def test_a_program_that_a_fault_struck_in_mid_handler_does_nothing_more() -> None:
    """Effects are ordered: what it opens after its death is opened by nobody."""
    town = Town()
    process = town.process("n1")
    town.control.kill("f1", "n1")
    diary = town.diary()
    connection = town.streams.connect(process, "n2", 80, diary)
    town.streams.listen(process, 80, lambda connection: diary)
    town.streams.open_datagrams(process, 53, diary).send(b"x", ("n2", 53))
    town.rest()
    assert (connection.state, diary.entries, town.sent()) == ("closed", [], [])
    town.control.heal("f1")
    town.listen("n1", 80)


@pytest.mark.parametrize("power_loss", [False, True])
def test_a_fault_may_strike_at_the_very_segment(power_loss: bool) -> None:
    """The first of many leaves, and its sender dies: what is behind it goes out, or, without power, does not."""
    strike = Fault(id="f1", when=On(event="send TCP-DATA"), who="sender", kind="kill", parameters={"power_loss": power_loss})
    town = Town(faults=[strike])
    client, server = town.pair()
    client.connection.write(bytes(10_000))
    town.at(100)
    assert len(server.read) == (1460 if power_loss else 10_000)
    assert server.told()[-1] == ("data" if power_loss else "lost")


def test_a_client_that_is_replaced_closes_its_connections() -> None:
    """After an unknown outcome a slot goes on as a new process: what the old one had open ends."""
    town = Town()
    town.world.boot_client(0, 0)
    town.listen()
    client = town.connect("c0")
    town.at(5)
    town.process("c0").die()
    town.at(10)
    assert client.told() == ["made"]
    assert town.diaries[0].told() == ["made", "eof", "lost"]
