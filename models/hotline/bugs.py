"""The planted bugs of the Hotline server: mistakes that servers of connections are really shipped with."""

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

BUGS = (NO_WRITE_TIMEOUT, TRUNCATED_IS_END, UNBOUNDED_LENGTH)
