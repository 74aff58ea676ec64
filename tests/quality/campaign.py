"""Many seeds of one model over all cores, each run with the settings that a person gets by default, and what became of each.

It is `chaoskit soak` without its classes: the same trials in the same processes. Runs are told in the order of their seeds,
whichever core was quicker: a campaign's figures depend on the code and the seeds alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence

from chaoskit.catalogue import MODELS, model_named
from chaoskit.cli.values import parse_jobs
from chaoskit.core.errors import UsageError
from chaoskit.core.plan import Plan
from chaoskit.core.soak import LOST, Trial
from chaoskit.model import Bug
from chaoskit.run import draw
from chaoskit.settings import Settings
from chaoskit.soak.trial import SeedTask
from chaoskit.workers import Workers

CORES = parse_jobs("auto")


def planted_bugs(model: str | None = None, names: Sequence[str] = ()) -> list[tuple[str, Bug]]:
    """(model, bug) for the bugs of these names; for all of the model when none is named, and of all models."""
    models = [model_named(name) for name in ([model] if model else MODELS)]
    return [(found.name, bug) for found in models for bug in (map(found.bug_named, names) if names else found.bugs)]


def ask_for_bugs(parser: argparse.ArgumentParser, *, bugs: str) -> tuple[argparse.Namespace, list[tuple[str, Bug]]]:
    """What a script was called with, besides its own options: a model and some bugs of it, all when none is named."""
    parser.add_argument("model", nargs="?", metavar="MODEL", help="only this model")
    parser.add_argument("bugs", nargs="*", metavar="BUG", help=bugs)
    arguments = parser.parse_args()
    try:
        return arguments, planted_bugs(arguments.model, arguments.bugs)
    except UsageError as error:
        parser.error(str(error))


def seed_task(model: str, seed: int, *, bug: str | None = None) -> SeedTask:
    """One run to make: `chaoskit run MODEL --seed SEED [--bug BUG]`."""
    return SeedTask(model=model, settings=Settings(seed=seed, bugs=(bug,) if bug else ()), shaped=False)


def plan_of(task: SeedTask) -> Plan:
    """The plan of a run."""
    return draw(task.settings, task.model)


def trials(pool: Workers, tasks: Iterable[SeedTask]) -> Iterator[Trial]:
    """The results in the order of the tasks; a process that dies is the result of its run."""
    asked: list[SeedTask] = []

    def noted() -> Iterator[SeedTask]:
        for each in tasks:
            asked.append(each)
            yield each

    for number, answer in enumerate(pool.in_order(noted())):
        lost = Trial(seed=asked[number].settings.seed, status=LOST, details=(f"its process {answer.death}",))
        yield answer.value or lost
