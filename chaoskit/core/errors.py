"""What can go wrong, told by whose fault it is.

Every error that a person sees is one of three: their input (`UsageError`), a protocol, spec, nemesis or client that broke
its contract (`ModelError`), or chaoskit itself (`InternalError`). Messages say what was expected, what came, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ChaoskitError(Exception):
    """The base of all errors that chaoskit raises on purpose."""


class UsageError(ChaoskitError):
    """The person's input was not understood: nothing was run (exit code 2)."""


class FormatError(UsageError):
    """A file from elsewhere is broken: names the file, the line and the reason."""

    def __init__(self, reason: str, *, file: str = "<input>", line: int | None = None) -> None:
        self.reason = reason
        self.file = file
        self.line = line
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {reason}")


class ModelError(ChaoskitError):
    """A protocol, spec, nemesis or client broke its contract (exit code 4)."""


class InternalError(ChaoskitError):
    """A bug in chaoskit. This should never happen: please file it with the seed (exit code 4)."""


class StoreError(ChaoskitError):
    """Something could not be written or read back: a full disk, a damaged run (exit code 4)."""


def unknown_name(kind: str, name: str, known: Iterable[str], *, listing: str | None = None) -> UsageError:
    """An error for a name that is not in a table, with the nearest known one.

    >>> str(unknown_name("nemesis", "partiton", ["partition", "kill"], listing="nemeses"))
    "unknown nemesis 'partiton'. Did you mean 'partition'? See 'chaoskit list nemeses'."
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    parts = [f"unknown {kind} {name!r}."]
    if near:
        parts.append(f"Did you mean {near[0]!r}?")
    else:
        parts.append(f"Expected one of: {', '.join(names)}." if names else "There are none.")
    if listing:
        parts.append(f"See 'chaoskit list {listing}'.")
    return UsageError(" ".join(parts))
