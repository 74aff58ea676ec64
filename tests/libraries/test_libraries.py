"""Unmodified programs of each library in the world: they work in bad weather, and under faults get their own errors in time."""

from __future__ import annotations

import talk_aiohttp
import talk_asyncio
import talk_httpx
import talk_redis
import talk_websockets
from talks import Told

PIECE = 60_001  # the long line of asyncio's talk
ANSWERED_IN = 0.1  # s; an exchange without a fault takes less
LOST_AFTER = 30  # s without an acknowledgement: a connection is given up
NOT_OPENED_AFTER = 15  # s without an answer: as is one that is not open yet


def outcomes(told: Told) -> list[str]:
    """What was told of each exchange."""
    return [what for _, _, what in told.said]


def durations(told: Told) -> list[float]:
    """How long each took, to the nanosecond."""
    return [round(told_at - begun, 9) for begun, told_at, _ in told.said]


def test_asyncio_speaks_in_lines_tls_and_datagrams() -> None:
    """Streams lose nothing in bad weather; datagrams are lost and overtaken."""
    told = talk_asyncio.all_of_it(1)
    in_lines, in_tls = told.said[:4], told.said[4:8]
    assert in_lines == in_tls == [4, PIECE, 4, 6]
    assert told.said[8:13] == [4, PIECE, 9, "TLSv1.3", 6]
    reordered, datagrams = told.said[13:]
    assert reordered and 10 <= datagrams < 20


def test_asyncio_is_told_of_a_partition_when_its_machine_gives_up() -> None:
    """30 s after what is not acknowledged was written; and 15 s after a connection was asked for."""
    told = talk_asyncio.partition(1)
    assert outcomes(told) == ["hello\n", "hello\n", "TimeoutError", "TimeoutError"]
    assert durations(told)[2:] == [LOST_AFTER, NOT_OPENED_AFTER]


def test_asyncio_sees_the_end_of_a_killed_server_and_is_refused() -> None:
    """Its machine is still there and says so at once."""
    told = talk_asyncio.killed(1)
    assert outcomes(told) == ["hello\n", "hello\n", "", "ConnectionRefusedError"]
    assert max(durations(told)) < ANSWERED_IN


def test_asyncio_is_reset_once_a_machine_without_power_is_back() -> None:
    """Silence for three seconds, then the new boot does not know the connection."""
    told = talk_asyncio.power_loss(1)
    assert outcomes(told) == ["hello\n", "hello\n", "ConnectionResetError", "connected"]
    assert 2.5 < durations(told)[2] < 3.5


def test_aiohttp_speaks_http_and_web_sockets_in_the_clear_and_in_tls() -> None:
    """Requests on kept connections, an upload, an echo, heartbeats."""
    told = talk_aiohttp.all_of_it(1)
    for scheme, query, said in (("http", {"a": "1"}, told.said[:4]), ("https", {"b": "2"}, told.said[4:])):
        assert said[0] == {"scheme": scheme, "from": "10.0.0.2", "query": query}
        assert said[1:] == ["200000 bytes", "echo hello", "echo again"]
    assert told.logs == []


def test_aiohttp_times_out_in_a_partition_at_its_instant() -> None:
    """Five seconds after it was asked, on the whole second as aiohttp rounds them; the next request connects anew."""
    told = talk_aiohttp.partition(1)
    assert outcomes(told) == ["10.0.0.2", "TimeoutError", "10.0.0.2", "10.0.0.2", "10.0.0.2"]
    begun, told_at, _ = told.said[1]
    assert (1.5 < begun < 1.6, told_at) == (True, 7.0)
    assert 3 <= durations(told)[2] < 3 + ANSWERED_IN, "the third SYN, three seconds after the first"


def test_aiohttp_is_refused_by_the_machine_of_a_killed_server() -> None:
    """Its own error for it, at once."""
    told = talk_aiohttp.killed(1)
    assert outcomes(told) == ["10.0.0.2", *["ClientConnectorError"] * 4]
    assert max(durations(told)) < ANSWERED_IN


def test_redis_commands_pipelines_and_a_pool_work() -> None:
    """Twenty increments at once, each its own number."""
    told = talk_redis.all_of_it(1)
    assert told.said == [True, True, b"1", None, [True, b"a" * 50_000, 2], list(range(1, 21))]
    assert told.types["TCP-SYN"] > 20, "a pool of connections"


def test_redis_gives_up_in_a_partition_after_its_time_outs_and_back_offs() -> None:
    """Four tries of a second each, and three pauses with jitter of at most 0.5, 1 and 2 s and at least half of that."""
    told = talk_redis.partition(1)
    assert outcomes(told) == [1, "TimeoutError", "TimeoutError", 2]
    for took in durations(told)[1:3]:
        assert 4 < took < 4 + 1 + 2 + 4 and took != durations(told)[3]
    assert durations(told)[1] != durations(told)[2], "the jitter is drawn"
    assert durations(talk_redis.partition(2))[1] != durations(told)[1], "from the seed"


def test_redis_tries_again_when_the_server_was_killed() -> None:
    """And names the refusal in the end."""
    told = talk_redis.killed(1)
    assert outcomes(told) == [1, *["ConnectionError"] * 3]


def test_websockets_echo_and_are_kept_alive() -> None:
    """Messages around long silences, in the clear and in TLS."""
    assert talk_websockets.all_of_it(1).said == ["hello", 100_000, "again"] * 2


def test_websockets_notice_a_partition_by_their_pings() -> None:
    """A ping after 20 s, 20 s for its answer, 10 s for the other end to close: to the nanosecond."""
    told = talk_websockets.partition(1)
    begun, told_at, error, why = told.said
    assert (error, why) == ("ConnectionClosedError", "sent 1011 (internal error) keepalive ping timeout; no close frame received")
    assert round(told_at - begun, 9) == 50


def test_websockets_see_the_end_of_a_killed_server() -> None:
    """At once, and not as a proper close."""
    told = talk_websockets.killed(1)
    _, told_at, error, why = told.said
    assert (error, why) == ("ConnectionClosedError", "no close frame received or sent")
    assert 1.0 < told_at < 1.0 + ANSWERED_IN


def test_httpx_and_uvicorn_serve_an_application() -> None:
    """Requests, uploads, answers in pieces, and a handler that Starlette hands to a thread."""
    told = talk_httpx.all_of_it(1)
    for scheme, said in (("http", told.said[:5]), ("https", told.said[5:])):
        assert said == [{"scheme": scheme, "query": {"a": "1"}}, "in line", "200000 bytes", 50_000, [200, 404, 200]]


def test_httpx_times_out_in_a_partition_at_its_instants() -> None:
    """Five seconds to read, three to connect, each httpx's own error."""
    told = talk_httpx.partition(1)
    assert outcomes(told) == ["in line", "ReadTimeout", "ConnectTimeout", "in line", "in line"]
    assert durations(told)[1:3] == [5, 3]


def test_httpx_is_told_that_the_server_hung_up_then_that_it_is_gone() -> None:
    """The kept connection has ended; then nobody listens."""
    told = talk_httpx.killed(1)
    assert outcomes(told) == ["in line", "ConnectError", "ConnectError", "ConnectError", "ConnectError"]
    assert max(durations(told)) < ANSWERED_IN
