"""Toxics as data: what can be done to the bytes of a connection; after Toxiproxy, with its names and what its users miss.

A toxic lies on the connections that a host accepts, in one direction: `upstream` from whoever opened them, `downstream` back
to it. `chaoskit.sim.streams` brings it about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import MILLION

Natural = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[int, msgspec.Meta(ge=0, le=MILLION)]

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "latency": ("latency", "jitter"),
    "bandwidth": ("rate",),
    "slow_close": ("delay",),
    "timeout": ("timeout",),
    "reset_peer": ("timeout",),
    "slicer": ("average_size", "size_variation", "delay"),
    "limit_data": ("bytes",),
    "drop_after": ("bytes",),
    "corrupt": ("probability",),
    "duplicate": ("probability", "size"),
}
OF_ALL = ("direction", "toxicity", "every", "port")  # what a toxic of any kind may have
SILENT = ("timeout", "drop_after")
CHANGING = ("corrupt", "duplicate")


class ToxicParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a toxic does. Times are ns, sizes bytes, `rate` bytes a second, shares ppm; `port` 0 is any, `every` 3 each third.

    `latency`: each piece is late by `latency` ± `jitter`. `bandwidth`: `rate`, 0 lets nothing through. `slow_close`: the end is
    late by `delay`. `timeout`: nothing passes, and after `timeout` of silence (0: never) both ends see the end; so they do when
    it is taken away. `reset_peer`: `timeout` after the first byte or end, both are reset. `slicer`: pieces of `average_size` ±
    `size_variation`, `delay` after each. `limit_data`: `bytes` pass, then both ends see the end. `drop_after`: `bytes` pass,
    then nothing. `corrupt`: a flipped bit, with a `probability` a KiB. `duplicate`: up to `size` bytes come twice, likewise.
    """

    type: str
    direction: Literal["upstream", "downstream"] = "downstream"
    toxicity: Share = MILLION
    every: Annotated[int, msgspec.Meta(ge=1)] = 1
    port: Natural = 0
    latency: Natural = 0
    jitter: Natural = 0
    rate: Natural = 0
    delay: Natural = 0
    timeout: Natural = 0
    average_size: Natural = 0
    size_variation: Natural = 0
    bytes: Natural = 0
    probability: Share = 0
    size: Natural = 16

    @property
    def silences(self) -> bool:
        """Whether a connection may hang under it for good, as when the network between is cut."""
        return self.type in SILENT or (self.type == "bandwidth" and not self.rate)

    @property
    def changes(self) -> bool:
        """Whether other bytes are read under it than were written."""
        return self.type in CHANGING


class Toxic(ToxicParameters, frozen=True, kw_only=True):
    """One toxic, under the token of its fault."""

    token: str


def toxic_of(token: str, how: Mapping[str, Any]) -> Toxic:
    """A toxic from its attributes. Raises `UsageError` for a type that is not there and for what is not that type's own."""
    kind = how.get("type", "")
    if kind not in ATTRIBUTES:
        raise unknown_name("toxic", str(kind), ATTRIBUTES)
    known = ("type", *OF_ALL, *ATTRIBUTES[kind])
    for name, value in how.items():
        if name not in known:
            raise UsageError(f"expected attributes of {kind} ({', '.join(ATTRIBUTES[kind])}) but got {name}={value!r}.")
    try:
        toxic = msgspec.convert({"token": token, **how}, Toxic)
    except msgspec.ValidationError as error:
        raise UsageError(f"expected the attributes of the toxic {kind} but got {dict(how)!r}: {error}.") from error
    if kind == "slicer" and not toxic.size_variation < toxic.average_size:
        raise UsageError(
            f"expected size_variation below average_size but got {toxic.size_variation} and average_size={toxic.average_size}."
        )
    return toxic
