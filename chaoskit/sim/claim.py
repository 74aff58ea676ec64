"""What a protocol claims to survive. Faults beyond the claim are refused at injection, unless a person asks for `all!`."""

from __future__ import annotations

import msgspec

from chaoskit.core.errors import ModelError

AMOUNTS = ("none", "one", "minority", "all")


class Tolerates(msgspec.Struct, frozen=True, kw_only=True):
    """A model's claim, in amounts of nodes at once: `none`, `one`, `minority` or `all`.

    `down` is what it stays *available* under: the nodes beyond it form the core that must make progress once healed. The
    others are what it stays *safe* under. `corruption` is `none`, `detected` (a checksum turns it into loss) or `any`.
    `clock` false: it trusts clocks. Roles in `immune` are never killed, paused or wiped.
    """

    down: str = "minority"
    kill: str = "all"
    power_loss: str = "all"
    pause: str = "all"
    wipe: str = "none"
    disk: str = "all"
    clock: bool = True
    partition: bool = True
    corruption: str = "detected"
    immune: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("down", "kill", "power_loss", "pause", "wipe", "disk"):
            if getattr(self, name) not in AMOUNTS:
                raise ModelError(f"expected one of {', '.join(AMOUNTS)} but got Tolerates({name}={getattr(self, name)!r}).")
        if self.corruption not in ("none", "detected", "any"):
            raise ModelError(f"expected none, detected or any but got Tolerates(corruption={self.corruption!r}).")


def amount(name: str, nodes: int) -> int:
    """How many of `nodes` an amount allows at once."""
    return {"none": 0, "one": 1, "minority": (nodes - 1) // 2, "all": nodes}[name]
