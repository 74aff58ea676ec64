"""What links do on an ordinary day: latency, loss, bursts, duplicates, reordering, bandwidth."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from statistics import median
from typing import Any

import pytest
from wire import CLIENT, A, B, C, Wire

from chaoskit.core.units import MILLISECOND
from chaoskit.sim.cause import Cause
from chaoskit.sim.network import BURST_WINDOW

PACKETS = 4000


def stormy(count: int = PACKETS, **weather: Any) -> Wire:
    """A wire over which many packets were sent at once."""
    wire = Wire(**weather)
    for _ in range(count):
        wire.send()
    wire.rest()
    return wire


def test_latency_follows_its_law() -> None:
    """Half of the packets are under the median, whatever their sizes."""
    delays = stormy(latency="lognormal:2ms,sigma=0.4").delays()
    assert len(delays) == PACKETS
    assert median(delays) == pytest.approx(2, rel=0.03)
    assert 0.3 < min(delays) < max(delays) < 13


def test_a_constant_latency_keeps_the_order_of_sending() -> None:
    """Ties of one source break by the order in which it sent."""
    assert stormy(50).rest() == list(range(50))


def test_varying_latency_reorders_by_itself() -> None:
    """Datagrams overtake each other."""
    numbers = stormy(50, latency="uniform:1ms..10ms").rest()
    assert sorted(numbers) == list(range(50)) != numbers


def test_loss_takes_its_share() -> None:
    """And is told, with its reason."""
    wire = stormy(loss=100_000)
    assert len(wire.drops) == pytest.approx(PACKETS * 0.1, rel=0.15)
    assert {reason for _, reason in wire.drops} == {"lost"}
    assert len(wire.arrivals) + len(wire.drops) == PACKETS


def test_burst_loss_comes_in_windows() -> None:
    """Most of a bad window is lost and nothing outside: unlike independent loss of the same rate."""
    wire = Wire(burst_loss=300_000)
    window = BURST_WINDOW // MILLISECOND
    lost_by_window = []
    for number in range(60):
        wire.at(number * window)
        for _ in range(50):
            wire.send()
        lost_by_window.append(len(wire.drops))
        wire.drops.clear()
    bad = [lost for lost in lost_by_window if lost]
    assert 8 <= len(bad) <= 28
    assert min(bad) > 25
    assert sum(bad) / (50 * len(bad)) == pytest.approx(0.8, abs=0.06)


def test_bursts_strike_links_independently() -> None:
    """A bad window of one link is not one of another."""
    wire = Wire(burst_loss=500_000)
    lost = set()
    for number in range(20):
        wire.at(number * BURST_WINDOW / MILLISECOND)
        for destination in (B, C):
            before = len(wire.drops)
            for _ in range(20):
                wire.send(A, destination)
            if len(wire.drops) > before:
                lost.add((number, destination))
    assert {number for number, link in lost if link == B} != {number for number, link in lost if link == C}


def test_row_88_duplicates_are_bounded_and_late() -> None:
    """A copy is made once, of the original only, and has a latency of its own."""
    wire = stormy(latency="uniform:1ms..2ms", duplicate=300_000)
    copies = Counter(number for _, number in wire.arrivals)
    assert set(copies.values()) == {1, 2}
    assert sorted(number for number, times in copies.items() if times == 2) == sorted(wire.duplicates)
    assert len(wire.duplicates) == pytest.approx(PACKETS * 0.3, rel=0.1)
    assert max(wire.delays()) <= 4


def test_row_88_certain_duplication_still_ends() -> None:
    """A copy is not copied."""
    wire = stormy(10, duplicate=1_000_000)
    assert Counter(number for _, number in wire.arrivals) == dict.fromkeys(range(10), 2)


def test_row_87_packets_sent_at_once_arrive_in_a_seeded_order_without_bias() -> None:
    """Four with independent latencies: every order as likely (chi-square over 24 orders), the same order for the same seed."""

    def order(seed: int) -> tuple[int, ...]:
        wire = Wire(seed=seed, latency="uniform:1ms..1s")
        for _ in range(4):
            wire.send()
        return tuple(wire.rest())

    assert [order(seed) for seed in range(20)] == [order(seed) for seed in range(20)]
    counts = Counter(order(seed) for seed in range(2400))
    assert set(counts) == set(permutations(range(4)))
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 49.7  # 23 degrees of freedom, one in a thousand


def test_reordering_makes_some_packets_late() -> None:
    """By up to four times the law: those sent after them arrive before."""
    wire = stormy(latency="uniform:1ms..2ms", reorder=100_000)
    late = [delay for delay in wire.delays() if delay > 2]
    assert len(late) == pytest.approx(PACKETS * 0.1, rel=0.2)
    assert all(4 < delay <= 10 for delay in late)


def test_bandwidth_makes_packets_queue() -> None:
    """5 kB at 1 kB/s take five seconds, one behind the other (row 104)."""
    wire = stormy(5, bandwidth=1000)
    assert wire.delays() == [101, 201, 301, 401, 501]
    wire.at(2000)
    wire.send(size=1000)
    wire.rest()
    assert wire.arrivals[-1][0] == 3001 * MILLISECOND  # the link was idle: nothing to queue behind


def test_bandwidth_is_of_one_direction() -> None:
    """Each link has its own."""
    wire = Wire(bandwidth=1000)
    wire.send(A, B)
    wire.send(B, A)
    wire.rest()
    assert wire.delays() == [101, 101]


def test_a_client_is_next_to_its_node() -> None:
    """No latency, no loss, no duplicates: latency would hide anomalies."""
    wire = Wire(loss=1_000_000, duplicate=1_000_000, reorder=1_000_000, bandwidth=1)
    wire.send(CLIENT, A)
    wire.send(A, CLIENT)
    wire.send(A, A)
    assert wire.rest() == [1, 2, 0]
    assert wire.delays() == [0, 0, 0]


def test_fates_are_addressed_by_cause_link_and_number() -> None:
    """What other causes send, or the same cause elsewhere, changes nothing."""

    def delays(*, busy: bool) -> list[int]:
        wire, cause = Wire(latency="lognormal:2ms,sigma=0.4", loss=200_000), Cause("i7")
        wanted = []
        for _ in range(30):
            if busy:
                wire.send()
                wire.send(A, C, cause=cause)
            wanted.append(wire.send(cause=cause))
        wire.rest()
        found = {number: instant for instant, number in wire.arrivals}
        return [found.get(number, -1) for number in wanted]

    assert delays(busy=True) == delays(busy=False)
    assert -1 in delays(busy=False)


def test_an_override_decides_a_packets_whole_fate() -> None:
    """All bits nought: the shortest latency."""
    wire = Wire(latency="uniform:1ms..9ms", overrides={"packet/i7/n1>n2/1": 0})
    cause = Cause("i7")
    for _ in range(3):
        wire.send(cause=cause)
    wire.rest()
    assert [number for instant, number in wire.arrivals if instant == MILLISECOND] == [1]
