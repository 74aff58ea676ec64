"""`chaoskit replay`: the same run again, and where it first differs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import Command


def test_a_replay_is_identical_and_exits_with_the_verdicts_code(chaoskit: Command, liar: Path) -> None:
    """Also under a violation: by name, by directory and as latest; nothing is written."""
    before = sorted(Path(".chaoskit").rglob("*"))
    digest = json.loads((liar / "manifest.json").read_text())["digests"]["full"]
    for target in ("latest", "liar-1-1", str(liar)):
        printed = chaoskit("replay", target)
        assert printed.code == 1
        assert f"\nIDENTICAL  to liar-1-1: full digest {digest}\n" in printed.out
        assert "\nINVALID  phantom-read" in printed.out
    assert sorted(Path(".chaoskit").rglob("*")) == before


def test_json_adds_identical_to_the_keys_of_run(quick: Command, chaoskit: Command) -> None:
    """Same keys, same digest, and `identical`."""
    ran = quick("liar", "--json").object
    again = chaoskit("replay", "latest", "--json").object
    assert again.keys() >= ran.keys()
    assert again["identical"] is True
    assert (again["digest"], again["run"], again["difference"]) == (ran["digest"], ran["run"], None)


@pytest.mark.parametrize(
    ("model", "level", "place", "sides"),
    [
        ("moody", "the history, what clients saw", r"event", r"\d+ ok read k\d+ \d+"),
        (
            "whimsical",
            r"the journal, what the cluster did (the history is equal)",
            r"journal entry",
            r"observe n\d: state=.*mood",
        ),
        ("chatty", "log lines alone (the history and journal are equal)", r"journal entry", r"log n\d: text="),
    ],
)
def test_a_difference_names_level_event_and_instant_and_shows_both(
    quick: Command, chaoskit: Command, model: str, level: str, place: str, sides: str
) -> None:
    """Exit code 5; the first level that differs, the first event there, and what it was before and now."""
    quick(model)
    printed = chaoskit("replay", "latest", "-q")
    assert printed.code == 5
    first, where, recorded, replayed = printed.lines[:4]
    assert first == f"DIFFERENT  from {model}-1-1 in {level}"
    assert re.fullmatch(rf"  first at {place} [\d,]+:", where)
    for line, side in ((recorded, "recorded"), (replayed, "replayed")):
        assert re.match(rf"  {side}  \d+\.\d{{3}} s  {sides}", line), line
    assert recorded.partition("s  ")[2] != replayed.partition("s  ")[2]


def test_a_difference_is_data_in_json(quick: Command, chaoskit: Command) -> None:
    """`identical` is false and `difference` says where."""
    quick("moody")
    printed = chaoskit("replay", "latest", "--json")
    assert printed.code == 5
    assert printed.object["identical"] is False
    assert printed.object["difference"].keys() == {"level", "position", "time", "recorded", "replayed"}
    assert printed.object["difference"]["level"] == "history"


def test_changed_code_of_the_model_is_named(chaoskit: Command, honest: Path) -> None:
    """The seed means the same only on the same code: a changed file is said to be one, whether or not it matters."""
    source = Path("mine.py")
    source.write_text(f"{source.read_text()}\n# a remark\n")
    printed = chaoskit("replay", "latest")
    assert printed.code == 0
    assert "IDENTICAL  to honest-1-1" in printed.out
    assert "  the model's code is different from the recording's: mine.py:honest\n" in printed.out
    source.write_text(source.read_text().replace('clients={"register": Honest}', 'clients={"register": Liar}'))
    printed = chaoskit("replay", "latest", "--json")
    assert printed.code == 5
    assert printed.object["changed"] == ["mine.py:honest"]


def test_a_bare_plan_is_run_without_a_comparison(chaoskit: Command, liar: Path) -> None:
    """A plan file, such as one in failures/, gives the verdict; `identical` is null."""
    plan = next(Path(".chaoskit/failures").iterdir())
    printed = chaoskit("replay", str(plan))
    assert printed.code == 1
    assert "\nREPLAYED   a bare plan: there is no recording to compare with\n" in printed.out
    assert f"\nreproduce  chaoskit replay {plan}\n" in printed.out
    assert chaoskit("replay", str(plan), "--json").object["identical"] is None


def test_the_command_that_is_shown_can_be_typed(chaoskit: Command) -> None:
    """A place with a space in its name is quoted, after a run as in the replay of a plan."""
    ran = chaoskit("run", "mine.py:liar", "--seed", "1", "--ops", "20", "--report", "none", "--out", "my runs/first")
    assert "replay     chaoskit replay 'my runs/first'" in ran.lines
    plan = Path("my runs/first/plan.json")
    again = chaoskit("replay", str(plan))
    assert "reproduce  chaoskit replay 'my runs/first/plan.json'" in again.lines
    kept = chaoskit("replay", "my runs/first")
    assert [line for line in kept.lines if line.startswith("reproduce")] == [
        line for line in ran.lines if line.startswith("reproduce")
    ]


def test_a_run_that_a_model_ended_is_the_same_again(quick: Command, chaoskit: Command) -> None:
    """The same broken contract at the same instant; exit code 4 as before."""
    quick("broken")
    printed = chaoskit("replay", "latest")
    assert printed.code == 4
    assert "\nIDENTICAL  to broken-1-1: as far as the recording goes\n" in printed.out
    assert "ZeroDivisionError" in printed.err


def test_another_version_of_a_library_is_named_with_both(chaoskit: Command, honest: Path) -> None:
    """As text and as data: what was recorded, and what is installed now."""
    manifest = honest / "manifest.json"
    now = json.loads(manifest.read_text())["packages"]["msgspec"]
    manifest.write_text(manifest.read_text().replace(f'"msgspec": "{now}"', '"msgspec": "0.1.2"'))
    assert f"\n  msgspec 0.1.2 then, {now} now\n" in chaoskit("replay", "latest").out
    assert chaoskit("replay", "latest", "--json").object["versions"] == {"msgspec": {"recorded": "0.1.2", "now": now}}
