"""A run's faults: waiting, active, over. Resolves wishes at injection and writes down how each fault fell out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chaoskit.core.errors import ChaoskitError, ModelError, unknown_name
from chaoskit.core.fault import At, Fault, On, Resolution
from chaoskit.core.op import NEMESIS
from chaoskit.sim.cause import Cause
from chaoskit.sim.control import Control, FaultRefused, fault_label
from chaoskit.sim.triggers import Triggers

if TYPE_CHECKING:
    from chaoskit.sim.host import Host
    from chaoskit.sim.world import World

Injector = Callable[[Control, Fault, list[str]], dict[str, Any]]


class Faults:
    """The plan's faults in a world. They begin in the main phase only; `freeze` keeps what is active as it is."""

    def __init__(self, world: World, injectors: Mapping[str, Injector]) -> None:
        self.triggers = Triggers(self._strike, lambda: world.kernel.now)
        self.effects: dict[str, dict[str, int]] = {}
        self._world = world
        self._control = Control(world)
        self._injectors = injectors
        for fault in world.plan.faults:
            if fault.kind not in injectors:
                raise unknown_name("fault kind", fault.kind, injectors, listing="nemeses")
        self._faults = {fault.id: msgspec.structs.replace(fault, resolution=None) for fault in world.plan.faults}
        self._active: dict[str, Fault] = {}
        self._frozen = False

    def start(self) -> None:
        """Puts timed faults on the schedule and arms the others."""
        world = self._world
        for number, fault in enumerate(self._faults.values()):
            if isinstance(fault.when, At):
                world.kernel.schedule_as(fault.when.time, world.source_faults, number, self._due, (fault, None, None))
            else:
                self.triggers.arm(fault)
        world.kernel.numbers[world.source_faults] = len(self._faults)

    def freeze(self) -> None:
        """No fault begins or ends by itself any more."""
        self.triggers.disarm()
        self._frozen = True

    def heal_core(self, nodes: list[str]) -> None:
        """Heals these nodes and the links among them; the rest stays as it is."""
        self._control.heal_core(nodes)

    def end_all(self) -> None:
        """Ends every active fault."""
        for identifier in list(self._active):
            self.end(identifier)

    def inject(self, fault: Fault) -> Fault:
        """Brings a fault about now, whatever it waits for, and gives it as it fell out. It joins those of the plan."""
        self._begin((fault, None, None))
        return self._faults[fault.id]

    def end(self, identifier: str) -> None:
        """Ends an active fault; does nothing when it is over."""
        fault = self._active.pop(identifier, None)
        if fault is None:
            return
        self._world.cause = Cause(identifier)
        self._world.record("fault-end", "", identifier)
        self._history_fault(fault, f"stop-{fault.kind}", None)
        resolution = self._faults[identifier].resolution
        assert resolution is not None
        self._resolve(fault, msgspec.structs.replace(resolution, end=self._world.kernel.now))
        self._control.heal(identifier)

    def effect(self, token: str, effect: str) -> None:
        """Counts what a fault did; its first effect of a kind is journaled."""
        counts = self.effects.setdefault(token, {})
        counts[effect] = counts.get(effect, 0) + 1
        if counts[effect] == 1:
            self._world.record("fault-effect", "", token, effect)

    def resolved(self) -> list[Fault]:
        """The plan's faults, in its order, as they fell out."""
        return list(self._faults.values())

    def _strike(self, fault: Fault, sender: Host, receiver: Host) -> None:
        assert isinstance(fault.when, On)
        if fault.when.after > 0:
            later = self._world.kernel.now + fault.when.after
            self._world.kernel.schedule(later, self._world.source_faults, self._due, (fault, sender.name, receiver.name))
        else:
            self._begin((fault, sender.name, receiver.name))

    def _due(self, item: tuple[Fault, str | None, str | None]) -> None:
        if not self._frozen:
            self._begin(item)

    def _begin(self, item: tuple[Fault, str | None, str | None]) -> None:
        fault, sender, receiver = item
        world = self._world
        before, world.cause = world.cause, Cause(fault.id)
        now = self._world.kernel.now
        try:
            nodes = self._control.select(fault.who, token=fault.id, sender=sender, receiver=receiver)
            self._active[fault.id] = fault
            parameters = self._injectors[fault.kind](self._control, fault, nodes)
        except FaultRefused as refusal:
            self._control.heal(fault.id)
            self._active.pop(fault.id, None)
            self._world.record("fault-refused", "", fault.id, fault.kind, str(refusal))
            self._resolve(fault, Resolution(begin=now, end=now, refused=str(refusal)))
        except ChaoskitError:
            raise
        except Exception as error:  # it may strike in the middle of a node's handler, which is not to blame
            raise ModelError(f"the nemesis of {fault_label(fault)} raised {type(error).__name__}: {error}") from error
        else:
            self.effects.setdefault(fault.id, {})
            self._world.record("fault-begin", "", fault.id, fault.kind, nodes, parameters)
            self._history_fault(fault, f"start-{fault.kind}", {"nodes": nodes, **parameters})
            self._resolve(fault, Resolution(begin=now, nodes=nodes, parameters=parameters))
            if fault.lasting is not None:
                self._world.kernel.schedule(now + fault.lasting, self._world.source_faults, self._ends, fault.id)
        world.cause = before

    def _ends(self, identifier: str) -> None:
        if not self._frozen:
            self.end(identifier)

    def _history_fault(self, fault: Fault, f: str, value: Any) -> None:
        self._world.history.append("info", NEMESIS, f, fault.id, value, time=self._world.kernel.now)

    def _resolve(self, fault: Fault, resolution: Resolution) -> None:
        self._faults[fault.id] = msgspec.structs.replace(fault, resolution=resolution)
