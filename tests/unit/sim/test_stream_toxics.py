"""Toxics on connections, one by one, with exact virtual times (row 92), and how they come, go and choose."""

from __future__ import annotations

import pytest
from town import Diary, Town

from chaoskit.core.errors import UsageError
from chaoskit.sim.control import FaultRefused
from chaoskit.sim.streams import StreamSettings

TEXT = bytes(range(256)) * 40


def downstream(town: Town, data: bytes = b"hello", *, lasting: float = 1000) -> list[tuple[float, int]]:
    """The server writes at 10 ms; when how many bytes came to the client, as instants after the unhindered one (11 ms)."""
    client, server = town.pair()
    town.at(10)
    server.connection.write(data)
    town.at(10 + lasting)
    return [(entry[0] - 11, len(entry[2])) for entry in client.entries if entry[1] == "data"]


def test_row_92_latency_delays_each_piece() -> None:
    """And nothing of the other direction."""
    town = Town()
    town.toxic("latency", latency=100)
    assert downstream(town) == [(100, 5)]
    town.diaries[0].connection.write(b"x")
    town.diaries[0].read = b""
    client = next(iter(town.streams.connections[0].values()))
    client.write(b"up")
    town.at(1012)
    assert town.diaries[0].read == b"up"
    assert town.effects() == {"delayed": 2}


def test_row_92_two_latencies_add_up() -> None:
    """In a chain."""
    town = Town()
    town.toxic("latency", latency=500, token="f1")
    town.toxic("latency", latency=500, token="f2")
    assert downstream(town, lasting=2000) == [(1000, 5)]


def test_row_92_jitter_keeps_the_order_and_the_range() -> None:
    """Pieces sent at different times wait between latency - jitter and latency + jitter, and none overtakes another."""
    town = Town()
    town.toxic("latency", latency=50, jitter=40)
    client, server = town.pair()
    for number in range(100):
        town.at(10 + 200 * number)
        server.connection.write(bytes([number]))
    town.rest()
    delays = [entry[0] - 11 - 200 * number for number, entry in enumerate(client.since(5))]
    assert client.read == bytes(range(100))
    assert all(10 <= delay < 90 for delay in delays)
    assert max(delays) > 80 and min(delays) < 20


def test_row_92_latency_does_not_limit_the_rate() -> None:
    """What the toxic holds does not close the sender's window: half a megabyte in one go."""
    town = Town()
    town.toxic("latency", latency=1000)
    arrivals = downstream(town, bytes(500_000), lasting=5000)
    assert arrivals[0][0] == 1000
    assert arrivals[-1][0] < 1050


def test_row_92_bandwidth_lets_so_many_bytes_through_a_second() -> None:
    """Fifty thousand at a hundred thousand a second: half a second, in steps of at most 100 ms."""
    town = Town()
    town.toxic("bandwidth", rate=100_000)
    arrivals = downstream(town, bytes(50_000))
    assert arrivals[-1][0] == 500
    assert sum(size for _, size in arrivals) == 50_000
    assert max(size for _, size in arrivals) <= 10_000


def test_row_92_a_bandwidth_of_nought_blocks() -> None:
    """Until it is taken away: then all comes at once."""
    town = Town()
    town.toxic("bandwidth", rate=0)
    assert downstream(town, TEXT) == []
    town.control.heal("f1")
    town.at(1020)
    (client,) = town.streams.connections[0].values()
    assert client.events.read == TEXT  # type: ignore[union-attr]
    assert list(town.effects()) == ["blocked"]


def test_row_92_slow_close_delays_the_end_only() -> None:
    """Data passes at once."""
    town = Town()
    town.toxic("slow_close", delay=300)
    client, server = town.pair()
    server.connection.write(b"bye")
    server.connection.close()
    town.at(1000)
    assert client.since(3) == [(4, "data", b"bye"), (304, "eof"), (304, "lost", "NoneType")]


def test_row_92_timeout_swallows_everything_and_closes_after_a_silence() -> None:
    """Each piece starts the wait anew; both ends see the end."""
    town = Town()
    town.toxic("timeout", timeout=100)
    client, server = town.pair()
    town.at(60)
    server.connection.write(b"swallowed")
    town.at(400)
    assert client.since(3) == [(161, "eof"), (161, "lost", "NoneType")]
    assert server.since(4) == [(162, "eof"), (162, "lost", "NoneType")]
    assert town.effects() == {"dropped": 1, "closed": 1}


def test_row_92_timeout_of_nought_never_closes_and_taking_it_away_does() -> None:
    """As Toxiproxy's does."""
    town = Town()
    town.toxic("timeout", timeout=0)
    client, server = town.pair()
    server.connection.write(b"swallowed")
    town.at(5000)
    assert client.told() == server.told() == ["made"]
    town.control.heal("f1")
    town.at(6000)
    assert client.since(5000) == [(5000, "eof"), (5000, "lost", "NoneType")]
    assert server.since(5000) == [(5001, "eof"), (5001, "lost", "NoneType")]


def test_whoever_writes_on_through_a_closed_toxic_gets_a_broken_pipe() -> None:
    """The reading end, and the end whose bytes nobody takes any more."""
    town = Town()
    town.toxic("timeout", timeout=50)
    client, server = town.pair()
    client.half_open = server.half_open = True
    town.at(100)
    client.connection.write(b"to nobody")
    server.connection.write(b"to nobody")
    town.at(200)
    assert client.since(100) == [(100, "lost", "BrokenPipeError")]
    assert server.since(100) == [(102, "lost", "BrokenPipeError")]
    town.rest()
    assert town.connections() == 0


def test_row_92_reset_peer_resets_both_ends_after_the_first_byte() -> None:
    """ECONNRESET here and there."""
    town = Town()
    town.toxic("reset_peer", timeout=100)
    client, server = town.pair()
    town.at(500)
    server.connection.write(b"doomed")
    town.at(1000)
    assert client.since(3) == [(601, "lost", "ConnectionResetError")]
    assert server.since(4) == [(602, "lost", "ConnectionResetError")]
    assert town.effects() == {"held back": 1, "reset": 1}


def test_row_92_reset_peer_taken_away_in_time_lets_everything_through() -> None:
    """Not a byte is lost."""
    town = Town()
    town.toxic("reset_peer", timeout=100)
    client, server = town.pair()
    server.connection.write(b"spared")
    town.at(50).control.heal("f1")
    town.at(1000)
    assert client.since(3) == [(50, "data", b"spared")]


def test_row_92_slicer_cuts_into_small_pieces_with_pauses() -> None:
    """A thousand bytes in tens, a millisecond apart."""
    town = Town()
    town.toxic("slicer", average_size=10, delay=1)
    assert downstream(town, bytes(1000)) == [(number, 10) for number in range(100)]


def test_row_92_slicer_varies_its_sizes_within_bounds() -> None:
    """Average ± variation; the last may be shorter; the bytes are the same."""
    town = Town()
    town.toxic("slicer", average_size=100, size_variation=50, delay=1)
    sizes = [size for _, size in downstream(town, TEXT)]
    assert sum(sizes) == len(TEXT)
    assert all(50 <= size <= 150 for size in sizes if size >= 50)
    assert len(set(sizes)) > 20


@pytest.mark.parametrize(("limit", "passes"), [(0, 0), (1, 1), (99, 99), (100, 100), (101, 100)])
def test_row_92_limit_data_passes_exactly_so_many_bytes_and_closes(limit: int, passes: int) -> None:
    """A hundred are written; at the limit, and at once, both ends see the end."""
    town = Town()
    town.toxic("limit_data", bytes=limit)
    client, server = town.pair()
    server.connection.write(bytes(100))
    town.at(100)
    assert len(client.read) == passes
    closed = limit <= 100
    assert ("eof" in client.told(), "eof" in server.told()) == (closed, closed)
    assert town.effects() == ({"cut off": 1} if closed else {})


def test_row_92_limit_data_counts_over_many_writes() -> None:
    """Per connection."""
    town = Town()
    town.toxic("limit_data", bytes=25)
    client, server = town.pair()
    for start in range(4):
        town.at(100 * (start + 1))
        if not server.connection.is_closing:
            server.connection.write(bytes([start]) * 10)
    town.rest()
    assert client.read == bytes([0]) * 10 + bytes([1]) * 10 + bytes([2]) * 5


def test_row_92_drop_after_loses_the_rest_without_a_word() -> None:
    """No end, no error: a half-open connection (issues 199 and 209 of Toxiproxy)."""
    town = Town()
    town.toxic("drop_after", bytes=3)
    client, server = town.pair()
    server.connection.write(b"hello")
    server.connection.close()
    town.rest()
    assert client.read == b"hel"
    assert client.told() == ["made", "data"]
    assert town.effects() == {"dropped": 2}


def test_row_92_corrupt_flips_one_bit_in_a_kibibyte() -> None:
    """At a probability of one; nothing is longer or shorter."""
    town = Town()
    town.toxic("corrupt", probability=1_000_000)
    client, server = town.pair()
    server.connection.write(TEXT)
    town.rest()
    flipped = [(place, a ^ b) for place, (a, b) in enumerate(zip(TEXT, client.read, strict=True)) if a != b]
    assert [place // 1024 for place, _ in flipped] == list(range(10))
    assert all(bits.bit_count() == 1 for _, bits in flipped)
    assert town.effects() == {"corrupted": 10}


def test_row_92_duplicate_repeats_bytes() -> None:
    """What is read is what was written with a few of its bytes twice, in every kibibyte."""
    town = Town()
    town.toxic("duplicate", probability=1_000_000, size=4)
    client, server = town.pair()
    server.connection.write(TEXT)
    town.rest()
    assert len(TEXT) < len(client.read) <= len(TEXT) + 40
    assert town.effects() == {"duplicated": 10}


@pytest.mark.parametrize("toxic", [{"type": "corrupt"}, {"type": "duplicate"}])
def test_where_a_toxic_strikes_does_not_depend_on_segments(toxic: dict[str, str]) -> None:
    """The same bytes in segments of another size: the same damage."""

    def read(segment: int) -> bytes:
        town = Town(settings=StreamSettings(segment=segment))
        town.toxic(toxic["type"], probability=500_000)
        client, server = town.pair()
        server.connection.write(TEXT)
        town.rest()
        return client.read

    assert read(1460) == read(100) == read(7) != TEXT


def test_row_92_upstream_is_what_the_opener_writes() -> None:
    """The other direction is untouched."""
    town = Town()
    town.toxic("latency", latency=100, direction="upstream")
    client, server = town.pair()
    client.connection.write(b"up")
    server.connection.write(b"down")
    town.at(200)
    assert client.since(3) == [(4, "data", b"down")]
    assert server.since(4) == [(104, "data", b"up")]


def test_a_toxic_lies_on_what_one_host_accepts() -> None:
    """Not on what it opens, not on other hosts, not on other ports."""
    town = Town()
    for host, port in (("n2", 80), ("n2", 81), ("n1", 80)):
        town.listen(host, port, ready=lambda diary: setattr(diary, "on_made", lambda connection: connection.write(b"hi")))
    town.toxic("latency", latency=100, port=80)
    hit, other_port, other_host = town.connect("n1", "n2", 80), town.connect("n1", "n2", 81), town.connect("n2", "n1", 80)
    town.at(1000)
    assert [diary.entries[1][0] for diary in (hit, other_port, other_host)] == [104, 4, 4]


def test_row_84_toxicity_is_a_share_of_connections() -> None:
    """Three tenths of a thousand, give or take; each is hit for good or never."""
    town = Town()
    town.listen(backlog=1000, ready=lambda diary: setattr(diary, "on_made", lambda connection: connection.write(b"hi")))
    town.toxic("latency", latency=100, toxicity=300_000)
    clients: list[Diary] = [town.connect() for _ in range(1000)]
    town.at(500)
    hit = [client.entries[1][0] == 104 for client in clients]
    assert 250 < sum(hit) < 350
    for diary in town.diaries:
        diary.connection.write(b"again")
    town.at(1000)
    assert [client.entries[2][0] == 601 for client in clients] == hit


def test_whether_a_connection_is_hit_is_its_own_affair() -> None:
    """Addressed by what opened it: other connections before it change nothing."""

    def hit(others: list[int]) -> bool:
        town = Town()
        town.listen(ready=lambda diary: setattr(diary, "on_made", lambda connection: connection.write(b"hi")))
        town.toxic("latency", latency=100, toxicity=500_000)
        found = False
        for number in range(40):
            if number in others or number == 39:
                town._asked = number
                client = town.connect()
                town.at(town.now + 200)
                found = client.entries[1][0] - client.entries[0][0] > 50
        return found

    assert hit([]) == hit(list(range(39))) == hit([3, 17])


def test_row_92_a_toxic_of_no_toxicity_harms_nobody() -> None:
    """Toxiproxy's issue 603."""
    town = Town()
    town.toxic("reset_peer", toxicity=0)
    assert downstream(town) == [(0, 5)]
    assert town.effects() == {}


def test_row_92_healing_takes_away_one_token_and_nothing_else() -> None:
    """Two latencies; one goes, and what it held goes on to the other."""
    town = Town()
    town.toxic("latency", latency=500, token="f1")
    town.toxic("latency", latency=500, token="f2")
    client, server = town.pair()
    server.connection.write(b"hello")
    town.at(100).control.heal("f1")
    town.at(200)
    server.connection.write(b"again")
    town.at(2000)
    assert client.since(4) == [(600, "data", b"hello"), (701, "data", b"again")]
    town.control.heal("f2")
    server.connection.write(b"free")
    town.at(2100)
    assert client.since(1000) == [(2001, "data", b"free")]


def test_row_92_a_toxic_may_come_to_a_live_connection() -> None:
    """From its instant on."""
    town = Town()
    client, server = town.pair()
    server.connection.write(b"before")
    town.at(10).toxic("latency", latency=50)
    server.connection.write(b"after")
    town.at(100)
    assert client.since(3) == [(4, "data", b"before"), (61, "data", b"after")]


def test_row_92_counters_survive_toxics_that_come_and_go() -> None:
    """Toxiproxy's own bar: 65,535 counters of two bytes under constant adding and removing, not one lost or out of order."""
    town = Town()
    client, server = town.pair()
    counters = b"".join(number.to_bytes(2, "big") for number in range(65_535))
    server.connection.write(counters)
    toxics = [("latency", {"latency": 3, "jitter": 2}), ("slicer", {"average_size": 90}), ("bandwidth", {"rate": 300_000})]
    for step in range(60):
        kind, how = toxics[step % 3]
        town.toxic(kind, token=f"f{step % 4}", **how)
        town.at(town.now + 2)
        town.control.heal(f"f{(step + 2) % 4}")
    for number in range(4):
        town.control.heal(f"f{number}")
    town.rest()
    assert client.read == counters


def test_what_a_toxic_holds_is_still_read_after_both_ends_are_done() -> None:
    """The machines forget a connection that has ended; the line in between has not delivered all."""
    town = Town()
    town.toxic("latency", latency=5000)
    client, server = town.pair()
    client.half_open = True
    client.connection.write_eof()
    town.at(100)
    assert server.told() == ["made", "eof", "lost"]
    server2 = town.connect()
    town.at(110)
    town.diaries[1].connection.write(b"late")
    town.diaries[1].connection.close()
    town.at(6000)
    assert server2.told() == ["made", "data", "eof", "lost"]


def test_a_cut_behind_a_slow_line_still_ends_what_the_machines_forgot() -> None:
    """Both directions have ended long ago; the bytes come late, and then the end that a toxic made."""
    town = Town()
    town.toxic("latency", latency=5000)
    town.toxic("limit_data", token="f2", bytes=3)
    client, server = town.pair()
    client.half_open = True
    server.connection.write(b"hello")
    server.connection.close()
    client.connection.write_eof()
    town.at(200)
    assert client.told() == ["made"]
    town.at(6000)
    assert client.read == b"hel"
    assert client.told() == ["made", "data", "eof"]
    client.connection.close()
    town.rest()
    assert client.told()[-1] == "lost"
    assert town.connections() == 0


def test_a_slow_line_stops_a_writer_for_good() -> None:
    """What a toxic holds is bounded: beyond it the writer is told to pause."""
    town = Town(settings=StreamSettings(pipe_buffer=10_000))
    town.toxic("bandwidth", rate=1000)
    client, server = town.pair()
    server.connection.write(bytes(400_000))
    town.at(10_000)
    assert server.told() == ["made", "pause"]
    held = next(iter(town.streams.connections[0].values())).pipe.held()
    assert 10_000 < held <= 10_000 + 65_536
    town.control.heal("f1")
    town.rest()
    assert len(client.read) == 400_000


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"type": "latncy"}, r"^unknown toxic 'latncy'\. Did you mean 'latency'\?$"),
        ({"type": "latency", "rate": 1}, r"^expected attributes of latency \(latency, jitter\) but got rate=1\.$"),
        ({"type": "bandwidth", "rate": -1}, r"^expected the attributes of the toxic bandwidth .*`int` >= 0 - at `\$\.rate`\.$"),
        ({"type": "latency", "toxicity": 1_000_001}, r"`int` <= 1000000 - at `\$\.toxicity`\.$"),
        ({"type": "slicer"}, r"^expected size_variation below average_size but got 0 and average_size=0\.$"),
    ],
)
def test_a_toxic_that_makes_no_sense_is_refused(how: dict[str, object], message: str) -> None:
    """What was expected, what came."""
    with pytest.raises(UsageError, match=message):
        Town().control.poison("f1", "n2", **how)


def test_a_world_without_streams_refuses_toxics() -> None:
    """A planned toxic that can do nothing is said to be refused."""
    town = Town()
    town.world.streams = None
    with pytest.raises(FaultRefused, match=r"^the model's hosts have no connections$"):
        town.toxic("latency")


def test_the_core_is_healed_of_toxics() -> None:
    """For the test of progress; what the rest accepts stays as it is, also under the same token."""
    town = Town()
    for node in ("n2", "n3"):
        town.listen(node, ready=lambda diary: setattr(diary, "on_made", lambda connection: connection.write(b"hi")))
        town.toxic("bandwidth", node=node, rate=0)
    core, rest = town.connect(to="n2"), town.connect(to="n3")
    town.at(50).control.heal_core(["n1", "n2"])
    town.at(100)
    later, other = town.connect(to="n2"), town.connect(to="n3")
    town.at(200)
    assert [diary.read for diary in (core, rest, later, other)] == [b"hi", b"", b"hi", b""]
    town.control.heal("f1")
    town.at(300)
    assert rest.read == other.read == b"hi"
    assert town.streams.toxics == []
