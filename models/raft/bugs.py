"""The planted bugs of Raft: one flag each, off in the correct protocol. Most have cost somebody data."""

from __future__ import annotations

from chaoskit.model import Bug

_LIN = (
    *("stale-read", "lost-write", "new-old-inversion", "dirty-read", "duplicate-apply", "non-linearizable"),
    *("lost-element", "out-of-bounds"),  # the same, seen by the set and the counter workload
)


def _first(kind: str) -> tuple[str, ...]:
    """All that clients may see, the usual first."""
    return (kind, *(other for other in _LIN if other != kind))


_LOSS = ("logs-diverge", "committed-entry-removed", *_LIN, "disagreement")
_SPLIT = ("two-leaders", *_LOSS)

STALE_READ = Bug(
    name="stale-read", summary="a leader answers reads without asking a majority whether it still leads", expect=_LIN
)
DIRTY_READ = Bug(
    name="dirty-read",
    summary="a leader answers reads from entries that are not committed yet",
    expect=_first("dirty-read"),
    workload="register",
)
ACK_ON_APPEND = Bug(
    name="ack-on-append", summary="a leader answers a write once it is in its own log", expect=_first("lost-write")
)
FORGET_VOTE = Bug(name="forget-vote", summary="the vote is not written to disk", expect=_SPLIT)
FORGET_TERM = Bug(name="forget-term", summary="the term is not written to disk", expect=_SPLIT)
UNSYNCED_LOG = Bug(name="unsynced-log", summary="entries are acknowledged before they are synced", expect=_LOSS)
VOTE_WITHOUT_LOG_CHECK = Bug(
    name="vote-without-log-check", summary="votes are given to candidates whose log is behind", expect=_LOSS
)
COMMIT_OLD_TERM = Bug(
    name="commit-old-term",
    summary="entries of older terms are committed by counting copies (figure 8 of the paper)",
    expect=_LOSS,
    seeds=3000,
    reason="needs three leader changes with partial replication between them",
    nodes=5,
    parameters={"batch": 1},  # an old entry must arrive without the new leader's own behind it
)
NO_PREV_CHECK = Bug(name="no-prev-check", summary="a follower appends without comparing the entry before", expect=_LOSS)
TRUNCATE_ON_OLD_APPEND = Bug(
    name="truncate-on-old-append",
    summary="a late append cuts off entries behind it that match",
    expect=_LOSS,
)
COMMIT_PAST_MATCH = Bug(
    name="commit-past-match",
    summary="a follower takes over the leader's commit index beyond what it knows to match",
    expect=_LOSS,
)
READ_BEFORE_NOOP = Bug(
    name="read-before-noop",
    summary="a new leader answers reads before an entry of its own term is committed",
    expect=_first("stale-read"),
    workload="register",
)
NO_SESSIONS = Bug(
    name="no-sessions",
    summary="a command that is retried is applied again",
    expect=_first("out-of-bounds"),
    workload="counter",
)
SNAPSHOT_LOSES_TAIL = Bug(
    name="snapshot-loses-tail",
    summary="installing a snapshot drops the entries that follow it",
    expect=_LOSS,
    seeds=3000,
    reason="needs a follower that acknowledged entries past a snapshot that arrives late, and then decides an election",
    parameters={"snapshot_every": 10},
)
EVEN_MAJORITY = Bug(
    name="even-majority",
    summary="half of an even cluster counts as a majority",
    expect=_SPLIT,
    nodes=4,
)
MEMBERSHIP_OVERLAP = Bug(
    name="membership-overlap",
    summary="a leader changes the membership before an entry of its own term is committed, or while a change is pending",
    expect=_SPLIT,
    seeds=3000,
    reason="needs two membership changes from two leaders that do not know of each other",
    nodes=4,
    parameters={"reconfigure": True},
)

BUGS = (
    STALE_READ,
    DIRTY_READ,
    ACK_ON_APPEND,
    FORGET_VOTE,
    FORGET_TERM,
    UNSYNCED_LOG,
    VOTE_WITHOUT_LOG_CHECK,
    COMMIT_OLD_TERM,
    NO_PREV_CHECK,
    TRUNCATE_ON_OLD_APPEND,
    COMMIT_PAST_MATCH,
    READ_BEFORE_NOOP,
    NO_SESSIONS,
    SNAPSHOT_LOSES_TAIL,
    EVEN_MAJORITY,
    MEMBERSHIP_OVERLAP,
)
