"""What every fault family owes: its faults bite, heal, refuse empty targets, keep to the claim, and stay apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault
from chaoskit.core.outcome import Outcome
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.model import Tolerates
from chaoskit.nemeses import INJECTORS, NEMESES
from chaoskit.sim.control import Control, FaultRefused
from chaoskit.sim.world import World

EXAMPLES: dict[str, dict[str, Any]] = {
    "partition": {"shape": "one"},
    "kill": {"power_loss": True},
    "pause": {},
    "clock": {"offset": SECOND},
    "packet": {"loss": 500_000},
    "disk": {"slow": "constant:5ms"},
    "wipe": {},
    "toxic": {"type": "latency", "latency": 5 * MILLISECOND},
}
FORBIDDING = {
    "partition": Tolerates(partition=False),
    "kill": Tolerates(kill="none", power_loss="none"),
    "pause": Tolerates(pause="none"),
    "clock": Tolerates(clock=False),
    "disk": Tolerates(disk="none"),
    "wipe": Tolerates(wipe="none"),
    "toxic": Tolerates(partition=False),
}
FORBIDDEN = {**EXAMPLES, "toxic": {"type": "timeout"}}


def example(
    kind: str,
    *,
    identifier: str = "f0",
    who: list[str] | str = "one",
    parameters: dict[str, dict[str, Any]] | None = None,
) -> Fault:
    return Fault(
        id=identifier,
        when=At(time=200 * MILLISECOND),
        who=who,
        kind=kind,
        parameters=(EXAMPLES if parameters is None else parameters)[kind],
        lasting=400 * MILLISECOND,
    )


def injected(world: World, fault: Fault) -> dict[str, Any]:
    """Brings a fault about in a world that has booted, as the world itself does."""
    for host in world.nodes:
        world.boot(host)
    control = Control(world)
    return INJECTORS[fault.kind](control, fault, control.select(fault.who, token=fault.id))


def test_every_family_has_an_example_here() -> None:
    """A new family is held to these rules, too."""
    assert list(EXAMPLES) == list(NEMESES) == list(INJECTORS)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_fault_is_felt_and_its_family_says_how(kind: str, run: Callable[..., Outcome]) -> None:
    """In a busy cluster each kind of fault does something, and only what its family declares."""
    outcome = run([example(kind)], claim=Tolerates(wipe="one"))
    assert outcome.felt("f0"), outcome.effects
    assert set(outcome.effects["f0"]) <= set(NEMESES[kind].effects)
    assert not outcome.felt("f1")


@pytest.mark.parametrize("kind", EXAMPLES)
def test_fault_ends_when_its_time_is_over(kind: str, run: Callable[..., Outcome]) -> None:
    """The world heals it by its token: it is resolved with an end, and the cluster is whole in the last phase."""
    outcome = run([example(kind)], claim=Tolerates(wipe="one"))
    resolution = outcome.plan.faults[0].resolution
    assert resolution is not None
    assert resolution.end == 600 * MILLISECOND
    assert outcome.violations == []


@pytest.mark.parametrize("kind", EXAMPLES)
def test_healing_leaves_nothing_behind(
    kind: str, make_world: Callable[..., World], traces: Callable[[World], dict[str, list[str]]]
) -> None:
    """After heal no link, clock, disk or host carries the token, and everybody runs."""
    world = make_world(claim=Tolerates(wipe="one"))
    injected(world, example(kind))
    assert list(traces(world)) == ["f0"]
    Control(world).heal("f0")
    assert traces(world) == {}
    assert all(host.process is not None for host in world.nodes)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_overlapping_faults_of_a_kind_heal_independently(
    kind: str, make_world: Callable[..., World], traces: Callable[[World], dict[str, list[str]]]
) -> None:
    """Healing one of two on the same nodes leaves the other's effects as they were."""
    world = make_world(claim=Tolerates(wipe="one"))
    injected(world, example(kind, identifier="f0", who=["n1"]))
    injected(world, example(kind, identifier="f1", who=["n1"]))
    before = traces(world)
    assert sorted(before) == ["f0", "f1"]
    Control(world).heal("f0")
    assert traces(world) == {"f1": before["f1"]}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_empty_target_is_refused(kind: str, make_world: Callable[..., World]) -> None:
    """A fault aimed at nobody is an answer in the journal, not a fault without effect."""
    with pytest.raises(FaultRefused, match=r"^it is aimed at no node$"):
        injected(make_world(), example(kind, who=[]))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_unknown_parameter_is_a_usage_error(kind: str, make_world: Callable[..., World]) -> None:
    """A misspelt parameter in a plan that was edited by hand is found, not ignored."""
    fault = msgspec.structs.replace(example(kind, who=["n1"]), parameters={"powerloss": 1})
    with pytest.raises(UsageError, match=rf"^expected the parameters of a {kind} fault but fault f0 has: .*`powerloss`\.$"):
        injected(make_world(), fault)


@pytest.mark.parametrize("kind", FORBIDDING)
def test_fault_beyond_the_claim_is_refused_and_recorded(kind: str, run: Callable[..., Outcome]) -> None:
    """What the model does not claim to survive is not done to it, and the resolved plan says why."""
    outcome = run([example(kind, parameters=FORBIDDEN)], claim=FORBIDDING[kind])
    resolution = outcome.plan.faults[0].resolution
    assert resolution is not None
    assert str(resolution.refused).startswith("the model ")
    assert outcome.effects == {}


@pytest.mark.parametrize("kind", FORBIDDING)
def test_fault_beyond_the_claim_is_injected_when_the_plan_says_so(kind: str, run: Callable[..., Outcome]) -> None:
    """`all!` ignores the claim."""
    outcome = run([example(kind, parameters=FORBIDDEN)], claim=FORBIDDING[kind], beyond_claim=True)
    resolution = outcome.plan.faults[0].resolution
    assert resolution is not None
    assert resolution.refused is None


@pytest.mark.parametrize("kind", EXAMPLES)
def test_resolved_form_does_the_same_again(
    kind: str, make_world: Callable[..., World], traces: Callable[[World], dict[str, list[str]]]
) -> None:
    """The shrinker may put the resolution in place of the intent."""
    first, second = make_world(claim=Tolerates(wipe="one")), make_world(claim=Tolerates(wipe="one"))
    fault = example(kind)
    nodes = Control(first).select(fault.who, token=fault.id)
    parameters = injected(first, fault)
    concrete = msgspec.structs.replace(fault, who=nodes, parameters=parameters)
    assert injected(second, concrete) == parameters
    assert traces(second) == traces(first)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_families_say_what_they_are(kind: str) -> None:
    """The lists of the command line are made from these texts."""
    nemesis = NEMESES[kind]
    assert nemesis.summary
    assert all(tactic.summary for tactic in nemesis.tactics.values())
    assert all(option.summary and option.expects for option in nemesis.options.values())
    assert {"interval", "lasting", "targets", "tactics"} <= set(nemesis.options)
