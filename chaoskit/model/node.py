"""What protocol authors write against: nodes, clients, messages.

A node is a new object at every boot; only its disk survives, and `start()` rebuilds from it. It may draw, read its own clock
and set timers, and must not look at anything else: no global, no wall clock, no set's order.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

import msgspec

from chaoskit.core.op import Op
from chaoskit.model.disk import Disk
from chaoskit.sim.cast import Around
from chaoskit.sim.host import Process, Request
from chaoskit.sim.tasks import Promise

if TYPE_CHECKING:
    from chaoskit.model.model import Bug

Handler = Coroutine[Promise, Any, Any] | None


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    class Message:
        """The base of all messages: subclass it with typed fields. It is encoded when it is sent; never change what it holds."""

else:

    class Message(msgspec.Struct, frozen=True, tag=True):
        """The base of all messages: subclass it with typed fields. It is encoded when it is sent; never change what it holds."""


M = TypeVar("M", bound=Message)


def replace(message: M, **changes: Any) -> M:
    """A copy of a message with some fields changed."""
    copy: M = msgspec.structs.replace(message, **changes)  # type: ignore[type-var]  # at run time a Message is a Struct
    return copy


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What a program is told of its cluster: the nodes by role, the model's parameters and the planted bugs that are on."""

    nodes: tuple[str, ...]
    roles: Mapping[str, str]
    parameters: Mapping[str, Any]
    bugs: frozenset[str]
    workload: str

    def with_role(self, role: str) -> tuple[str, ...]:
        """The nodes of one role, in order."""
        return tuple(node for node in self.nodes if self.roles.get(node) == role)


class Node:
    """The base of all nodes. Durations and instants are ns of the node's own clock."""

    streams: ClassVar[bool] = False  # whether it opens connections
    around: ClassVar[Around] = nullcontext  # what is entered while a world runs it

    def __init__(self, process: Process, setting: Setting) -> None:
        self._process = process
        self.setting = setting
        self.name = process.host.name
        self.nodes = setting.nodes
        self.peers = tuple(node for node in setting.nodes if node != self.name)
        self.boot = process.boot  # counts from 1 on each node
        self.disk = Disk(process)

    # To define -----------------------------------------------------------------------------------------------------------------

    def start(self) -> Handler:
        """Called at every boot, before anything arrives: rebuild from the disk, set timers.

        After a plain kill it also sees what was written and never synced: that outlives the process in the page cache, and a
        power loss may still take it. So sync before telling anybody of it.
        """
        return None

    def receive(self, request: Request) -> Handler:
        """Called for every message that is not an answer to a `call`. May be `async`: each is then a task of its own."""
        raise NotImplementedError(f"{type(self).__name__} must define receive(request)")

    def observe(self) -> dict[str, Any]:
        """What the node knows of itself, small and JSON-like: `role`, `term`, `commit`, `log_length` …

        A `state`, where there is one, is equal on all nodes once they agree.
        """
        return {}

    # To use --------------------------------------------------------------------------------------------------------------------

    def send(self, to: str, message: Message) -> None:
        """Sends without waiting for an answer."""
        self._process.send(to, message)

    def broadcast(self, message: Message) -> None:
        """Sends to every other node."""
        for peer in self.peers:
            self._process.send(peer, message)

    def call(self, to: str, message: Message, timeout: int | None = None) -> Promise:
        """Await it for the answer. Raises `TimedOut` after `timeout`, when given; `Refused` when the other side refuses."""
        return self._process.call(to, message, timeout)

    def majority(self, message: Message, timeout: int | None = None) -> Promise:
        """Asks every node, itself included, and gives the answers of the first n // 2 + 1."""
        return self.quorum(message, len(self.nodes) // 2 + 1, timeout)

    def quorum(self, message: Message, size: int, timeout: int | None = None, to: tuple[str, ...] | None = None) -> Promise:
        """Asks every node (or those in `to`) and gives the first `size` answers."""
        return self._process.gather(list(to or self.nodes), message, size, timeout)

    def set_timer(self, callback: Callable[[], Handler], delay: int) -> None:
        """Calls the method after `delay`. Setting it again replaces it; there is one timer a method."""
        self._process.set_timer(callback, delay, callback.__name__)

    def cancel_timer(self, callback: Callable[[], Handler]) -> None:
        """Forgets the method's timer."""
        self._process.cancel_timer(callback.__name__)

    def sleep(self, delay: int) -> Promise:
        """Await it to wait."""
        return self._process.sleep(delay)

    def promise(self, about: str) -> Promise:
        """A promise of the node's own: await it in one handler, `resolve` or `fail` it in another."""
        return Promise(about)

    def now(self) -> int:
        """The node's own clock: it may be off, drift and jump. It may be negative: 0 is not before everything."""
        return self._process.now()

    def random(self, low: int, high: int) -> int:
        """An integer in low … high."""
        return self._process.draw(low, high)

    def unique(self) -> tuple[str, int, int]:
        """(node, boot, serial): never the same twice in a cluster."""
        return self._process.unique()

    def log(self, text: str) -> None:
        """A line for people; it changes no digest of behaviour."""
        self._process.log(text)

    def bug(self, bug: Bug) -> bool:
        """Whether a planted bug is on."""
        return bug.name in self.setting.bugs


class Client:
    """The base of all clients: one process of a slot, pinned to one node. After an unknown outcome the slot gets a new one."""

    streams: ClassVar[bool] = False  # as a node's, and the next
    around: ClassVar[Around] = nullcontext

    def __init__(self, process: Process, setting: Setting, process_number: int) -> None:
        self._process = process
        self.setting = setting
        self.name = process.host.name
        self.session = f"{self.name}.{process_number}"  # never used again by another client
        number = process.host.number - len(setting.nodes)
        self.node = setting.nodes[number % len(setting.nodes)]
        self.requests = 0

    async def invoke(self, op: Op) -> Op:
        """Carries out an operation and returns `op.ok(value)`, `op.fail(error)` or `op.info(error)`.

        What `call` raises may be let through: it becomes `info`, or `fail` where the operation certainly had no effect.
        """
        raise NotImplementedError(f"{type(self).__name__} must define invoke(op)")

    def call(self, message: Message, *, to: str | None = None, timeout: int | None = None) -> Promise:
        """Await it for the answer of the client's node (or of another)."""
        return self._process.call(to or self.node, message, timeout)

    def receive(self, request: Request) -> Handler:
        """Messages that answer no call; most clients get none."""
        return None
