"""What faults do to links, and that healing removes what one token did and nothing else (rows 78, 81, 82, 87, 88)."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from wire import CLIENT, A, B, C, Wire

from chaoskit.sim.cause import Cause

PACKETS = 2000


def test_a_one_way_cut_leaves_the_way_back() -> None:
    """A to B is dropped, B to A and A to C pass (row 81)."""
    wire = Wire()
    wire.cut(A, B)
    dropped, back, aside = wire.send(A, B), wire.send(B, A), wire.send(A, C)
    assert wire.rest() == [aside, back]
    assert wire.drops == [(dropped, "cut by f1")]
    assert wire.effects == [("f1", "dropped")]


def test_a_two_way_cut_heals_both_ways() -> None:
    """One token, two links."""
    wire = Wire()
    wire.cut(A, B)
    wire.cut(B, A)
    wire.send(A, B)
    wire.send(B, A)
    wire.network.heal("f1")
    after = [wire.send(A, B), wire.send(B, A)]
    assert wire.rest() == after


@pytest.mark.parametrize("in_flight", ["deliver", "drop"])
def test_what_is_in_flight_when_a_cut_comes_goes_by_parameter(in_flight: str) -> None:
    """Delivered, or lost (row 82)."""
    wire = Wire(latency="constant:10ms")
    number = wire.send()
    wire.at(5).cut(in_flight=in_flight)
    assert wire.rest() == ([number] if in_flight == "deliver" else [])
    assert wire.drops == ([] if in_flight == "deliver" else [(number, "lost in flight")])
    assert wire.effects == ([] if in_flight == "deliver" else [("f1", "lost in flight")])


def test_a_cut_that_finds_nothing_in_flight_had_no_effect() -> None:
    """The report says which faults did nothing."""
    wire = Wire()
    wire.send(A, C)
    wire.cut(in_flight="drop")
    assert wire.effects == []


@pytest.mark.parametrize("at_heal", ["deliver", "drop"])
def test_what_is_held_goes_by_parameter_when_it_heals(at_heal: str) -> None:
    """Delivered with its latency counted from the healing, or dropped (row 82)."""
    wire = Wire(latency="constant:10ms")
    wire.cut(hold=True, at_heal=at_heal)
    held = [wire.send(), wire.send()]
    assert wire.at(50).arrivals == []
    assert [packet.number for packet in wire.network.in_flight()] == held
    wire.network.heal("f1")
    assert wire.rest() == (held if at_heal == "deliver" else [])
    assert wire.delays() == ([60, 60] if at_heal == "deliver" else [])
    assert wire.drops == ([] if at_heal == "deliver" else [(number, "dropped at heal") for number in held])
    assert wire.effects == [("f1", "held")] * 2


def test_what_was_under_way_before_a_holding_cut_may_be_dropped_at_heal() -> None:
    """Slow packets, a short cut."""
    wire = Wire(latency="constant:10ms")
    wire.send()
    wire.cut(at_heal="drop")
    wire.at(5)
    wire.network.heal("f1")
    late = wire.send()
    assert wire.rest() == [late]


def test_release_does_not_depend_on_the_order_of_holding() -> None:
    """Each packet comes out after the latency that its own address gives it."""

    def released(order: tuple[int, ...]) -> list[int]:
        wire = Wire(latency="uniform:1ms..50ms")
        wire.cut(hold=True)
        names = {wire.send(cause=Cause(f"i{name}")): name for name in order}
        wire.at(100)
        wire.network.heal("f1")
        return [names[number] for number in wire.rest()]

    orders = [released(order) for order in permutations(range(4))]
    assert len({tuple(order) for order in orders}) == 1
    assert orders[0] != sorted(orders[0])


def test_in_flight_is_listed_by_time_of_arrival() -> None:
    """Held packets last: nobody knows when they will arrive."""
    wire = Wire(latency="uniform:1ms..50ms")
    wire.cut(A, C, hold=True)
    held = wire.send(A, C)
    for _ in range(5):
        wire.send()
    listed = [packet.number for packet in wire.network.in_flight()]
    assert listed[-1] == held
    assert wire.rest() == listed[:-1]


def test_two_overlapping_cuts_heal_independently() -> None:
    """The link is open once both are healed; neither heals the other."""
    wire = Wire()
    wire.cut(token="f1")
    wire.cut(token="f2")
    wire.network.heal("f1")
    wire.send()
    assert wire.drops == [(0, "cut by f2")]
    wire.network.heal("f2")
    open_again = wire.send()
    assert wire.rest() == [open_again]


def test_two_overlapping_holds_release_with_the_last() -> None:
    """What one no longer holds, the other does."""
    wire = Wire()
    wire.cut(token="f1", hold=True)
    wire.cut(token="f2", hold=True)
    number = wire.send()
    wire.network.heal("f1")
    assert wire.at(100).arrivals == []
    wire.network.heal("f2")
    assert wire.rest() == [number]


def test_what_a_healed_hold_lets_go_does_not_pass_another_cut() -> None:
    """It goes on its way into a link that is still cut."""
    wire = Wire()
    wire.cut(token="f1", hold=True)
    number = wire.send()
    wire.cut(token="f2")
    wire.network.heal("f1")
    assert wire.rest() == []
    assert wire.drops == [(number, "cut by f2")]


def test_a_drop_over_a_hold_drops() -> None:
    """And is counted for the fault that dropped it alone."""
    wire = Wire()
    wire.cut(token="f1", hold=True)
    wire.cut(token="f2")
    wire.send()
    assert wire.drops == [(0, "cut by f2")]
    assert wire.effects == [("f2", "dropped")]


def test_clients_are_outside_partitions_unless_asked() -> None:
    """A cut client would see time-outs and no anomaly."""
    for asked in (False, True):
        wire = Wire(partition_clients=asked)
        wire.cut(CLIENT, A)
        wire.disturb(CLIENT, A, "f2", loss=1_000_000)
        number = wire.send(CLIENT, A)
        assert wire.rest() == ([] if asked else [number])
        assert wire.drops == ([(number, "cut by f1")] if asked else [])


@pytest.mark.parametrize(
    ("how", "effect", "reason"),
    [
        ({"loss": 200_000}, "lost", "lost by f1"),
        ({"corrupt": 200_000}, "corrupted", None),
    ],
)
def test_lost_and_detected_corrupt_packets_are_gone(how: dict[str, Any], effect: str, reason: str | None) -> None:
    """By share, counted for the fault that did it."""
    wire = Wire()
    wire.disturb(**how)
    for _ in range(PACKETS):
        wire.send()
    gone = PACKETS - len(wire.rest())
    assert gone == pytest.approx(PACKETS * 0.2, rel=0.15)
    assert Counter(wire.effects) == {("f1", effect): gone}
    assert {told for _, told in wire.drops} == ({reason} if reason else set())


def test_corruption_that_nobody_detects_arrives() -> None:
    """With bits drawn for it: the world flips one."""
    wire = Wire()
    wire.detects = False
    wire.disturb(corrupt=1_000_000)
    for _ in range(20):
        wire.send()
    assert len(wire.rest()) == 20
    assert len(set(wire.corrupt_bits)) == 20


def test_bursts_of_a_fault_are_windows_too() -> None:
    """All or nearly all is lost for 100 ms, then nothing."""
    wire = Wire()
    wire.disturb(burst_loss=500_000)
    shares = []
    for window in range(40):
        wire.at(window * 100)
        for _ in range(20):
            wire.send()
        shares.append(len(wire.drops))
        wire.drops.clear()
    assert 10 < sum(share > 10 for share in shares) < 30
    assert all(share == 0 or share > 8 for share in shares)


def test_a_fault_duplicates_once() -> None:
    """And one copy a fault: two faults make at most two copies (row 88)."""
    wire = Wire(latency="uniform:1ms..2ms")
    wire.disturb(token="f1", duplicate=1_000_000)
    wire.disturb(token="f2", duplicate=1_000_000)
    for _ in range(10):
        wire.send()
    assert Counter(wire.rest()) == dict.fromkeys(range(10), 3)
    assert Counter(wire.effects) == {("f1", "duplicated"): 10, ("f2", "duplicated"): 10}


def test_delay_is_added_to_the_latency() -> None:
    """A law of its own."""
    wire = Wire()
    wire.disturb(delay="constant:300ms")
    wire.send()
    wire.rest()
    assert wire.delays() == [301]
    assert wire.effects == [("f1", "delayed")]


def test_reordering_by_a_fault_lets_later_packets_pass() -> None:
    """By up to eight times the law."""
    wire = Wire(latency="uniform:1ms..2ms")
    wire.disturb(reorder=300_000)
    for _ in range(PACKETS):
        wire.send()
    wire.rest()
    late = [delay for delay in wire.delays() if delay > 2]
    assert len(late) == pytest.approx(PACKETS * 0.3, rel=0.1) == wire.effects.count(("f1", "reordered"))
    assert all(8 < delay <= 18 for delay in late)


def test_a_lower_rate_makes_packets_queue() -> None:
    """Row 92's bandwidth toxic, for packets."""
    wire = Wire()
    wire.disturb(rate=1000)
    for _ in range(3):
        wire.send()
    wire.rest()
    assert wire.delays() == [101, 201, 301]
    assert wire.effects == [("f1", "slowed")] * 3


def test_a_disturbance_may_be_of_some_message_types_only() -> None:
    """Per message kind, as per direction and pair (row 81)."""
    wire = Wire()
    wire.disturb(loss=1_000_000, types=["Vote", "AskVote"])
    vote, append = wire.send(kind="Vote"), wire.send(kind="Append")
    assert wire.rest() == [append]
    assert wire.drops == [(vote, "lost by f1")]


def test_what_one_disturbance_decides_does_not_depend_on_others() -> None:
    """Take the other away, before or behind: the same packets are lost."""

    def lost(*tokens: str) -> set[int]:
        wire = Wire()
        for token in tokens:
            wire.disturb(token=token, loss=300_000 if token == "f2" else 0, delay="constant:1ms")
        for _ in range(200):
            wire.send()
        wire.rest()
        return {number for number, reason in wire.drops if reason == "lost by f2"}

    assert lost("f2") == lost("f1", "f2") == lost("f2", "f1")
    assert 40 < len(lost("f2")) < 80


def test_healing_one_disturbance_leaves_the_other() -> None:
    """And the cuts."""
    wire = Wire()
    wire.disturb(token="f1", delay="constant:5ms")
    wire.disturb(token="f2", delay="constant:10ms")
    wire.cut(A, C, token="f1")
    wire.cut(A, C, token="f3")
    wire.network.heal("f1")
    wire.send(A, B)
    wire.send(A, C)
    wire.rest()
    assert wire.delays() == [11]
    assert wire.drops == [(1, "cut by f3")]


def test_healing_between_hosts_heals_nothing_else() -> None:
    """The recovery phase heals a core and leaves the rest as it is."""
    wire = Wire()
    for source, destination in ((A, B), (B, A), (A, C), (C, A)):
        wire.cut(source, destination)
        wire.disturb(source, destination, "f2", delay="constant:5ms")
    wire.network.heal_between([A, B])
    inside, outside = wire.send(A, B), wire.send(A, C)
    assert wire.rest() == [inside]
    assert wire.delays() == [1]
    assert wire.drops == [(outside, "cut by f1")]


def test_a_healed_link_is_as_if_nothing_had_been() -> None:
    """The same fates as on a wire that never had a fault."""
    marked, plain = Wire(latency="lognormal:2ms,sigma=0.4"), Wire(latency="lognormal:2ms,sigma=0.4")
    marked.cut()
    marked.disturb(token="f2", loss=500_000)
    marked.network.heal("f1")
    marked.network.heal("f2")
    for wire in (marked, plain):
        for _ in range(20):
            wire.send()
        wire.rest()
    assert marked.arrivals == plain.arrivals
