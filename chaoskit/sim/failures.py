"""How a call can fail. A protocol's author may catch these; what is let through decides how the operation ends.

And what is said of a program that raised something else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from traceback import walk_tb

ENGINE, MODELS = "chaoskit", "chaoskit.models"


class TimedOut(Exception):  # noqa: N818  # read by protocol authors as what happened, not as a bug
    """A call got no answer in time. Nobody knows whether it had an effect."""


class Refused(Exception):  # noqa: N818
    """Nobody listens at the other end: the call certainly had no effect."""


class Disconnected(Exception):  # noqa: N818
    """The other end died while it worked on the call. Nobody knows whether it had an effect."""


def raised(error: BaseException) -> str:
    """What was raised: `KeyError: 'k2'`."""
    return f"{type(error).__name__}: {error}"


def where_raised(error: BaseException) -> str:
    """In whose line: `, in line 36 of store.py (receive)`. The innermost that is neither ours nor Python's; nothing for none."""
    theirs = [(frame, line) for frame, line in walk_tb(error.__traceback__) if _is_theirs(frame.f_globals.get("__name__", ""))]
    if not theirs:
        return ""
    frame, line = theirs[-1]
    return f", in line {line} of {Path(frame.f_code.co_filename).name} ({frame.f_code.co_name})"


def _is_theirs(module: str) -> bool:
    package = module.partition(".")[0]
    return module.startswith(MODELS) or (package != ENGINE and package not in sys.stdlib_module_names)
