"""What the naive store promises, tried with seeds."""

import pytest
from naive_store import naive_store


@pytest.mark.chaoskit(model=naive_store, seeds=20, nemesis="partition,kill")
def test_reads_return_what_was_written_last() -> None:
    """Whatever breaks."""
