"""How long a wire sweep of the Hotline server takes: the sweep itself, and the command with start and reports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from time import perf_counter

from chaoskit.models.hotline.conversations import HOTLINE
from chaoskit.wire.sweep import sweep


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """How many cells there are, and the seconds that they took."""

    cells: int
    seconds: float
    command_seconds: float


def hotline() -> Swept:
    """Once in this process, once as a person types it."""
    begin = perf_counter()
    cells = len(sweep(HOTLINE).cells)
    seconds = perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        words = ["-m", "chaoskit.cli", "sweep", "hotline", "-q"]
        subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True)
        return Swept(cells=cells, seconds=seconds, command_seconds=perf_counter() - begin)
