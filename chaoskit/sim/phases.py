"""The phases of a run, and what is expected of each.

*main* runs the workload under faults. *recovery* heals a core that the model's claim says suffices, leaves the rest frozen
as it is, and expects progress within a bound. *final* heals everything, waits until the nodes agree, and runs the final
operations. Past the claim, safety alone is judged: nothing is expected of recovery.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaoskit.core.op import OK, Op
from chaoskit.core.outcome import LivenessReport
from chaoskit.core.units import MILLISECOND, SECOND, format_time
from chaoskit.sim.cause import Cause
from chaoskit.sim.claim import amount
from chaoskit.sim.kernel import BUDGET, IDLE
from chaoskit.sim.slots import Asker

if TYPE_CHECKING:
    from chaoskit.sim.world import World

AskerFor = Callable[[str, list[int]], Asker]  # (phase, slots that may be asked) → a generator

MAIN, RECOVERY, FINAL = "main", "recovery", "final"
PHASES = (MAIN, RECOVERY, FINAL)
SETTLE = SECOND  # after everything is healed, before anybody looks whether all agree
AGREE_STEP = 200 * MILLISECOND  # how often is looked
INSTANT_EVENTS_MAX = 100_000  # at one instant: more is a livelock
EVENTS_BASE, EVENTS_PER_OP = 500_000, 2_000  # of a whole run: an ordinary one needs fifty an operation …
EVENTS_PER_SECOND = 1_000  # … and heartbeats between: for each node, by virtual time
FOREVER = 1 << 62
_SILENT = object()


class Livelock(Exception):  # noqa: N818  # an answer: the violation is written down, and time cannot go on
    """Events follow each other without end: the run ends here."""


class Phases:
    """Runs a world phase by phase. `begins` tells when each began (ns)."""

    def __init__(self, world: World, asker_for: AskerFor) -> None:
        self.begins: dict[str, int] = {}
        self._world = world
        self._asker_for = asker_for
        self._progress_at: int | None = None

    def run(self) -> LivenessReport:
        """Everything from the first boot to the last operation."""
        world = self._world
        everyone = list(range(world.plan.cluster.clients))
        self._begin(0, self._boot_all)
        self._ask(0, everyone)
        report = self._recover()
        self._begin(2, self._heal_all)
        self._run_until(world.kernel.now + SETTLE)
        if not world.plan.beyond_claim:
            self._agree()
        self._ask(2, everyone)
        return report

    def progressed(self, op: Op) -> None:
        """An operation ended."""
        if op.type == OK and self._progress_at is None:
            self._progress_at = self._world.kernel.now

    def _begin(self, phase: int, action: Callable[[], None]) -> None:
        """Runs until a phase begins, not before it did when the plan was recorded, and carries out its first action."""
        world = self._world
        recorded = world.plan.phases[phase] if phase < len(world.plan.phases) else 0
        begin = max(world.kernel.now + 1 if phase else 0, recorded)

        def start(_: Any) -> None:
            world.cause = Cause(PHASES[phase])
            self.begins[PHASES[phase]] = world.kernel.now
            world.record("phase", "", PHASES[phase])
            action()
            self._stop()

        world.kernel.schedule(begin, world.source_phases, start, None)
        self._run_until(FOREVER)

    def _ask(self, phase: int, slots: list[int], *, within: int | None = None) -> None:
        """Asks for the phase's operations and runs until all have ended, or some time (ns) is over."""
        world = self._world

        def ask(_: Any) -> None:
            world.cause = Cause(PHASES[phase])
            world.slots.begin_phase(phase, self._asker_for(PHASES[phase], slots))

        world.slots.on_drained = self._stop
        world.kernel.schedule(world.kernel.now, world.source_phases, ask, None)
        self._run_until(FOREVER if within is None else world.kernel.now + within)

    def _boot_all(self) -> None:
        world = self._world
        for host in world.nodes:
            world.boot(host)
        world.faults.start()

    def _recover(self) -> LivenessReport:
        """Does a healed core make progress?"""
        world = self._world
        plan, kernel = world.plan, world.kernel
        core = self._core()
        served = [slot for slot in range(plan.cluster.clients) if world.names[slot % len(world.nodes)] in core]

        def heal_core() -> None:
            world.faults.freeze()
            world.faults.heal_core(core)
            self._progress_at = None

        self._begin(1, heal_core)
        self._ask(1, served, within=plan.pacing.recovery)
        began, progressed = self.begins[RECOVERY], self._progress_at is not None
        judged = not plan.beyond_claim and (progressed or self._was_asked_to_the_end())
        if judged and not progressed:
            self._run_until(began + plan.pacing.recovery)  # the bound is over in every replay, too
            bound = format_time(plan.pacing.recovery)
            summary = f"no operation succeeded within {bound} although {', '.join(core)} were healed"
            world.violate("liveness", "no-progress", summary, nodes=core, data={"waiting": world.waiting()})
        waiting = world.waiting()
        waited = (self._progress_at or kernel.now) - began
        world.slots.stop_asking()
        if not world.slots.is_idle:
            self._run_until(kernel.now + 2 * plan.pacing.op_timeout)
        verdict = progressed if judged else None
        return LivenessReport(judged=judged, core=core, progressed=verdict, waited=waited, waiting=waiting)

    def _was_asked_to_the_end(self) -> bool:
        """Whether the core failed to serve something late in its time: a plan that asks nothing then shows nothing."""
        pacing, slots = self._world.plan.pacing, self._world.slots
        late = self.begins[RECOVERY] + pacing.recovery - 2 * pacing.op_timeout
        return slots.last_ended >= late if late > self.begins[RECOVERY] else slots.last_begun >= self.begins[RECOVERY]

    def _core(self) -> list[str]:
        """Nodes that the claim says suffice: all but the number that may be down, those that may not fall among them."""
        world = self._world
        claim, nodes = world.cast.tolerates, world.nodes
        needed = len(nodes) - amount(claim.down, len(nodes))
        must = [host.name for host in nodes if host.role in claim.immune]
        others = [host.name for host in nodes if host.name not in must]
        chosen = world.draws.sample(others, max(0, needed - len(must)), "recovery", "core")
        return [host.name for host in nodes if host.name in must or host.name in chosen]

    def _heal_all(self) -> None:
        world = self._world
        world.faults.end_all()
        world.faults.heal_core([host.name for host in world.nodes])

    def _agree(self) -> None:
        """Waits until every node is up and observes the same `state`; a violation when that does not come."""
        world = self._world
        deadline = world.kernel.now + world.plan.pacing.recovery
        while True:
            states = {host.name: world.view.get(host.name, {}).get("state", _SILENT) for host in world.nodes}
            told = [state for state in states.values() if state is not _SILENT]
            everyone_up = all(host.process is not None for host in world.nodes)
            if everyone_up and (not told or all(state == told[0] for state in told)):
                return
            if world.kernel.now >= deadline or not world.kernel.heap:
                up = {host.name for host in world.nodes if host.process is not None}
                text = ", ".join(
                    f"{name}: {state if name in up else 'down'}"
                    for name, state in states.items()
                    if state is not _SILENT or name not in up
                )
                world.violate("liveness", "disagreement", f"the nodes still differ after everything was healed: {text}")
                return
            self._run_until(world.kernel.now + AGREE_STEP)

    def _run_until(self, until: int) -> None:
        """Runs events until something stops the kernel, the time is up or nothing is left to happen."""
        world = self._world
        kernel = world.kernel
        kernel.resume()
        while True:
            instant = kernel.now
            ended = kernel.run(until, INSTANT_EVENTS_MAX)
            if ended == IDLE and not world.slots.is_idle:
                self._stuck("deadlock", "nothing can ever happen again")
            if ended != BUDGET:
                return
            if kernel.now == instant:
                self._stuck("livelock", f"more than {INSTANT_EVENTS_MAX:,} events at {format_time(instant)}")
                raise Livelock
            ordinary = EVENTS_PER_SECOND * len(world.nodes) * kernel.now // SECOND
            limit = EVENTS_BASE + EVENTS_PER_OP * world.plan.pacing.ops + ordinary
            if kernel.events >= limit:
                self._stuck("livelock", f"more than {limit:,} events by {format_time(kernel.now)}, as in a storm of messages")
                raise Livelock

    def _stop(self) -> None:
        self._world.kernel.stop()

    def _stuck(self, kind: str, why: str) -> None:
        waiting = self._world.waiting()
        self._world.violate("liveness", kind, f"{kind}: {why}; " + "; ".join(waiting[:8]), data={"waiting": waiting})
