"""Every planted bug has a saved plan that shows it, run through the world and judged; the correct protocol survives the same.

When a protocol, the simulator or a nemesis changes what a seed means, plans are made anew:
`python tests/directed/make.py --broken`.
"""

from __future__ import annotations

import pytest
from campaign import planted_bugs
from directed import load, verdict_of, without_bug

from chaoskit.model import Bug

PLANTED = planted_bugs()
planted = pytest.mark.parametrize(("model", "bug"), PLANTED, ids=[f"{model}-{bug.name}" for model, bug in PLANTED])


@planted
def test_planted_bug_shows_in_its_directed_plan(model: str, bug: Bug) -> None:
    """With the flag on, the run is invalid with an expected kind of violation."""
    verdict = verdict_of(load(model, bug.name))
    assert verdict.is_invalid, verdict.reasons()
    assert verdict.fingerprint is not None
    assert verdict.fingerprint.kind in bug.expect


@planted
def test_correct_protocol_survives_the_directed_plan_of_a_bug(model: str, bug: Bug) -> None:
    """With the flag off, the same operations and faults are valid: the bug is at fault, and nothing else."""
    verdict = verdict_of(without_bug(load(model, bug.name)))
    assert verdict.is_valid, [violation.summary for violation in verdict.all_violations()] + verdict.reasons()
