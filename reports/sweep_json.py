"""`report.json` of a wire sweep: one object for scripts, the same that `chaoskit sweep --json` prints.

A finding's `bytes` are its cells, neighbours as one range; the `matrix` has a string for each fault of each side, a letter for
each byte (`letters` says which). Every cell with its sentence stands in `sweep.json`.
"""

from __future__ import annotations

import json

from chaoskit.core.sweep import OUTCOMES, SweepRecord
from chaoskit.reports.sweep_text import SIDES, letters


def sweep_object(record: SweepRecord) -> dict[str, object]:
    """The sweep as a JSON-like object."""
    return {
        "verdict": record.verdict,
        "conversation": record.conversation,
        "bug": record.bug,
        "cells": len(record.cells),
        "outcomes": record.counts,
        "findings": [
            {
                "outcome": finding.outcome,
                "detail": finding.detail,
                "cells": finding.cells,
                "bytes": [span.name for span in finding.spans],
                "sentence": finding.spans[0].told,
                "reproduce": record.again(finding.spans[0].example),
            }
            for finding in record.findings
        ],
        "matrix": {side: {fault: letters(cells) for fault, cells in record.rows(side)} for side in SIDES},
        "letters": {kind.letter: name for name, kind in OUTCOMES.items()},
        "digest": record.digest,
        "reproduce": record.reproduce,
    }


def sweep_json(record: SweepRecord) -> str:
    """`report.json`."""
    return json.dumps(sweep_object(record), indent=1, ensure_ascii=False) + "\n"
