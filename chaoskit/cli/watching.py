"""Tells a person how a run goes: the seed and everything drawn first, then a line a phase, and a bar where somebody watches."""

from __future__ import annotations

from pathlib import Path

from chaoskit.cli.console import Bar, Console, cells
from chaoskit.cli.plan_text import heading, parameter_lines
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.shrinking import Shrinking, Size
from chaoskit.core.units import format_time, plural
from chaoskit.core.verdict import Verdict
from chaoskit.session import chaoskit_version
from chaoskit.shrink import ShrinkBudget

MAIN_PHASE = 0


class Watching:
    """The watcher of a command. `seed_matters`: the seed was drawn by chance, so that even a quiet run must name it."""

    def __init__(self, console: Console, *, seed_matters: bool = False) -> None:
        self.directory: Path | None = None
        self._console = console
        self._seed_matters = seed_matters
        self._bar: Bar | None = None
        self._shrink_bar: Bar | None = None
        self._ops = 0

    def drawn(self, plan: Plan) -> None:
        console, first = self._console, heading(plan, version=chaoskit_version())
        if console.json:
            console.note(first)
        elif self._seed_matters:
            console.tell(first)
        else:
            console.say(first)
        for line in parameter_lines(plan, width=console.width):
            console.say(line)
        self._ops = plan.pacing.ops
        self._bar = console.bar("simulate", self._ops)

    def began(self, directory: Path) -> None:
        self.directory = directory

    def progress(self, ops: int, now: int) -> None:
        assert self._bar is not None, "a plan is drawn before it is run"
        self._bar.update(ops, f"{min(ops, self._ops):,}/{plural(self._ops, 'op')} · {format_time(now)}")

    def simulated(self, outcome: Outcome, seconds: float) -> None:
        console = self._console
        if self._bar is not None:
            self._bar.clear()
        asked = sum(invocation.phase == MAIN_PHASE for invocation in outcome.plan.invocations or [])
        bar = f"{cells(asked, self._ops)} " if console.is_live else ""
        took = f" in {seconds:.1f} s" if console.is_live or console.verbose else ""
        stats = outcome.stats
        console.say(f"simulate {bar}{asked:,}/{plural(self._ops, 'op')} · {format_time(stats.simulated)} simulated{took}")
        console.detail(f"{'':<9}{plural(stats.events, 'event')}, {plural(stats.messages, 'message')}")

    def shrinking(self, before: Size, now: Size, runs: int) -> None:
        if self._shrink_bar is None:
            self._shrink_bar = self._console.bar("shrink  ", ShrinkBudget().runs)
        self._shrink_bar.update(runs, f"{size_text(before, now)} · {plural(runs, 're-run')}")

    def shrunk(self, shrinking: Shrinking, seconds: float) -> None:
        console = self._console
        if self._shrink_bar is not None:
            self._shrink_bar.clear()
        took = f" in {seconds:.1f} s" if console.is_live or console.verbose else ""
        early = f" · {shrinking.stopped}" if shrinking.stopped else ""
        console.say(f"shrink   {size_text(shrinking.before, shrinking.after)} · {plural(shrinking.runs, 're-run')}{took}{early}")

    def unshrunk(self, reason: str) -> None:
        if self._shrink_bar is not None:
            self._shrink_bar.clear()
        self._console.note(f"note: not shrunk: {reason}")

    def judged(self, verdict: Verdict, seconds: float) -> None:
        console = self._console
        took = f" in {seconds:.1f} s" if console.verbose else ""
        console.say(f"check    {' · '.join(_checked(part) for part in verdict.parts) or 'not done'}{took}")


def size_text(before: Size, after: Size) -> str:
    """How small it got: `2,000 → 3 ops, 9 → 1 faults`."""
    return f"{before.ops:,} → {plural(after.ops, 'op')}, {before.faults:,} → {plural(after.faults, 'fault')}"


def _checked(part: Verdict) -> str:
    """A checker and how much it had to think."""
    results = part.results
    if "configurations" not in results:
        return part.checker
    searched = f", {plural(results['configurations'], 'state')}" if results["configurations"] else ""
    return f"{part.checker} {results.get('spec', '')}, {plural(results.get('keys', 1), 'key')}{searched}"
