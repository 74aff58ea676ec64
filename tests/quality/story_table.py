"""Makes the table of stories, docs/reference/shrinking.md: how small the failing run of each planted bug gets.

    python tests/quality/story_table.py                      all bugs of all models, then the page
    python tests/quality/story_table.py raft stale-read      one bug anew, then the page
    python tests/quality/story_table.py --page               the page alone, from what was found before

A bug's run is that of the first seed that found it (`found_seeds.json`, which `bug_table.py` makes). Stop it at any time: it
goes on where it stopped, as long as the code is the same. Same code, same page, but for the seconds.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

import msgspec
from campaign import ask_for_bugs, plan_of, seed_task
from found_seeds import code_digest
from found_seeds import load as load_found

from chaoskit.catalogue import MODELS
from chaoskit.core.shrinking import Size
from chaoskit.model import Bug
from chaoskit.run import execute
from chaoskit.soak.trial import judged
from chaoskit.story import failure_of, tell

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "shrinking.md"
FILE = Path(__file__).with_name("stories.json")


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """How small one bug's run got."""

    code: str
    seed: int
    kind: str
    before: Size
    after: Size
    runs: int
    seconds: float
    stopped: str | None = None


Stories = dict[str, dict[str, Story]]  # model → bug → its story


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true", help="write the page alone")
    arguments, bugs = ask_for_bugs(parser, bugs="only these bugs, anew")
    stories = load()
    for model, bug in () if arguments.page else bugs:
        known = stories.get(model, {}).get(bug.name)
        if known is None or known.code != _code(model) or arguments.bugs:
            story = told(model, bug)
            if story is None:
                print(f"{model} {bug.name}: no seed shows it", flush=True)
                continue
            stories.setdefault(model, {})[bug.name] = story
            save(stories)
            print(f"{model} {bug.name}: {_cells(story)}", flush=True)
    PAGE.write_text(page(stories), encoding="utf-8")
    print(f"wrote {PAGE}")


def told(model: str, bug: Bug) -> Story | None:
    """The story of the first seed that finds the bug, None when none does."""
    for seed in _seeds(model, bug):
        outcome = execute(plan_of(seed_task(model, seed, bug=bug.name)))
        failure = failure_of(outcome, judged(outcome))
        if failure is None or not failure.only_with_bug:
            continue
        begin = process_time()
        found = tell(outcome.plan, failure).shrinking
        return Story(
            code=_code(model),
            seed=seed,
            kind=failure.fingerprint.kind,
            before=found.before,
            after=found.after,
            runs=found.runs,
            seconds=round(process_time() - begin, 1),
            stopped=found.stopped,
        )
    return None


def load() -> Stories:
    """What is known so far."""
    return msgspec.json.decode(FILE.read_bytes(), type=Stories) if FILE.exists() else {}


def save(stories: Stories) -> None:
    """Writes it all."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(stories), indent=1) + b"\n")


def page(stories: Stories) -> str:
    """The reference page."""
    rows = [
        f"| `{model}` `{bug}` | {story.kind} | {_cells(story)} |"
        for model in MODELS
        for bug, story in stories.get(model, {}).items()
    ]
    every = [story for bugs in stories.values() for story in bugs.values()]
    seconds, runs = [story.seconds for story in every], [story.runs for story in every]
    figures = [f"Median: {median(seconds):.1f} s of CPU, {median(runs):g} runs."] if every else []
    return "\n".join([_HEAD, *rows, "", *figures, ""])


def _code(model: str) -> str:
    """Stands for the code that decides how a model's runs are shrunk."""
    digest = hashlib.blake2b(digest_size=6)
    for room in ("shrink", "story"):
        for path in sorted(Path(__file__).parents[2].joinpath("chaoskit", room).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"{code_digest(model)}-{digest.hexdigest()}"


def _seeds(model: str, bug: Bug) -> Iterator[int]:
    """Those that found it before, then all others."""
    record = load_found().get(model, {}).get(bug.name)
    known = record.found if record else []
    yield from known
    yield from (seed for seed in range(1, bug.seeds + 1) if seed not in known)


def _cells(story: Story) -> str:
    before, after = story.before, story.after
    sizes = [
        f"{before.ops} → {after.ops}",
        f"{before.faults} → {after.faults}",
        f"{before.nodes} → {after.nodes}",
        str(after.decisions),
        f"{story.runs:,}",
        f"{story.seconds:.1f}",
    ]
    return " | ".join(sizes)


_HEAD = """\
# How small failing runs get

For every planted bug: the run of the first seed that finds it with the default settings (200 operations, `--nemesis all`),
and what `chaoskit run` makes of it. The story fails with the same fingerprint and is valid with the bug's flag off.
*Decisions* are the random ones that must be as they were; all others are at their defaults. *Runs* are whole simulated runs,
*seconds* are CPU time on the machine that made this page.

This page is made by `python tests/quality/story_table.py`; do not edit it.

| bug | shows as | ops | faults | nodes | decisions | runs | seconds |
|---|---|---|---|---|---:|---:|---:|"""


if __name__ == "__main__":
    main()
