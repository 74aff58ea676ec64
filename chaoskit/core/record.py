"""A finished run as it is kept: what was asked, what happened, what was judged. The store saves it, the reports render it."""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.outcome import Outcome
from chaoskit.core.shrinking import Shrinking
from chaoskit.core.verdict import Verdict

MANIFEST_VERSION = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a run that are not its plan, history or verdict. Wall times and versions stand here and never in a report.

    `complete` is False from the moment the directory exists until everything is in it: a killed run is seen to be one.
    """

    version: int = MANIFEST_VERSION
    complete: bool = False
    interrupted: str | None = None
    chaoskit: str = ""  # version
    source_digest: str = ""  # of chaoskit's own source
    python: str = ""
    packages: dict[str, str] = {}  # versions: the engine's, and those of the libraries that the model imports
    model: str = ""
    model_reference: str = ""  # a catalogue name, or path/to/file.py:name
    model_digest: str = ""
    workload: str = ""
    bug: str | None = None
    seed: int = 0
    settings: dict[str, Any] = {}  # what the person gave
    reproduce: str = ""  # a command line that runs the same again
    verdict: str | None = None
    digests: dict[str, str] = {}
    seconds: dict[str, float] = {}  # wall time of simulate, check, shrink, report


class RunRecord:
    """Manifest, outcome and verdict together. `directory` is where it is kept, for the command line only: no report shows it.

    `story` is the smallest run that was found to fail in the same way; that one's `shrinking` says how it came about.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        outcome: Outcome,
        verdict: Verdict,
        directory: str | None = None,
        story: RunRecord | None = None,
        shrinking: Shrinking | None = None,
    ) -> None:
        self.manifest = manifest
        self.outcome = outcome
        self.verdict = verdict
        self.directory = directory
        self.story = story
        self.shrinking = shrinking
