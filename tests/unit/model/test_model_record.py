"""A model as a record: roles, claims, bugs, names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.model import Bug, Client, Message, Model, Node, Parameter, Role, Tolerates, replace


class Hello(Message):
    """A message of this module."""

    name: str
    times: int = 1


class Master(Node):
    """A node."""


class Chain(Node):
    """Another."""


class Talker(Client):
    """A client."""


LATE = Bug(name="late-answer", summary="answers late", expect=("stale-read",))
EARLY = Bug(name="early-answer", summary="answers early", expect=("dirty-read",))


def model(**fields: Any) -> Model:
    """A model of one class."""
    return Model(**{"name": "toy", "node": Chain, "clients": {"register": Talker}, **fields})


def test_a_model_of_one_class_has_one_role() -> None:
    """Named node."""
    toy = model()
    assert toy.roles == {"node": Role(node=Chain)}
    assert toy.assign_roles(["n1", "n2"]) == {"n1": "node", "n2": "node"}


def test_roles_with_counts_come_first_and_the_rest_is_open() -> None:
    """In the order of the roles."""
    toy = model(node={"master": Role(node=Master, count=1), "chain": Role(node=Chain)})
    assert toy.assign_roles(["n1", "n2", "n3"]) == {"n1": "master", "n2": "chain", "n3": "chain"}
    toy = model(node={"chain": Role(node=Chain), "master": Role(node=Master, count=2)})
    assert toy.assign_roles(["n1", "n2", "n3"]) == {"n1": "master", "n2": "master", "n3": "chain"}


def test_it_is_described_by_its_summary_or_its_modules_first_line() -> None:
    """Without the full stop."""
    assert model(summary="A toy.").about == "A toy"
    assert model().about == "A model as a record: roles, claims, bugs, names"


def test_bugs_are_found_by_name() -> None:
    """An unknown one is answered with the nearest."""
    toy = model(bugs=(LATE, EARLY))
    assert toy.bug_named("late-answer") is LATE
    with pytest.raises(
        UsageError, match=r"^unknown bug of toy 'late-anwser'\. Did you mean 'late-answer'\? See 'chaoskit list bugs'\.$"
    ):
        toy.bug_named("late-anwser")


def test_a_claim_may_depend_on_parameters_and_size() -> None:
    """While the membership changes, one fewer may be down."""

    def claim(parameters: Mapping[str, Any], nodes: int) -> Tolerates:
        return Tolerates(down="one" if parameters["moving"] and nodes >= 5 else "minority")

    toy = model(tolerates=claim)
    assert toy.claim({"moving": True}, 5).down == "one"
    assert toy.claim({"moving": True}, 3).down == "minority"
    assert model().claim({}, 3) == Tolerates()


def test_a_model_serves_a_workload() -> None:
    """None would be no model."""
    with pytest.raises(ModelError, match=r"^expected model 'toy' to serve a workload but got clients=\{\}\.$"):
        model(clients={})


def plan(**fields: Any) -> Plan:
    """A plan for it."""
    return Plan(
        **{
            "seed": 1,
            "model": "toy",
            "workload": "register",
            "cluster": Cluster(nodes=["n1", "n2"], roles={"n1": "master", "n2": "chain"}, clients=1),
            "pacing": Pacing(ops=1, rate=1, time_limit=1, op_timeout=1, recovery=1),
            **fields,
        }
    )


class Recorder(Node):
    """Remembers what it was made with."""

    def __init__(self, process: Any, setting: Any) -> None:
        self.made_with = setting


class FakeHost:
    """A host by name."""

    def __init__(self, name: str) -> None:
        self.name = name


class FakeProcess:
    """A process by its host's name."""

    def __init__(self, name: str) -> None:
        self.host = FakeHost(name)


def test_a_cast_binds_the_plan() -> None:
    """Parameters with their defaults, bugs, roles and nodes by role."""
    toy = model(
        node={"master": Role(node=Recorder, count=1), "chain": Role(node=Recorder)},
        parameters={"fast": Parameter(default=True, summary="?"), "keys": Parameter(default=3, summary="?")},
        bugs=(LATE, EARLY),
        tolerates=Tolerates(down="one"),
    )
    cast = toy.cast(plan(model_parameters={"keys": 5, "other": 1}, bugs=["late-answer"]), read_only=frozenset({"read"}))
    node: Any = cast.boot_node(FakeProcess("n2"))  # type: ignore[arg-type]
    setting = node.made_with
    assert setting.parameters == {"fast": True, "keys": 5}
    assert setting.bugs == {"late-answer"}
    assert (setting.nodes, setting.with_role("chain"), setting.workload) == (("n1", "n2"), ("n2",), "register")
    assert (cast.tolerates.down, cast.read_only) == ("one", frozenset({"read"}))
    node.setting = setting
    assert node.bug(LATE)
    assert not node.bug(EARLY)


def test_messages_decode_by_the_name_of_their_type() -> None:
    """From the modules of nodes and clients; anything else is no message."""
    cast = model().cast(plan(), read_only=frozenset())
    body = msgspec.msgpack.encode(Hello("you", 2))
    assert cast.decode("Hello", body) == Hello("you", 2)
    broken = body.replace(b"you", b"\xff\xff\xff")
    for kind, data in (("Goodbye", body), ("Message", body), ("Hello", body[:-1]), ("Hello", b""), ("Hello", broken)):
        with pytest.raises(ValueError, match=r"."):
            cast.decode(kind, data)


def test_messages_are_frozen_values() -> None:
    """A changed copy is another message."""
    hello = Hello("you")
    assert replace(hello, times=2) == Hello("you", 2)
    assert hello == Hello("you", 1)
    with pytest.raises(AttributeError):
        hello.times = 3  # type: ignore[misc]


def test_what_an_author_must_define_says_so() -> None:
    """Where it is called first."""
    node = Chain.__new__(Chain)
    with pytest.raises(NotImplementedError, match=r"^Chain must define receive\(request\)$"):
        node.receive(None)  # type: ignore[arg-type]
    invocation = Talker.__new__(Talker).invoke(None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match=r"^Talker must define invoke\(op\)$"):
        invocation.send(None)
