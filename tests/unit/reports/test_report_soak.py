"""The page of a soak: its classes with links, what may be left, and nothing of a model's that could be markup."""

from __future__ import annotations

import re

import msgspec
import pytest

from chaoskit.core.soak import Known, SoakRecord, Unjudged, Unseen
from chaoskit.reports.soak import render_soak


def words(page: str) -> str:
    """The text of a page, its white space evened out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.partition("<body>")[2]))


def test_a_class_is_a_row_with_all_that_is_known_of_it(soak_record: SoakRecord) -> None:
    """What it shows, takes and how often, its story, its report, and how to make it again."""
    page = render_soak(soak_record)
    text = words(page)
    assert "INVALID 3 failures in 1 class" in text
    assert "stale-read read, write kill also seen as 1 × stale-read (read, write) with kill and pause" in text
    assert "3 of 100 runs 3, 5, 9 6 ops, 1 fault, 3 nodes r9 has no place" in text
    assert '<a href="stale-read-5/report.html">stale-read-5</a>' in page
    assert "<code>chaoskit run raft --seed 5</code>" in page


def test_rates_and_what_may_be_left_are_told(soak_record: SoakRecord) -> None:
    """In words, with the numbers that they rest on."""
    text = words(render_soak(soak_record))
    assert "5.0 runs a second on 2 jobs" in text
    assert "1000.000 s, 50 times as fast as the clock" in text
    assert "A class that shows in 1 run of 33 or oftener would have been seen (95 %)." in text
    assert "class not seen yet" not in text
    rare = msgspec.structs.replace(soak_record, unseen=Unseen(once=2, chance=0.02, frequency=0.03))
    assert "The next run shows a class not seen yet about once in 50: 2 classes were seen once." in words(render_soak(rare))


def test_a_soak_without_failures_says_how_much_was_run(soak_record: SoakRecord) -> None:
    """And nothing of classes."""
    text = words(render_soak(msgspec.structs.replace(soak_record, classes=[], statuses={"valid": 100})))
    assert "VALID no failure in 100 runs" in text
    assert "No run failed." in text
    assert "How they were found" not in text


@pytest.mark.parametrize(
    ("stopped", "told", "alarms"),
    [
        ("runs", None, False),
        ("time", "until its time was up", False),
        ("failures", "until it had found 3 failures", False),
        ("interrupted", "interrupted", True),
        (None, "not finished", True),
    ],
)
def test_only_a_soak_that_was_cut_short_is_marked(
    soak_record: SoakRecord, stopped: str | None, told: str | None, alarms: bool
) -> None:
    """Time that was up and failures that were asked for are its ordinary end, and none of them is an alarm."""
    page = render_soak(msgspec.structs.replace(soak_record, stopped=stopped))
    assert f"100 runs from seed 1{f', {told}' if told else ''}" in words(page)
    assert (f"<li>{told}</li>" in page) == (told is not None and not alarms)
    assert (f'<li class="interrupted">{told}</li>' in page) == alarms


def test_runs_without_a_verdict_and_known_plans_are_listed(soak_record: SoakRecord) -> None:
    """A known plan that fails again makes the soak invalid."""
    lost = Unjudged(seed=7, status="lost", reason="its process was killed", reproduce="chaoskit run raft --seed 7")
    known = Known(plan="raft-1-abc.json", seed=1, status="invalid", kinds=("stale-read",))
    record = msgspec.structs.replace(soak_record, classes=[], statuses={"valid": 99, "lost": 1}, unjudged=[lost], known=[known])
    text = words(render_soak(record))
    assert "INVALID no failure in 100 runs, but 1 known plan failed again" in text
    assert "7 lost its process was killed chaoskit run raft --seed 7" in text
    assert "raft-1-abc.json: invalid (stale-read)" in text


def test_what_a_model_wrote_is_text(soak_record: SoakRecord) -> None:
    """Never markup, and the page runs no script at all."""
    planted = "</script><img src=x onerror=alert(1)>"
    found = msgspec.structs.replace(soak_record.classes[0], summary=planted, problem=planted)
    page = render_soak(msgspec.structs.replace(soak_record, model=planted, classes=[found]))
    assert "<img" not in page
    assert "<script" not in page
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-", page)
    assert "script-src" not in page


def test_equal_records_give_equal_pages(soak_record: SoakRecord) -> None:
    """Nothing of the machine or the hour is in it but what the record has."""
    assert render_soak(soak_record) == render_soak(msgspec.structs.replace(soak_record))
