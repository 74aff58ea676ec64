"""What lies where in a run directory, and the shape of its small files.

    manifest.json   versions, source digests, settings, verdict, wall times; `complete` turns true last of all
    plan.json       the resolved plan: all that a replay needs
    history.jsonl   what the clients saw                journal.bin   what the cluster did
    verdict.json    the verdict with its evidence, and what else is known of the outcome (`OutcomeFacts`)
    report.html  report.txt  report.json  report.junit.xml
    log.txt         what was done when                  story/        the minimal run, itself a run directory

Under `.chaoskit/` there are `runs/<model>-<seed>-<n>`, `runs/latest` (a file with the name of the newest), `failures/`, the
plans of failing runs, `soaks/<model>-<first seed>-<n>` with `soak.json`, `index.html` and the run of each class of failures, and
`sweeps/<conversation>-<n>` with `sweep.json` and the reports of a wire sweep.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from chaoskit.core.outcome import LivenessReport
from chaoskit.core.outcome import Stats as RunStats
from chaoskit.core.record import MANIFEST_VERSION, Manifest
from chaoskit.core.shrinking import Shrinking
from chaoskit.core.soak import SOAK_VERSION, SoakRecord
from chaoskit.core.sweep import SWEEP_VERSION, SweepRecord
from chaoskit.core.verdict import Verdict, Violation
from chaoskit.formats.json_values import encode_json, from_json
from chaoskit.store.files import damaged, other_version, read_file

DEFAULT_ROOT = Path(".chaoskit")
RUNS = "runs"
FAILURES = "failures"
SOAKS = "soaks"
SWEEPS = "sweeps"
LATEST = "latest"

MANIFEST = "manifest.json"
PLAN = "plan.json"
HISTORY = "history.jsonl"
JOURNAL = "journal.bin"
VERDICT = "verdict.json"
REPORTS = ("report.html", "report.txt", "report.json", "report.junit.xml")
LOG = "log.txt"
STORY = "story"
SOAK = "soak.json"
SOAK_PAGE = "index.html"
SWEEP = "sweep.json"

VERDICT_VERSION = 1


class OutcomeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What an outcome holds beyond its plan, history and journal; `events` and `entries` say how long those two must be."""

    effects: dict[str, dict[str, int]] = {}
    violations: list[Violation] = []
    liveness: LivenessReport = LivenessReport()
    stats: RunStats = RunStats()
    invocation_ids: dict[int, int] = {}
    interrupted: str | None = None
    events: int = 0
    entries: int = 0


class VerdictFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of verdict.json. `shrinking` is there in a story: how it came about, and what of it is needed."""

    version: int = VERDICT_VERSION
    verdict: Verdict
    outcome: OutcomeFacts
    shrinking: Shrinking | None = None


_Content = TypeVar("_Content", Manifest, VerdictFile, SoakRecord, SweepRecord)


def to_json_file(content: Manifest | VerdictFile | SoakRecord | SweepRecord) -> bytes:
    """A small file's bytes, laid out to be read: equal content, equal bytes."""
    plain = msgspec.to_builtins(content, builtin_types=(bytes, bytearray, memoryview), str_keys=True)
    return msgspec.json.format(encode_json(plain), indent=1) + b"\n"


def read_manifest_file(directory: Path) -> Manifest:
    """The manifest in a run directory. Raises `StoreError` for a missing or damaged one, or one of another version."""
    return _read_json_file(directory / MANIFEST, Manifest, version=MANIFEST_VERSION)


def read_verdict_file(directory: Path) -> VerdictFile:
    """The verdict and the outcome's facts in a run directory. Raises `StoreError` as for a manifest."""
    return _read_json_file(directory / VERDICT, VerdictFile, version=VERDICT_VERSION)


def read_soak_file(directory: Path) -> SoakRecord:
    """The record in a soak's directory. Raises `StoreError` as for a manifest."""
    return _read_json_file(directory / SOAK, SoakRecord, version=SOAK_VERSION)


def read_sweep_file(directory: Path) -> SweepRecord:
    """The record in a sweep's directory. Raises `StoreError` as for a manifest."""
    return _read_json_file(directory / SWEEP, SweepRecord, version=SWEEP_VERSION)


def run_name(model: str, seed: int) -> str:
    """How the directories of a model and a seed are called, before their number: `raft-7`."""
    return f"{plain_name(model)}-{seed}"


def plain_name(text: str) -> str:
    """A text as part of a file name: other characters than letters, digits, dot, dash and underscore become dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[-60:] or "run"


def _read_json_file(path: Path, content: type[_Content], *, version: int) -> _Content:
    data = read_file(path)
    try:
        plain: Any = from_json(msgspec.json.decode(data))
        found = plain.get("version") if isinstance(plain, dict) else None
        if isinstance(found, int) and found != version:
            raise other_version(path, expected=version, found=found)
        return msgspec.convert(plain, content, str_keys=True)
    except msgspec.ValidationError as error:
        raise damaged(path, f"expected the fields of a {content.__name__} but: {error}") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise damaged(path, f"expected JSON but got: {error}") from error
