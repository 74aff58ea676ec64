"""Who plays in a world: the programs, the claim and the promises of one model, as the simulator needs them.

The simulator knows no protocol. The model room turns a `Model` and its parameters into this record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from chaoskit.core.verdict import Sentence
from chaoskit.sim.claim import Tolerates

if TYPE_CHECKING:
    from chaoskit.sim.host import Process

View = Mapping[str, Mapping[str, Any]]  # node → what it observes of itself, nodes that are up only


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """What an invariant found: its kind (`two-leaders`), a summary, the nodes, and sentences."""

    kind: str
    summary: str
    nodes: list[str] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


Watch = Callable[[View, str], Breach | None]  # (view, the node whose observation changed) → what broke


Around = Callable[[], AbstractContextManager[None]]


class Buried(Protocol):
    """What a dead process left where it stood: a coroutine."""

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """One model, bound to a cluster: how to make its programs and what it promises.

    `boot_node` and `boot_client` make a program for a process; `watches` makes fresh invariants for a run; `decode` turns a
    type's name and bytes back into a message, raising `ValueError` when it cannot; `read_only` are the operations that have
    no effect; `observes` is False when no node has anything to tell of itself; `streams` says that programs open
    connections; `around` is entered while the world runs.
    """

    boot_node: Callable[[Process], Any]
    boot_client: Callable[[Process, int], Any]
    tolerates: Tolerates
    read_only: frozenset[str]
    watches: Callable[[], list[Watch]] = list
    decode: Callable[[str, bytes], Any]
    observes: bool = True
    streams: bool = False
    around: Around = nullcontext
