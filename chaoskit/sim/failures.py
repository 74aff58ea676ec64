"""How a call can fail. A protocol's author may catch these; what is let through decides how the operation ends."""

from __future__ import annotations


class TimedOut(Exception):  # noqa: N818  # read by protocol authors as what happened, not as a bug
    """A call got no answer in time. Nobody knows whether it had an effect."""


class Refused(Exception):  # noqa: N818
    """Nobody listens at the other end: the call certainly had no effect."""


class Disconnected(Exception):  # noqa: N818
    """The other end died while it worked on the call. Nobody knows whether it had an effect."""
