"""How a directed plan is made: a seed that shows the bug as what it is, and only with its flag, made small.

It is a module and no part of the script, because it is done in processes of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

import msgspec
from campaign import plan_of, seed_task  # beside tests/quality, which the script adds to the path
from directed import load, save, verdict_of, without_bug
from found_seeds import load as load_found

from chaoskit.catalogue import model_named
from chaoskit.core.errors import ChaoskitError
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Violation
from chaoskit.model import Bug
from chaoskit.run import execute
from chaoskit.shrink import ShrinkBudget
from chaoskit.soak.trial import judged
from chaoskit.story import Failure, tell

RUNS_MAX = 1_000  # of one story
CANDIDATES = 3  # runs that show a bug, of which the most telling is made smaller
SOON = 40  # seeds in which to look for more than one


def make(model: str, name: str, *, broken_only: bool) -> tuple[str, bool]:
    """Makes one plan and keeps it. Says what came of it, and whether there is a plan now."""
    bug = model_named(model).bug_named(name)
    if broken_only and _works(model, bug):
        return f"{model} {name}: its plan still shows it", True
    candidates = list(islice(_shown(model, bug), CANDIDATES))
    if not candidates:
        return f"{model} {name}: NOT FOUND with {bug.seeds} seeds", False
    plan, violation = min(candidates, key=lambda found: (bug.expect.index(found[1].kind), len(found[0].faults)))
    failure = Failure(fingerprint=violation.fingerprint, bugs=tuple(plan.bugs))
    small = tell(plan, failure, budget=ShrinkBudget(runs=RUNS_MAX)).plan
    save(model, name, _final(small))
    return f"{model} {name}: seed {plan.seed}, {violation.kind}, {_size(small)} left of {_size(plan)}", True


def shows_only_with_bug(plan: Plan, kinds: Collection[str]) -> bool:
    """Whether the plan shows the bug as one of these kinds, and is valid without it."""
    found = verdict_of(plan).fingerprint
    return found is not None and found.kind in kinds and verdict_of(without_bug(plan)).is_valid


def _works(model: str, bug: Bug) -> bool:
    try:
        return shows_only_with_bug(load(model, bug.name), bug.expect)
    except (AssertionError, ChaoskitError):
        return False


def _seeds(model: str, bug: Bug) -> Iterator[int]:
    """Those that found it before, then all others."""
    record = load_found().get(model, {}).get(bug.name)
    known = record.found if record else []
    yield from known
    yield from (seed for seed in range(1, bug.seeds + 1) if seed not in known)


def _shown(model: str, bug: Bug) -> Iterator[tuple[Plan, Violation]]:
    """Runs that show the bug as what is expected, and only with its flag: the plan as it fell out, and what it shows first.

    Of a rare bug the first will do.
    """
    shown = 0
    for tried, seed in enumerate(_seeds(model, bug)):
        if shown and tried >= SOON:
            return
        outcome = execute(plan_of(seed_task(model, seed, bug=bug.name)))
        found = judged(outcome).all_violations()
        if found and found[0].kind in bug.expect and shows_only_with_bug(outcome.plan, (found[0].kind,)):
            shown += 1
            yield outcome.plan, found[0]


def _size(plan: Plan) -> str:
    return f"{len(plan.invocations or ())} ops and {len(plan.faults)} faults"


def _final(plan: Plan) -> Plan:
    """The plan as it fell out once more, without the digest of the model: the code is meant to change under it."""
    return msgspec.structs.replace(plan, model_digest="", faults=execute(plan).plan.faults)
