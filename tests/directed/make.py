"""Makes directed plans: finds a seed that shows a planted bug, and makes its plan small.

    python tests/directed/make.py                    all bugs of all models
    python tests/directed/make.py raft               the bugs of one model
    python tests/directed/make.py raft stale-read    one bug
    python tests/directed/make.py --broken           those whose plan no longer shows the bug, or is not there

A plan shows the bug as one of its expected kinds, and the same plan is valid without the flag. Same code, same plans. Make them
anew when a protocol, the simulator or a nemesis changed what a seed means; the default suite says when.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

from campaign import CORES, Workers, plan_of, planted_bugs, seed_task  # they stand beside this folder
from directed import load, save, verdict_of, without_bug
from found_seeds import load as load_found
from reduction import Reduction

from chaoskit.catalogue import model_named
from chaoskit.core.errors import ChaoskitError, UsageError
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Violation
from chaoskit.model import Bug
from chaoskit.run import execute
from chaoskit.soak.trial import judged

RUNS_MAX = 300  # of one reduction
CANDIDATES = 3  # runs that show a bug, of which the most telling is made smaller
SOON = 40  # seeds in which to look for more than one


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", metavar="MODEL", help="only this model")
    parser.add_argument("bugs", nargs="*", metavar="BUG", help="only these bugs")
    parser.add_argument("--broken", action="store_true", help="only those whose plan does not show the bug any more")
    parser.add_argument("--cores", type=int, default=CORES, help="processes (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        bugs = planted_bugs(arguments.model, arguments.bugs)
    except UsageError as error:
        parser.error(str(error))
    failed = 0
    with Workers(arguments.cores) as pool:
        for done in pool.in_order(partial(make, model, bug.name, broken_only=arguments.broken) for model, bug in bugs):
            line, made = done.value or (f"the process that made it {done.death}", False)
            failed += not made
            print(line, flush=True)
    return 1 if failed else 0


def make(model: str, name: str, *, broken_only: bool) -> tuple[str, bool]:
    """Makes one plan and keeps it. Says what came of it, and whether there is a plan now."""
    bug = model_named(model).bug_named(name)
    if broken_only and _works(model, bug):
        return f"{model} {name}: its plan still shows it", True
    candidates = list(islice(_shown(model, bug), CANDIDATES))
    if not candidates:
        return f"{model} {name}: NOT FOUND with {bug.seeds} seeds", False
    plan, violation = min(candidates, key=lambda found: (bug.expect.index(found[1].kind), len(found[0].faults)))
    shows = partial(shows_only_with_bug, kinds=(violation.kind,))
    small = Reduction(plan, shows, shown_at=violation.time, runs=RUNS_MAX).reduce()
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


if __name__ == "__main__":
    sys.exit(main())
