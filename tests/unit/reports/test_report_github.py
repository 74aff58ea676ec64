"""What a GitHub job is told of a run."""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.record import RunRecord
from chaoskit.reports import github_annotations, github_summary, render_text

Build = Callable[..., RunRecord]


def test_an_anomaly_is_an_error_with_the_command_that_shows_it_again(invalid_run: RunRecord) -> None:
    """Its title says which run and what; colons and line breaks are escaped as the runner wants it."""
    (line,) = github_annotations(invalid_run)
    assert line.startswith("::error title=raft seed 7%3A stale-read · key k3::")
    assert line.endswith("%0Achaoskit run raft --seed 7 --nemesis partition,kill --ops 200")


def test_nothing_is_said_of_what_held_and_a_warning_of_what_is_not_known(build_run: Build) -> None:
    """Valid: nothing; weak or unknown: a warning."""
    assert github_annotations(build_run(status="valid")) == []
    weak = github_annotations(build_run(status="valid", faults=False))
    assert weak == ["::warning title=raft seed 7%3A valid%2C but weak::no fault overlapped any operation"]
    (unknown,) = github_annotations(build_run(status="unknown"))
    assert unknown.startswith("::warning title=raft seed 7%3A unknown::linearizable: gave up")


def test_a_model_cannot_give_the_runner_a_command(build_run: Build) -> None:
    """A line break in what it wrote begins no line."""
    record = build_run()
    violation = record.verdict.parts[0].violations[0]
    violation.keys[:] = ["k\r\n::error::forged"]
    assert all(line.startswith("::error title=raft") and "\n" not in line for line in github_annotations(record))


def test_the_summary_is_the_text_in_a_fence_that_it_cannot_close(build_run: Build) -> None:
    """Backticks in a sentence make the fence longer."""
    record = build_run()
    record.verdict.all_violations()[0].sentences.append(["a fence: ````"])
    fence = "`" * 7
    expected = f"### chaoskit: raft seed 7 is invalid\n\n{fence}text\n{render_text(record)}{fence}\n\n"
    assert github_summary(record) == expected
