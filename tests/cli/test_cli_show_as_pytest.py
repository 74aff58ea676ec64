"""`chaoskit show RUN --as pytest`: what is printed is a test, red as long as the run fails and green once it is mended."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from command_line import Command

from chaoskit.cli.pytest_text import bare, pytest_text
from chaoskit.core.plan import Plan, plan_from_json
from chaoskit.store.loading import load

DIRECTED = Path(__file__).parents[1] / "directed"


def pasted(path: Path) -> subprocess.CompletedProcess[str]:
    """What pytest says of it."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_pasted_test_is_red_until_the_bug_is_mended(quick: Command, chaoskit: Command, workplace: Path) -> None:
    """Of the story, where there is one: one operation. Nothing but the model's file is needed beside it."""
    assert quick("liar").code == 1
    printed = chaoskit("show", "latest", "--as", "pytest")
    assert printed.code == 0 and not printed.err
    assert printed.out.count("Invocation(id=") == 1
    assert len(printed.lines) < 40
    test = workplace / "test_pasted.py"
    test.write_text(printed.out)
    red = pasted(test)
    assert red.returncode == 1
    assert "INVALID  phantom-read" in red.stdout and "1 failed" in red.stdout
    mine = workplace / "mine.py"
    mine.write_text(mine.read_text().replace('op.ok(-1) if op.f == "read" else done', "done"))
    green = pasted(test)
    assert green.returncode == 0, green.stdout


def plan_in(text: str) -> Plan:
    """The plan that a printed module makes."""
    names: dict[str, object] = {}
    exec(compile(ast.parse(text), "pasted", "exec"), names)
    plan = names["PLAN"]
    assert isinstance(plan, Plan)
    return plan


def test_without_a_story_the_run_itself_is_printed(quick: Command, liar: Path) -> None:
    """Every field of its plan comes back that a replay consults."""
    assert quick("liar", "--no-shrink").code == 1
    for directory in (liar, liar.parent / "liar-1-2"):
        record = load(directory)
        smallest = record.story or record
        assert plan_in(pytest_text(record)) == bare(smallest.outcome.plan)
    assert load(liar.parent / "liar-1-2").story is None


@pytest.mark.parametrize("path", sorted(DIRECTED.glob("*/*.json")), ids=lambda path: path.stem)
def test_any_plan_can_be_printed_and_read_back(path: Path, honest: Path) -> None:
    """Overrides, faults that wait for events, and values of any kind."""
    plan = plan_from_json(path.read_bytes(), file=str(path))
    values = ["'", '"', "\\ü\n", None, 1.5, True, {}]
    odd = [msgspec.structs.replace(each, value=[each.value, *values]) for each in plan.invocations or ()]
    record = load(honest)
    record.outcome.plan = msgspec.structs.replace(plan, invocations=odd)
    assert plan_in(pytest_text(record)) == bare(record.outcome.plan)


def test_another_form_is_refused(honest: Path, chaoskit: Command) -> None:
    """With the one that there is; and one view at a time."""
    printed = chaoskit("show", str(honest), "--as", "pytst")
    assert (printed.code, printed.err) == (2, "error: unknown form of a run 'pytst'. Did you mean 'pytest'?\n")
    assert chaoskit("show", str(honest), "--as", "pytest", "--plan").code == 2
