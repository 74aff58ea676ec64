"""Finding runs again: by path, by name, as the latest, all of them; and the plans of those that failed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from chaoskit.core.errors import ChaoskitError, StoreError, UsageError, unknown_name
from chaoskit.core.plan import Plan, plan_from_json, plan_to_json
from chaoskit.core.record import Manifest
from chaoskit.store import layout
from chaoskit.store.files import make_directory, newest_first, read_file, remove_file, unreadable, write_file

_DIGEST_BYTES = 6  # of a failing plan's name: enough to tell plans of one model and seed apart


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """A run in a listing. `problem` says what is wrong with a directory that cannot be read; its other fields are then empty."""

    name: str
    path: Path
    model: str = ""
    workload: str = ""
    bug: str | None = None
    seed: int = 0
    verdict: str | None = None
    complete: bool = False
    problem: str | None = None


def list_runs(root: str | Path = layout.DEFAULT_ROOT) -> list[RunRow]:
    """The runs kept under a root, the newest first (by when their manifest was written, then by name)."""
    return [_row(path) for path in newest_first(Path(root) / layout.RUNS, layout.MANIFEST)]


def find_run(text: str, *, root: str | Path = layout.DEFAULT_ROOT) -> Path:
    """The directory of a run, given as `latest`, a path, or a name under the root. Raises `UsageError` with the nearest name."""
    runs = Path(root) / layout.RUNS
    if text == layout.LATEST and not is_run(Path(text)):
        return _latest(runs)
    for path in (Path(text), runs / text):
        if text and is_run(path):
            return path
    if text and Path(text).exists():
        raise _no_run(text)
    raise unknown_name("run", text, [row.name for row in list_runs(root)], listing="runs")


def is_run(path: Path) -> bool:
    """Whether a path is a run directory, finished or not."""
    return (path / layout.MANIFEST).is_file()


def read_manifest(path: Path) -> Manifest:
    """The manifest of a run directory. Raises `UsageError` when it is none, `StoreError` when the manifest is damaged."""
    if not is_run(path):
        raise _no_run(str(path))
    return layout.read_manifest_file(path)


def save_failure(plan: Plan, root: str | Path = layout.DEFAULT_ROOT) -> Path:
    """Keeps the plan of a failing run, to be tried first next time; the same plan is kept once. Raises `StoreError`."""
    data = plan_to_json(plan)
    digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
    path = Path(root) / layout.FAILURES / f"{layout.plain_name(plan.model)}-{plan.seed}-{digest}.json"
    make_directory(path.parent)
    write_file(path, data)
    return path


def list_failures(root: str | Path = layout.DEFAULT_ROOT) -> list[Path]:
    """The files of failing plans, by name; `load_plan` reads them."""
    failures = Path(root) / layout.FAILURES
    try:
        return sorted(path for path in failures.iterdir() if path.suffix == ".json" and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(failures, error) from error


def forget_failure(path: Path) -> None:
    """Takes away a failing plan that fails no more. Raises `StoreError`."""
    remove_file(path)


def load_plan(path: str | Path) -> Plan:
    """A plan from its file. Raises `FormatError` for a broken one, `StoreError` for one that cannot be read."""
    return plan_from_json(read_file(Path(path)), file=str(path))


def _no_run(text: str) -> UsageError:
    reason = f"expected a run directory but got {text!r}, which has no {layout.MANIFEST}"
    return UsageError(f"{reason}; see 'chaoskit list runs'.")


def _latest(runs: Path) -> Path:
    pointer = runs / layout.LATEST
    if not pointer.is_file():
        raise UsageError(f"expected a latest run but there is none in {runs}; make one with 'chaoskit run'.")
    path = runs / read_file(pointer).decode(errors="replace").strip()
    if not is_run(path):
        raise StoreError(f"expected the latest run at {path} but it is gone; see 'chaoskit list runs'.")
    return path


def _row(path: Path) -> RunRow:
    try:
        manifest = read_manifest(path)
    except ChaoskitError as error:
        return RunRow(name=path.name, path=path, problem=str(error))
    return RunRow(
        name=path.name,
        path=path,
        model=manifest.model,
        workload=manifest.workload,
        bug=manifest.bug,
        seed=manifest.seed,
        verdict=manifest.verdict,
        complete=manifest.complete,
    )
