"""The story of every planted bug is small, and the rare bug's story is its own.

`story_table.py` makes the table of all of them; it takes minutes, and so do these.
"""

from __future__ import annotations

import msgspec
import pytest
from campaign import planted_bugs
from story_table import told

from chaoskit.model import Bug
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.story import failure_of, tell

pytestmark = pytest.mark.quality

PLANTED = planted_bugs()
LONG = ("commit-old-term", "membership-overlap", "snapshot-loses-tail")  # they need more operations and more faults


@pytest.mark.parametrize(("model", "bug"), PLANTED, ids=[f"{model}-{bug.name}" for model, bug in PLANTED])
def test_the_story_of_a_planted_bug_is_small(model: str, bug: Bug) -> None:
    """At most 8 operations (12 where it needs more), 4 faults and 10 decisions that must stay."""
    story = told(model, bug)
    assert story is not None
    assert story.after.ops <= (12 if bug.name in LONG else 8)
    assert story.after.faults <= 4
    assert story.after.decisions <= 10


def test_the_story_of_a_rare_bug_needs_that_bug_alone() -> None:
    """With a common one on as well: it fails with only the rare flag and passes with only the common one."""
    outcome = execute(draw(Settings(seed=9, bugs=("forget-vote", "stale-read")), "raft"))
    failure = failure_of(outcome, judge(outcome))
    assert failure is not None
    story = tell(outcome.plan, failure).plan
    assert story.bugs == ["forget-vote"]
    assert judge(execute(story)).fingerprint == failure.fingerprint
    assert judge(execute(msgspec.structs.replace(story, bugs=["stale-read"]))).is_valid
