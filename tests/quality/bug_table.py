"""Makes the table of planted bugs, docs/reference/bugs.md: how many seeds each takes to be found with the default settings.

    python tests/quality/bug_table.py                      all bugs of all models, then the page
    python tests/quality/bug_table.py raft stale-read      one bug anew, then the page
    python tests/quality/bug_table.py --page               the page alone, from what was found before

A bug's seeds are tried in order until it was found often enough or its limit is met. Stop it at any time: it goes on where
it stopped, as long as the code is the same. Same code, same page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from campaign import CORES, Workers, ask_for_bugs, seed_task, trials
from found_seeds import Record, Records, code_digest, load, save

from chaoskit.catalogue import MODELS, model_named
from chaoskit.model import Bug, Model

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bugs.md"
FINDS = 30  # after so many finds the median is known well enough
SAVED_EVERY = 20  # seeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--finds", type=int, default=FINDS, help="stop a bug after so many finds (default: %(default)s)")
    parser.add_argument("--cores", type=int, default=CORES, help="processes (default: %(default)s)")
    parser.add_argument("--page", action="store_true", help="write the page alone")
    arguments, bugs = ask_for_bugs(parser, bugs="only these bugs, from their first seed")
    records = load()
    if not arguments.page:
        with Workers(arguments.cores) as pool:
            for model, bug in bugs:
                search(pool, records, model, bug, finds=arguments.finds, anew=bool(arguments.bugs))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(records), encoding="utf-8")
    print(f"wrote {PAGE}")


def search(pool: Workers, records: Records, model: str, bug: Bug, *, finds: int, anew: bool) -> None:
    """Tries a bug's seeds from where its record ends. Raises `RuntimeError` when a run could not be judged."""
    code = code_digest(model)
    record = records.setdefault(model, {}).get(bug.name)
    if record is None or record.code != code or anew:
        record = records[model][bug.name] = Record(code=code)
    if len(record.found) < finds:
        tasks = (seed_task(model, seed, bug=bug.name) for seed in range(record.seeds + 1, bug.seeds + 1))
        for trial in trials(pool, tasks):
            if trial.status not in ("valid", "invalid"):
                raise RuntimeError(f"{model} {bug.name} {trial}")
            record.add(trial.seed, trial.kinds[0] if trial.status == "invalid" else None)
            if trial.seed % SAVED_EVERY == 0:
                save(records)
            if len(record.found) >= finds:
                break
        save(records)
    unexpected = sorted(set(record.kinds) - set(bug.expect))
    warning = f"; NOT EXPECTED: {', '.join(unexpected)}" if unexpected else ""
    print(f"{model} {bug.name}: {_found(record)}, median {_median(record)}; {record.kinds}{warning}", flush=True)


def page(records: Records) -> str:
    """The reference page."""
    models = [model_named(name) for name in MODELS]
    parts = [_HEAD, *(_section(model, records.get(model.name, {})) for model in models)]
    rare = [(model.name, bug) for model in models for bug in model.bugs if bug.reason]
    reasons = [f"- `{model}` `{bug.name}` ({bug.seeds:,} seeds): {bug.reason}." for model, bug in rare]
    return "\n".join([*parts, _RARE, *reasons, ""])


_HEAD = """\
# Planted bugs

Every model is correct by default and carries planted bugs, each one flag at one place:
`chaoskit run raft --bug stale-read --seed 1`. They show whether a search finds what it should. The figures below are of the
default settings (200 operations, `--nemesis all`) and seeds 1, 2, 3 …: how often the bug was *found*, what it *shows as*
(the first violation's kind), and the *median* number of seeds that it takes to find it. Where a bug can show only with some
workload, cluster size or parameter, it *sets* that itself, unless you do.

This page is made by `python tests/quality/bug_table.py`; do not edit it.
"""
_RARE = """\
## Rare ones

These may take more than 300 seeds:
"""


def _section(model: Model, records: dict[str, Record]) -> str:
    rows = [f"## {model.name}", "", "| bug | what is broken | shows as | sets | found | median |", "|---|---|---|---|---|---:|"]
    for bug in model.bugs:
        record = records.get(bug.name, Record())
        cells = [f"`{bug.name}`", bug.summary, _kinds(bug, record), _sets(bug), _found(record), _median(record)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def _kinds(bug: Bug, record: Record) -> str:
    """The kinds it was seen as, most frequent first; what is expected, as long as it was not seen."""
    seen = sorted(record.kinds, key=lambda kind: (-record.kinds[kind], kind))
    return ", ".join(f"{kind} ({record.kinds[kind]})" for kind in seen) or ", ".join(bug.expect)


def _sets(bug: Bug) -> str:
    settings = [f"--workload {bug.workload}"] if bug.workload else []
    settings += [f"--nodes {bug.nodes}"] if bug.nodes else []
    settings += [f"--param {name}={str(value).lower()}" for name, value in bug.parameters.items()]
    return f"`{' '.join(settings)}`" if settings else ""


def _found(record: Record) -> str:
    return f"{len(record.found)} of {record.seeds:,}" if record.seeds else "not tried"


def _median(record: Record) -> str:
    return "–" if record.median_seeds is None else f"{record.median_seeds:g}"


if __name__ == "__main__":
    main()
