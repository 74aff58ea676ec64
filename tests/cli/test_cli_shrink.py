"""`chaoskit shrink`: a kept run made smaller."""

from __future__ import annotations

from pathlib import Path

from command_line import Command


def test_shrink_keeps_a_story_and_tells_its_size(chaoskit: Command, liar: Path) -> None:
    """One object with the sizes before and after, the runs it took, and where the story is; it replays exactly."""
    printed = chaoskit("shrink", "latest", "--json")
    assert printed.code == 0
    found = printed.object
    assert {"before", "after", "runs", "run"} <= found.keys()
    assert found["before"]["ops"] > found["after"]["ops"] == 1
    assert found["run"] == str(liar / "story")
    assert all(cause["needed"] for cause in found["causes"])
    assert chaoskit("replay", found["run"]).code == 1
    assert chaoskit("replay", found["run"], "--json").object["identical"] is True


def test_a_story_that_cannot_be_smaller_is_told_and_kept_as_it_is(chaoskit: Command, liar: Path) -> None:
    """In a sentence with the number of re-runs, that stays with -q; no file of the run changes, not even when it ends early."""
    story = {path: path.read_bytes() for path in liar.rglob("*") if path.is_file()}
    found = chaoskit("shrink", "latest", "--json").object
    assert (found["unchanged"], found["stopped"]) == (True, None)
    said = f"Nothing more can be dropped: {found['runs']} re-runs found nothing smaller that fails in the same way."
    assert chaoskit("shrink", "latest").lines[1] == said
    assert chaoskit("shrink", "latest", "-q").lines == [said, "INVALID  phantom-read · key k4"]
    assert chaoskit("shrink", "latest", "-qq").out == ""
    early = chaoskit("shrink", "latest", "--budget", "runs=1").lines[1]
    assert early.startswith("Nothing was dropped, but it ended early: the budget of 1 run is spent.")
    assert {path: path.read_bytes() for path in liar.rglob("*") if path.is_file()} == story


def test_a_valid_run_cannot_be_shrunk(chaoskit: Command, honest: Path) -> None:
    """There is nothing to look for."""
    refused = chaoskit("shrink", "latest")
    assert refused.code == 2
    assert refused.err == f"error: expected a run that failed but {honest} is valid; there is nothing to shrink.\n"


def test_a_budget_that_is_spent_is_told(chaoskit: Command, quick: Command) -> None:
    """In words, with the way to go on."""
    assert quick("liar", "--no-shrink").code == 1
    spent = chaoskit("shrink", "latest", "--budget", "runs=2").out
    assert "the budget of 2 runs is spent" in spent
    assert "Nothing" not in spent, "the first run shows that much less is enough"
    refused = chaoskit("shrink", "latest", "--budget", "states=2")
    assert refused.code == 2
    assert "unknown limit 'states'" in refused.err
