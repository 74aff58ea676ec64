"""The planted bugs of the Hotline server: mistakes that servers of connections are really shipped with.

`BUGS` are about bytes, and shown by scripts and by the wire sweep; `ANSWER_BEFORE_SYNC` is about what the server keeps, and shown
by a run of the model.
"""

from __future__ import annotations

from chaoskit.model.model import Bug

NO_WRITE_TIMEOUT = Bug(
    name="no-write-timeout",
    summary="a peer that takes no bytes is waited for without end",
    expect=("hang",),
)
TRUNCATED_IS_END = Bug(
    name="truncated-is-end",
    summary="an end in the middle of a transaction is taken for a good one",
    expect=("truncation-unnoticed",),
)
UNBOUNDED_LENGTH = Bug(
    name="unbounded-length",
    summary="a header's total size is believed, whatever it says",
    expect=("limit-ignored",),
)

ANSWER_BEFORE_SYNC = Bug(
    name="answer-before-sync",
    summary="news are acknowledged, and shown, before they are on the disk",
    expect=("lost-element",),
)

BUGS = (NO_WRITE_TIMEOUT, TRUNCATED_IS_END, UNBOUNDED_LENGTH)
