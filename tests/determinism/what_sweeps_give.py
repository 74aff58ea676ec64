"""Prints what wire sweeps come to, with and without a bug: equal in every process."""

from __future__ import annotations

import hashlib
import json
import sys

from chaoskit.models.hotline.conversations import HANDSHAKE
from chaoskit.reports.sweep import render_sweep
from chaoskit.reports.sweep_text import sweep_text
from chaoskit.wire.sweep import sweep


def given(bug: str | None) -> dict[str, str]:
    """The digest of a sweep, its text, and a hash of its page."""
    record = sweep(HANDSHAKE, bug=bug)
    page = hashlib.sha256(render_sweep(record).encode()).hexdigest()
    return {"digest": record.digest, "text": sweep_text(record), "page": page}


sys.stdout.write(json.dumps({str(bug): given(bug) for bug in (None, "no-write-timeout")}))
