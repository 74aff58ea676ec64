"""A lock that knows its owner: who holds it cannot acquire it again, and nobody else may release it.

The owner is the process, or, with `owner=value`, who the operation's value names. It is a reentrant lock that may be held once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from chaoskit.spec.reentrant_mutex import ReentrantMutex


@dataclass(frozen=True, kw_only=True)
class OwnerMutex(ReentrantMutex):
    """A lock that only its owner may release."""

    times: int | None = field(default=1, init=False, repr=False)

    name: ClassVar[str] = "owner-mutex"
