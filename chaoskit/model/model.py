"""What a protocol is to chaoskit: a `Model`, with its claim, its promises and its planted bugs.

The command line, the tables and the tests all take a Model; a person's own, in a file of theirs, is as good as one of ours.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chaoskit.core.errors import ModelError, unknown_name
from chaoskit.core.parameters import Parameter
from chaoskit.core.plan import Plan
from chaoskit.model.node import Client, Message, Node, Setting
from chaoskit.sim.cast import Cast, Watch
from chaoskit.sim.claim import Tolerates
from chaoskit.sim.host import Process

Claim = Callable[[Mapping[str, Any], int], Tolerates]  # (parameters, number of nodes) → what is claimed then


@dataclass(frozen=True, kw_only=True, slots=True)
class Bug:
    """A planted bug: one flag at one place of a correct protocol.

    `expect` lists the kinds of violation it shows as, the usual first. `seeds` is how many seeds may be needed to find it
    with default settings. `workload` and `parameters` are set where only they can show it.
    """

    name: str
    summary: str
    expect: tuple[str, ...]
    seeds: int = 300
    reason: str = ""  # why it may need more seeds than others
    workload: str | None = None
    nodes: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Invariant:
    """A promise about nodes at every instant. `watch()` makes a fresh checker for a run, which may remember what it saw."""

    name: str
    summary: str
    watch: Callable[[], Watch]


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A kind of node, when a cluster has several: its class and how many there are (0: all that are left)."""

    node: type[Node]
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A protocol under test. `clients` maps each workload it serves to the client that speaks it.

    `nodes` are the cluster sizes that a drawn run picks from, `sizes` the least and most that a person may ask for.
    `leaders` says that its nodes observe a `role` of leader or primary, so that faults may wait for one.
    """

    name: str
    node: type[Node] | Mapping[str, Role]
    clients: Mapping[str, type[Client]]
    summary: str = ""
    leaders: bool = False
    nodes: tuple[int, ...] = (3, 5)
    sizes: tuple[int, int] = (1, 25)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tolerates: Tolerates | Claim = field(default_factory=Tolerates)
    invariants: tuple[Invariant, ...] = ()
    bugs: tuple[Bug, ...] = ()
    workload_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.clients:
            raise ModelError(f"expected model {self.name!r} to serve a workload but got clients={{}}.")

    @property
    def roles(self) -> Mapping[str, Role]:
        """Its kinds of node; one, named "node", when it has a single class."""
        return self.node if isinstance(self.node, Mapping) else {"node": Role(node=self.node)}

    @property
    def connections(self) -> bool:
        """Whether its hosts speak over streams of the world, so that toxics may lie on them."""
        programs: list[type[Node | Client]] = [*self.clients.values(), *(role.node for role in self.roles.values())]
        return any(program.streams for program in programs)

    @property
    def about(self) -> str:
        """One line that says what it is."""
        first = next(iter(self.roles.values())).node
        text = self.summary or inspect.getdoc(sys.modules[first.__module__]) or ""
        return text.strip().split("\n", 1)[0].rstrip(".")

    def bug_named(self, name: str) -> Bug:
        """A planted bug. Raises `UsageError` with the nearest name."""
        for bug in self.bugs:
            if bug.name == name:
                return bug
        raise unknown_name(f"bug of {self.name}", name, [bug.name for bug in self.bugs], listing="bugs")

    def assign_roles(self, nodes: list[str]) -> dict[str, str]:
        """Which node has which role: fixed counts first, in the order of the roles; the rest get the open one."""
        roles: dict[str, str] = {}
        left = list(nodes)
        for name, role in self.roles.items():
            taken, left = (left[: role.count], left[role.count :]) if role.count else (left, left)
            if role.count:
                roles.update(dict.fromkeys(taken, name))
        open_role = next((name for name, role in self.roles.items() if not role.count), None)
        if open_role is not None:
            roles.update(dict.fromkeys(left, open_role))
        return roles

    def claim(self, parameters: Mapping[str, Any], nodes: int) -> Tolerates:
        """What the model claims to survive with these parameters in a cluster of this size."""
        return self.tolerates(parameters, nodes) if callable(self.tolerates) else self.tolerates

    @property
    def is_asyncio(self) -> bool:
        """Whether any of its programs is one of asyncio: its digests hold for one Python, one set of packages, one hash seed."""
        return any(program.around is not nullcontext for workload in self.clients for program in self._programs(workload))

    def cast(self, plan: Plan, *, read_only: frozenset[str]) -> Cast:
        """This model, bound to a plan's cluster, as the simulator needs it."""
        parameters = {name: plan.model_parameters.get(name, p.default) for name, p in self.parameters.items()}
        setting = Setting(
            nodes=tuple(plan.cluster.nodes),
            roles=plan.cluster.roles,
            parameters=parameters,
            bugs=frozenset(plan.bugs),
            workload=plan.workload,
        )
        client = self.clients[plan.workload]
        programs = self._programs(plan.workload)

        def boot_node(process: Process) -> Node:
            return self.roles[plan.cluster.roles.get(process.host.name, "node")].node(process, setting)

        def boot_client(process: Process, number: int) -> Client:
            return client(process, setting, number)

        return Cast(
            boot_node=boot_node,
            boot_client=boot_client,
            tolerates=self.claim(parameters, len(plan.cluster.nodes)),
            read_only=read_only,
            watches=lambda: [invariant.watch() for invariant in self.invariants],
            decode=self._decode,
            observes=any(role.node.observe is not Node.observe for role in self.roles.values()),
            streams=any(program.streams for program in programs),
            around=next((program.around for program in programs if program.around is not nullcontext), nullcontext),
        )

    def _programs(self, workload: str) -> list[type[Node | Client]]:
        return [self.clients[workload], *(role.node for role in self.roles.values())]

    def _decode(self, kind: str, body: bytes) -> Any:
        """A message from its type's name and bytes. Raises `ValueError` when it is none of this model's."""
        message = self._messages().get(kind)
        if message is None:
            raise ValueError(f"no message type {kind!r}")
        try:
            return msgspec.msgpack.decode(body, type=message)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(str(error)) from error

    def _messages(self) -> dict[str, type[Message]]:
        """The message types defined where its nodes and clients are."""
        modules = {role.node.__module__ for role in self.roles.values()} | {client.__module__ for client in self.clients.values()}
        return {
            name: value for module in sorted(modules) for name, value in vars(sys.modules[module]).items() if _is_message(value)
        }


def _is_message(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Message) and value is not Message
