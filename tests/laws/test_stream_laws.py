"""Laws of streams: whatever the network and toxics do, what is read is a prefix of what was written, and all of it at the end.

Bytes are their own oracle: each direction writes a text whose every position is known, and a reader may see nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "sim"))
from town import Diary, Town

from chaoskit.sim.streams import StreamSettings

LAWFUL = settings(deadline=None, derandomize=True, max_examples=60)
KEEPING = [  # toxics that keep every byte
    ("latency", {"latency": 30, "jitter": 20}),
    ("bandwidth", {"rate": 200_000}),
    ("bandwidth", {"rate": 0}),
    ("slicer", {"average_size": 9, "size_variation": 5, "delay": 0.1}),
    ("slow_close", {"delay": 70}),
]
LOSING = [
    ("timeout", {"timeout": 20}),
    ("reset_peer", {"timeout": 5}),
    ("limit_data", {"bytes": 700}),
    ("drop_after", {"bytes": 700}),
]

weathers = st.fixed_dictionaries(
    {
        "latency": st.sampled_from(["constant:1ms", "uniform:1ms..40ms", "lognormal:2ms,sigma=0.4", "constant:0ms"]),
        "loss": st.sampled_from([0, 0, 50_000, 200_000]),
        "duplicate": st.sampled_from([0, 0, 100_000, 1_000_000]),
        "reorder": st.sampled_from([0, 200_000]),
        "bandwidth": st.sampled_from([0, 0, 500_000]),
    }
)
sizes = st.builds(
    StreamSettings,
    segment=st.sampled_from([1, 7, 100, 1460]),
    receive_buffer=st.sampled_from([1, 50, 4096, 65_536]),
    send_buffer=st.sampled_from([0, 100, 65_536]),
    high_water=st.sampled_from([0, 100]),
    low_water=st.just(0),
    pipe_buffer=st.sampled_from([0, 1_000_000]),
)
write = st.tuples(st.just("write"), st.sampled_from(["client", "server"]), st.integers(1, 900))
toxic = st.tuples(st.just("toxic"), st.sampled_from(KEEPING), st.integers(0, 2))
step = st.one_of(
    write,
    write,
    toxic,
    st.tuples(st.just("wait"), st.integers(1, 60), st.just(0)),
    st.tuples(st.just("pause"), st.sampled_from(["client", "server"]), st.just(0)),
    st.tuples(st.just("resume"), st.sampled_from(["client", "server"]), st.just(0)),
    st.tuples(st.just("heal"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("cut"), st.integers(0, 300), st.just(0)),
)
scripts = st.builds(lambda *parts: [part for some in parts for part in some], *[st.lists(step, min_size=4, max_size=8)] * 2)


def text(length: int, salt: int) -> bytes:
    """Bytes of which no short piece comes twice."""
    return b"".join((salt + 2 * number).to_bytes(3, "big") for number in range(length // 3 + 1))[:length]


class Conversation:
    """Two ends of one connection, what each has written, and a script that is played on them."""

    def __init__(self, seed: int, sizes: StreamSettings, weather: dict[str, Any]) -> None:
        self.town = Town(seed=seed, settings=sizes, **weather)
        self.town.listen(ready=lambda diary: setattr(diary, "half_open", True))
        client = self.town.diary()
        client.half_open = True
        self.town.connect(diary=client)
        while not self.town.diaries and self.town.now < 20_000:
            self.town.at(self.town.now + 50)
        self.ends: dict[str, Diary] = {"client": client}
        self.written = {"client": b"", "server": b""}
        if self.town.diaries:
            self.ends["server"] = self.town.diaries[0]

    @property
    def is_open(self) -> bool:
        return len(self.ends) == 2 and all("made" in end.told() for end in self.ends.values())

    def play(self, script: list[tuple[Any, ...]]) -> None:
        for number, (what, which, more) in enumerate(script):
            getattr(self, f"_{what}")(which, more, number)
            self.check_prefix()

    def check_prefix(self) -> None:
        """Nothing was read that was not written, in this order."""
        for reader, writer in (("client", "server"), ("server", "client")):
            assert self.written[writer].startswith(self.ends[reader].read)

    def finish(self) -> None:
        """All is healed, both ends read and write their end."""
        for token in range(3):
            self.town.control.heal(f"t{token}")
        for end in self.ends.values():
            if not end.connection.is_closing:
                end.connection.resume_reading()
                end.connection.write_eof()
        until = self.town.now + 3_600_000
        while self.town.now < until and not all({"eof", "lost"} & set(end.told()) for end in self.ends.values()):
            self.town.at(self.town.now + 1000)
        for end in self.ends.values():
            end.connection.close()
        self.town.rest()

    def _write(self, which: str, size: int, number: int) -> None:
        end = self.ends[which]
        if not end.connection.is_closing:
            data = text(size, 2 * len(self.written[which]) + (which == "client"))
            self.written[which] += data
            end.connection.write(data)

    def _wait(self, milliseconds: int, _: int, number: int) -> None:
        self.town.at(self.town.now + milliseconds)

    def _pause(self, which: str, _: int, number: int) -> None:
        self.ends[which].connection.pause_reading()

    def _resume(self, which: str, _: int, number: int) -> None:
        self.ends[which].connection.resume_reading()

    def _toxic(self, toxic: tuple[str, dict[str, Any]], token: int, number: int) -> None:
        kind, how = toxic
        self.town.toxic(kind, token=f"t{token}", direction=("upstream", "downstream")[number % 2], **how)

    def _heal(self, token: int, _: int, number: int) -> None:
        self.town.control.heal(f"t{token}")

    def _cut(self, milliseconds: int, _: int, number: int) -> None:
        self.town.cut(token="cut")
        self.town.at(self.town.now + milliseconds)
        self.town.control.heal("cut")


@LAWFUL
@given(st.integers(1, 1000), sizes, weathers, scripts)
def test_all_that_is_written_is_read_in_order_when_both_ends_close(
    seed: int, sizes: StreamSettings, weather: dict[str, Any], script: list[tuple[Any, ...]]
) -> None:
    """Through loss, duplicates, reordering, cuts, tiny windows, pauses, and toxics that come and go; and nothing is left."""
    conversation = Conversation(seed, sizes, weather)
    if not conversation.is_open:
        return
    conversation.play(script)
    conversation.finish()
    conversation.check_prefix()
    if not any(isinstance(end.error, TimeoutError) for end in conversation.ends.values()):
        assert conversation.ends["server"].read == conversation.written["client"]
        assert conversation.ends["client"].read == conversation.written["server"]
        for end in conversation.ends.values():
            assert end.error is None
            assert [told for told in end.told() if told not in ("pause", "resume")][-2:] == ["eof", "lost"]
    assert conversation.town.connections() == 0
    assert conversation.town.world.kernel.heap == []


@settings(LAWFUL, max_examples=40)
@given(st.integers(1, 1000), sizes, weathers, scripts, st.sampled_from(LOSING), st.sampled_from(["upstream", "downstream"]))
def test_what_is_read_is_a_prefix_of_what_was_written_whatever_is_lost(
    seed: int,
    sizes: StreamSettings,
    weather: dict[str, Any],
    script: list[tuple[Any, ...]],
    toxic: tuple[str, dict[str, Any]],
    direction: str,
) -> None:
    """Through toxics that swallow, cut and reset; and nothing is left either."""
    conversation = Conversation(seed, sizes, weather)
    if not conversation.is_open:
        return
    kind, how = toxic
    conversation.town.toxic(kind, token="losing", direction=direction, **how)
    conversation.play(script)
    conversation.finish()
    conversation.check_prefix()
    conversation.town.control.heal("losing")
    conversation.town.rest()
    assert conversation.town.connections() == 0
    assert conversation.town.world.kernel.heap == []
    assert conversation.town.streams._poisoned == {}


@settings(LAWFUL, max_examples=30)
@given(st.integers(1, 1000), weathers, scripts, st.sampled_from(["kill", "power", "abort"]), st.integers(0, 100))
def test_a_crash_leaves_a_prefix_and_an_end_or_an_error(
    seed: int, weather: dict[str, Any], script: list[tuple[Any, ...]], how: str, later: int
) -> None:
    """The server dies: the client has read a prefix, and once it writes it learns that the other end is gone."""
    conversation = Conversation(seed, StreamSettings(), weather)
    if not conversation.is_open:
        return
    conversation.play(script)
    town, client = conversation.town, conversation.ends["client"]
    town.at(town.now + later)
    if how == "abort":
        conversation.ends["server"].connection.abort()
    else:
        town.control.kill("f1", "n2", power_loss=how == "power")
        assert conversation.ends["server"].told()[-1] != "lost"
    for token in range(3):
        town.control.heal(f"t{token}")
    if not client.connection.is_closing:
        client.connection.resume_reading()
        client.connection.write(b"anybody there?")
    conversation.written["client"] += b"anybody there?"
    town.at(town.now + 200_000)
    conversation.check_prefix()
    if how != "kill":
        assert client.told()[-1] == "lost" and client.error is not None
    else:
        assert client.told()[-1] in ("eof", "lost")


@settings(LAWFUL, max_examples=15)
@given(st.integers(1, 1000), sizes, weathers, scripts)
def test_the_same_seed_gives_the_same_packets(
    seed: int, sizes: StreamSettings, weather: dict[str, Any], script: list[tuple[Any, ...]]
) -> None:
    """Twice in one process: nothing is kept between worlds."""
    digests = []
    for _ in range(2):
        conversation = Conversation(seed, sizes, weather)
        if conversation.is_open:
            conversation.play(script)
        digests.append(conversation.town.world.journal.digests())
    assert digests[0] == digests[1]


def test_ten_thousand_connections_leave_nothing_behind() -> None:
    """Neither ends nor timers nor events, whether they were refused, closed, reset or lost under a toxic."""
    town = Town(loss=10_000)
    answering = {"on_data": lambda connection, data: (connection.write(data), connection.close())}
    town.listen(ready=lambda diary: [setattr(diary, name, value) for name, value in answering.items()])
    town.toxic("limit_data", bytes=3, toxicity=50_000)
    town.toxic("timeout", token="f2", direction="upstream", timeout=100, toxicity=50_000)
    for _ in range(200):
        for number in range(50):
            client = town.connect(port=81 if number % 10 == 0 else 80)
            if number % 10 != 0:
                client.on_made = lambda connection: connection.write(b"hello")
            if number % 10 == 1:
                client.connection.abort()
        town.at(town.now + 10)
        town.diaries.clear()
    town.rest()
    assert town.connections() == 0
    assert town.streams._poisoned == {}
    assert town.world.kernel.heap == []
    assert [host.inbox for host in town.world.hosts] == [[]] * 4
