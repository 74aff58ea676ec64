"""The bugs that can be planted in the store: three that programs of this kind have."""

from __future__ import annotations

from chaoskit.model import Bug

LATE_ANSWER = Bug(
    name="late-answer",
    summary="a connection whose request timed out goes back to the pool: the next request reads the late answer",
    expect=("stale-read", "lost-write", "phantom-read", "dirty-read", "new-old-inversion", "duplicate-apply", "non-linearizable"),
)
ANSWER_BEFORE_SYNC = Bug(
    name="answer-before-sync",
    summary="a replica answers for what it has written before that is on its disk",
    expect=("lost-write", "stale-read", "new-old-inversion", "dirty-read", "duplicate-apply", "non-linearizable"),
)
CHECK_THEN_AWAIT = Bug(
    name="check-then-await",
    summary="a replica compares stamps, waits for its disk, and only then stores: an older value overwrites a newer one",
    expect=("stale-read", "lost-write", "new-old-inversion", "duplicate-apply", "dirty-read", "non-linearizable"),
)
BUGS = (LATE_ANSWER, ANSWER_BEFORE_SYNC, CHECK_THEN_AWAIT)
