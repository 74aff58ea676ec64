"""`--report github`: annotations for the job that runs this, and a page of its summary.

GitHub reads commands on either stream; they go to stderr, so that stdout stays what was asked for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chaoskit.cli.console import Console

if TYPE_CHECKING:
    from chaoskit.core.record import RunRecord

SUMMARY = "GITHUB_STEP_SUMMARY"  # the variable that names the file, in a job of GitHub's


def tell_github(record: RunRecord, console: Console) -> None:
    """Prints the annotations and adds to the summary, where there is one. Raises `StoreError` when it cannot be written."""
    from chaoskit.reports import github_annotations, github_summary
    from chaoskit.store.files import append_file

    for line in github_annotations(record):
        console.note(line)
    place = os.environ.get(SUMMARY)
    if place:
        append_file(Path(place), github_summary(record).encode(errors="backslashreplace"))
