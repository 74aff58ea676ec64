"""What Raft nodes and their clients say to each other, and what they keep."""

from __future__ import annotations

from typing import Any

from chaoskit.model import Message

NOOP, COMMAND, CONFIG = "noop", "command", "config"


class Entry(Message):
    """One entry of the log. A command belongs to a session and has its serial there, so that it is applied once."""

    index: int
    term: int
    kind: str = NOOP
    session: str = ""
    serial: int = 0
    f: str = ""
    key: Any = None
    value: Any = None
    members: tuple[str, ...] = ()  # of a config entry


class Meta(Message):
    """What a node must never forget: its term and whom it voted for in it."""

    term: int = 0
    vote: str = ""


class Snapshot(Message):
    """The state machine after applying the log up to `index`. `digest` chains over all entries up to there."""

    index: int = 0
    term: int = 0
    digest: int = 0
    members: tuple[str, ...] = ()
    data: dict[str, Any] = {}
    sessions: dict[str, tuple[int, Any]] = {}


class AskVote(Message):
    """A candidate asks. `trial` asks whether one would get the vote, without changing anything (pre-vote)."""

    term: int
    last_index: int
    last_term: int
    trial: bool = False


class Vote(Message):
    term: int
    granted: bool
    trial: bool = False


class Append(Message):
    """A leader's entries after `previous`, or none: a heartbeat. `round` is echoed, for reads."""

    term: int
    previous: int
    previous_term: int
    entries: tuple[Entry, ...]
    commit: int
    round: int


class Appended(Message):
    """A follower's answer: it holds the log up to `match`, or refuses and hints from where to send again."""

    term: int
    round: int
    match: int = 0
    refused: bool = False
    hint: int = 0


class Install(Message):
    """A snapshot for a follower that is too far behind."""

    term: int
    snapshot: Snapshot
    round: int


class Ask(Message):
    """A client's operation."""

    session: str
    serial: int
    f: str
    key: Any = None
    value: Any = None


class Forward(Message):
    """A follower hands a client's operation to the leader."""

    ask: Ask


class Answer(Message):
    value: Any = None


class NotLeader(Message):
    pass
