"""Connections between hosts, state by state, with exact virtual times: a packet takes a millisecond (rows 85, 86)."""

from __future__ import annotations

import pytest
from town import Diary, Town

from chaoskit.core.errors import UsageError
from chaoskit.sim.streams import Connection, StreamSettings

KIB = 1024


def test_a_connection_opens_with_three_packets() -> None:
    """SYN, its answer, an acknowledgement: one end knows after two milliseconds, the other after three."""
    town = Town()
    client, server = town.pair()
    town.rest()
    assert town.sent() == [(0, "n1", "TCP-SYN"), (1, "n2", "TCP-SYN"), (2, "n1", "TCP-ACK")]
    assert client.entries == [(2, "made")]
    assert server.entries == [(3, "made")]
    assert (client.connection.state, server.connection.state) == ("open", "open")
    assert server.connection.remote == client.connection.local == ("n1", 49152)
    assert client.connection.remote == server.connection.local == ("n2", 80)


def test_row_86_nobody_listens_there() -> None:
    """ECONNREFUSED after one round trip, and nothing is left."""
    town = Town()
    client = town.connect()
    town.rest()
    assert client.entries == [(2, "failed", "ConnectionRefusedError")]
    assert str(client.error) == "[Errno 111] connection refused by n2:80"
    assert town.connections() == 0


def test_row_86_opening_under_a_partition_is_tried_again_and_times_out() -> None:
    """SYNs after 0, 1, 3 and 7 seconds, ETIMEDOUT after 15."""
    town = Town()
    town.listen()
    town.cut()
    client = town.connect()
    town.rest()
    assert [when for when, *_ in town.sent()] == [0, 1000, 3000, 7000]
    assert client.entries == [(15000, "failed", "TimeoutError")]
    assert town.connections() == 0


def test_opening_survives_a_short_partition() -> None:
    """The second SYN gets through."""
    town = Town()
    town.listen()
    town.cut()
    client = town.connect()
    town.at(500).control.heal("f1")
    town.at(2000)
    assert client.entries == [(1002, "made")]
    assert town.diaries[0].entries == [(1003, "made")]


def test_a_full_backlog_lets_a_connection_wait() -> None:
    """The program is paused and accepts nobody: the third SYN gets no answer until there is room again."""
    town = Town()
    town.listen(backlog=2)
    town.control.pause("f1", "n2")
    clients = [town.connect() for _ in range(3)]
    town.at(500)
    assert [client.told() for client in clients] == [["made"], ["made"], []]
    assert town.diaries == []
    town.control.heal("f1")
    town.at(2000)
    assert clients[2].entries == [(1002, "made")]
    assert len(town.diaries) == 3


def test_bytes_come_in_order_and_are_acknowledged_later_or_with_the_answer() -> None:
    """An answer at once carries the acknowledgement; without one it comes by itself a millisecond later."""
    town = Town()
    client, server = town.pair()
    server.on_data = lambda connection, data: connection.write(data.upper())
    client.connection.write(b"hello")
    town.at(20)
    assert server.since(4) == [(4, "data", b"hello")]
    assert client.since(3) == [(5, "data", b"HELLO")]
    assert town.sent(since=3) == [(3, "n1", "TCP-DATA"), (4, "n2", "TCP-DATA"), (6, "n1", "TCP-ACK")]
    assert client.connection.sending.buffered == server.connection.sending.buffered == 0


def test_a_question_and_its_answer_are_two_events() -> None:
    """What arrives is told of where it arrives, and an acknowledgement that an answer carries is never put on the schedule."""
    town = Town()
    client, server = town.pair()
    server.on_data = lambda connection, data: connection.write(data)
    client.connection.write(b"first")  # its retransmission timer is for all
    town.at(100)
    before = town.world.kernel.events
    client.connection.write(b"again")
    town.at(102)
    assert client.since(102) == [(102, "data", b"again")]
    assert town.world.kernel.events == before + 2


def test_a_long_write_is_cut_into_segments() -> None:
    """Of 1460 bytes and what their headers take; what comes at one instant the program reads at once."""
    town = Town()
    client, server = town.pair()
    client.connection.write(bytes(3000))
    town.at(10)
    sizes = [event.data["size"] for event in town.events("send") if event.data["type"] == "TCP-DATA"]
    assert [size // 20 for size in sizes] == [74, 74, 5]
    assert server.since(4) == [(4, "data", bytes(3000))]


def test_small_writes_behind_a_closed_window_leave_together() -> None:
    """A thousand bytes one by one are one segment when there is room again."""
    town = Town(settings=StreamSettings(receive_buffer=1460))
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(bytes(1460))
    for _ in range(1000):
        client.connection.write(b"x")
    town.at(20)
    before = len(town.sent())
    server.connection.resume_reading()
    town.at(30)
    assert [kind for _, node, kind in town.sent()[before:] if node == "n1"] == ["TCP-DATA"]
    assert server.read == bytes(1460) + b"x" * 1000


def test_lost_segments_are_sent_again_later_and_later() -> None:
    """200 ms, then twice as long each time, as long as the partition lasts; nothing is lost."""
    town = Town()
    client, server = town.pair()
    town.at(10).cut()
    client.connection.write(b"hello")
    town.at(5000).control.heal("f1")
    town.at(8000)
    assert [when for when, node, _ in town.sent(since=10) if node == "n1"] == [10, 210, 610, 1410, 3010, 6210]
    assert server.since(10) == [(6211, "data", b"hello")]


def test_row_86_a_partition_that_stays_ends_in_a_time_out() -> None:
    """ETIMEDOUT thirty seconds after the last thing that moved; the other end knows nothing."""
    town = Town()
    client, server = town.pair()
    town.at(10).cut()
    client.connection.write(b"hello")
    town.rest()
    assert client.since(10) == [(30010, "lost", "TimeoutError")]
    assert server.since(10) == []
    town.control.heal("f1")
    server.connection.write(b"are you there?")
    town.rest()
    assert [entry[1:] for entry in server.since(10)] == [("lost", "ConnectionResetError")]
    assert town.connections() == 0


def test_half_a_connection_closes_and_the_other_half_goes_on() -> None:
    """After `write_eof` one still reads; when both have ended, both are told that it is over."""
    town = Town()
    client, server = town.pair()
    client.half_open = server.half_open = True
    client.connection.write(b"question")
    client.connection.write_eof()
    town.at(10)
    assert server.told() == ["made", "data", "eof"]
    assert (client.connection.state, server.connection.state) == ("half-closed", "half-closed")
    server.connection.write(b"answer")
    server.connection.close()
    town.at(20)
    assert client.read == b"answer"
    assert client.told() == ["made", "data", "eof"]
    client.connection.close()
    town.rest()
    assert client.entries[-1] == (20, "lost", "NoneType")
    assert server.entries[-1] == (10, "lost", "NoneType")
    assert town.connections() == 0


def test_row_86_whoever_does_not_keep_it_open_closes_at_the_end_of_the_other() -> None:
    """`eof_received` answers nothing: the transport closes, as asyncio's does."""
    town = Town()
    client, server = town.pair()
    client.connection.close()
    town.at(10)
    assert client.since(3) == [(3, "lost", "NoneType")]
    assert server.since(4) == [(4, "eof"), (4, "lost", "NoneType")]


def test_a_closed_end_is_remembered_to_acknowledge_again() -> None:
    """The last acknowledgement gets lost: the other end's FIN comes again and is answered; a minute later all is forgotten."""
    town = Town()
    client, server = town.pair()
    client.connection.close()
    town.at(4.5).control.cut("f1", "n1", "n2")
    town.at(100).control.heal("f1")
    assert (town.connections(), client.connection.state, server.connection.state) == (2, "closed", "closed")
    town.at(1000)
    assert town.connections() == 1
    assert "TCP-RST" not in [kind for *_, kind in town.sent()]
    town.rest()
    assert town.connections() == 0


def test_closing_with_unread_data_resets_the_other_end() -> None:
    """As Linux does: what was sent will never be read, and its sender should know."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(b"unread")
    town.at(10)
    server.connection.close()
    town.at(20)
    assert server.since(10) == [(10, "lost", "NoneType")]
    assert client.since(10) == [(11, "lost", "ConnectionResetError")]
    assert town.connections() == 0


def test_row_85_writing_to_a_closed_end_resets_the_writer() -> None:
    """A response cut off in its middle by a close is an error for whoever still sends, never an end."""
    town = Town()
    client, server = town.pair()
    server.half_open = True
    client.connection.close()
    town.at(10)
    server.connection.write(b"too late")
    town.at(20)
    assert server.since(10) == [(12, "lost", "BrokenPipeError")]


def test_row_86_abort_loses_what_is_unsent_and_resets_the_other_end() -> None:
    """ECONNRESET there, no error here."""
    town = Town()
    client, server = town.pair()
    client.connection.write(bytes(200 * KIB))
    client.connection.abort()
    town.rest()
    assert client.since(3)[-1] == (3, "lost", "NoneType")
    assert server.entries[-1] == (4, "lost", "ConnectionResetError")
    assert len(server.read) < 200 * KIB
    assert town.connections() == 0


def test_row_86_writing_after_the_end_is_a_broken_pipe() -> None:
    """EPIPE after `write_eof`, after `close`, and after the loss."""
    town = Town()
    client, server = town.pair()
    client.connection.write_eof()
    with pytest.raises(BrokenPipeError, match=r"^\[Errno 32\] broken pipe to n2:80$"):
        client.connection.write(b"more")
    server.connection.close()
    with pytest.raises(BrokenPipeError):
        server.connection.write(b"more")
    town.rest()
    with pytest.raises(BrokenPipeError):
        client.connection.write(b"more")


def test_a_slow_reader_stops_the_writer() -> None:
    """Machine's buffers full, the program is told to pause; and to go on once the reader reads."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(bytes(64 * KIB + 64 * KIB))
    assert client.told() == ["made"]
    client.connection.write(b"x")
    assert client.since(3) == [(3, "pause")]
    town.at(50)
    assert client.told() == ["made", "pause", "resume"]
    client.connection.write(bytes(192 * KIB))
    town.at(5000)
    assert client.connection.write_buffer_size == 192 * KIB + 1
    assert server.connection.receiving.unread_bytes == 64 * KIB
    assert server.told() == ["made"]
    server.connection.resume_reading()
    town.rest()
    assert len(server.read) == 320 * KIB + 1
    assert client.told()[-2:] == ["pause", "resume"]


def test_a_closed_window_is_asked_for_and_a_lost_update_does_no_harm() -> None:
    """The update that the window is open again gets lost; the next probe finds it open."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(bytes(100 * KIB))
    town.at(1000).control.cut("f1", "n2", "n1")
    server.connection.resume_reading()
    town.at(1100).control.heal("f1")
    town.at(20_000)
    assert len(server.read) == 100 * KIB


def test_a_reader_may_be_slow_for_an_hour() -> None:
    """A window that stays closed is no time-out as long as somebody answers the probes."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(bytes(100 * KIB))
    town.at(3_600_000)
    assert client.told() == ["made"]
    server.connection.resume_reading()
    town.at(3_700_000)
    assert len(server.read) == 100 * KIB


def test_a_closed_window_and_a_dead_line_time_out() -> None:
    """Nobody answers the probes."""
    town = Town()
    client, server = town.pair()
    server.connection.pause_reading()
    client.connection.write(bytes(100 * KIB))
    town.at(1000).cut()
    town.rest()
    assert client.entries[-1][1:] == ("lost", "TimeoutError")
    assert 25_000 < client.entries[-1][0] < 40_000


def test_events_come_with_their_causes() -> None:
    """What a program does in an event, it does because of what was written at the other end."""
    town = Town()
    client, server = town.pair()
    causes: list[str] = []
    server.on_data = lambda connection, data: causes.append(town.world.cause.name)
    client.connection.write(b"a")
    town.at(20)
    assert causes == ["i0"]
    assert {event.cause for event in town.events("send")} == {"i0"}


def test_a_program_that_raises_in_an_event_crashes() -> None:
    """As in any other handler: a violation, and the other end sees what a kill shows."""

    def fails(connection: Connection, data: bytes) -> None:
        raise ZeroDivisionError("oops")

    town = Town()
    client, server = town.pair()
    server.on_data = fails
    client.connection.write(b"a")
    town.at(20)
    assert [violation.kind for violation in town.world.violations] == ["node-exception"]
    assert client.since(4) == [(5, "eof"), (5, "lost", "NoneType")]


def test_a_duplicated_and_reordered_network_shows_each_byte_once() -> None:
    """Every packet twice, any order."""
    town = Town(latency="uniform:1ms..50ms", duplicate=1_000_000)
    town.listen()
    client = town.connect()
    text = bytes(range(256)) * 100
    client.on_made = lambda connection: connection.write(text)
    town.rest()
    assert town.diaries[0].read == text


def test_corrupted_segments_are_found_by_their_checksum() -> None:
    """They are losses, even where a model claims nothing about corruption."""
    town = Town()
    client, server = town.pair()
    town.control.disturb("f1", "n1", "n2", corrupt=1_000_000)
    client.connection.write(b"hello")
    town.at(100)
    assert server.read == b""
    town.control.heal("f1")
    town.at(1000)
    assert server.read == b"hello"
    assert town.effects() == {"corrupted": 1}


def test_a_listener_that_closes_refuses_and_keeps_what_it_accepted() -> None:
    """New ones get ECONNREFUSED; those that waited for the program are reset."""
    town = Town()
    listener = town.listen()
    client = town.connect()
    town.at(5)
    listener.close()
    late = town.connect()
    client.connection.write(b"still here")
    town.at(20)
    assert late.told() == ["failed"]
    assert town.diaries[0].read == b"still here"


def test_a_port_has_one_listener() -> None:
    """EADDRINUSE; another host's port is another port, and port 0 is a free one."""
    town = Town()
    town.listen()
    town.listen("n3")
    with pytest.raises(OSError, match=r"^\[Errno 98\] address already in use: n2:80$"):
        town.listen()
    assert [town.listen(port=0).port for _ in range(2)] == [49152, 49153]


def test_closing_while_it_opens_tells_nothing_more() -> None:
    """The program is gone before the answer came: that is refused."""
    town = Town()
    town.listen()
    client = town.connect()
    client.connection.close()
    town.rest()
    assert client.entries == []
    assert town.diaries == []
    assert town.connections() == 0


def test_buffer_limits_are_checked() -> None:
    """Low is not above high."""
    client, _ = Town().pair()
    with pytest.raises(UsageError, match=r"^expected 0 <= low <= high but got low=2, high=1\.$"):
        client.connection.set_write_buffer_limits(high=1, low=2)


def test_a_host_speaks_with_itself() -> None:
    """By its name or as localhost, at once."""
    town = Town()
    town.listen("n1")
    diary: Diary = town.connect("n1", "localhost")
    diary.on_made = lambda connection: connection.write(b"me")
    town.at(5)
    assert town.diaries[0].read == b"me"
