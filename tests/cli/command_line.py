"""What the tests of the command line share: what a command printed, and the arguments of a run that is over at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

QUICK = ("--ops", "20", "--nodes", "3", "--nemesis", "none", "--report", "none")  # a later --report wins
ALL_REPORTS = ("--report", "html,txt,json")


@dataclass(frozen=True)
class Printed:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def object(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


Command = Callable[..., Printed]
