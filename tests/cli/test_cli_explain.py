"""`chaoskit explain`: nothing that a report or message names goes unexplained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command

import chaoskit as package
from chaoskit.catalogue import model_named, model_names
from chaoskit.check import CHECKERS as CHECKER_TABLE
from chaoskit.check.weak import LEVELS as LEVEL_TABLE
from chaoskit.cli.checker_explanations import CHECKERS, LEVELS
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.explain import entries_of, known_names
from chaoskit.cli.explanations import ANOMALIES, EXIT_CODES, NEMESES
from chaoskit.cli.spec_explanations import SPECS
from chaoskit.cli.sweep_explanations import OUTCOMES
from chaoskit.core.sweep import OUTCOMES as OUTCOME_TABLE
from chaoskit.nemeses import NEMESES as NEMESIS_TABLE
from chaoskit.spec import SPECS as SPEC_TABLE

KINDS = re.compile(r"kind=\"([a-z-]+)\"|_stuck\(\"([a-z-]+)\"|^    \(\"([a-z-]+)\", lambda facts", re.MULTILINE)

NUMPY_SORT = "stable"  # argsort(kind="stable")


def test_every_kind_of_violation_is_explained() -> None:
    """Each kind that a checker or the world may give, and each that a model's bug or invariant names."""
    rooms = [Path(str(package.__file__)).parent / room for room in ("check", "sim")]
    found = {
        kind
        for room in rooms
        for path in room.rglob("*.py")
        for groups in KINDS.findall(path.read_text())
        for kind in groups
        if kind and kind != "stable"  # a way to sort
    }
    models = [model_named(name) for name in model_names()]
    found |= {kind for model in models for bug in model.bugs for kind in bug.expect}
    found |= {invariant.name for model in models for invariant in model.invariants}
    assert len(found) > 20
    assert found <= ANOMALIES.keys(), sorted(found - ANOMALIES.keys())


def test_every_checker_specification_fault_family_and_exit_code_has_its_prose() -> None:
    """No more and no less than the tables have."""
    assert CHECKERS.keys() | LEVELS.keys() == CHECKER_TABLE.keys()
    assert not CHECKERS.keys() & LEVELS.keys()
    assert SPECS.keys() == SPEC_TABLE.keys()
    assert LEVELS.keys() == LEVEL_TABLE.keys()
    assert NEMESES.keys() == NEMESIS_TABLE.keys()
    assert OUTCOMES.keys() == OUTCOME_TABLE.keys()
    assert list(EXIT_CODES) == list(ExitCode)


def test_every_known_name_is_explained_within_the_width(chaoskit: Command) -> None:
    """Exit code 0, a title, and prose that keeps to the width; only lists of settings may be wider."""
    for name in known_names():
        entries = entries_of(name)
        assert entries, name
        assert all(entry.title for entry in entries)
    printed = chaoskit("explain", "stale-read")
    assert printed.code == 0
    assert max(map(len, printed.lines)) <= 100


def test_no_name_is_cut_at_the_end_of_a_line(chaoskit: Command) -> None:
    """A name with hyphens stays one that can be searched for."""
    lines = [line for name in known_names() for line in chaoskit("explain", name).lines]
    assert [line for line in lines if re.search(r"\w-$", line)] == []


def test_a_name_with_two_meanings_gets_both(chaoskit: Command) -> None:
    """stale-read is an anomaly and a planted bug."""
    out = chaoskit("explain", "stale-read").out
    assert out.startswith("stale-read  (anomaly)\n\n  A read returned a value that had been overwritten before the read began.\n")
    assert "\nstale-read  (planted bug of raft)\n" in out
    assert "\n  try  chaoskit run raft --bug stale-read\n" in out


def test_a_specification_is_explained_with_its_functions_and_parameters(chaoskit: Command) -> None:
    """What a person needs to write a history for it, and its name after --spec."""
    lines = chaoskit("explain", "reentrant-mutex").lines
    assert lines[0] == "reentrant-mutex  (specification)"
    assert lines[-5:] == [
        "  functions: acquire, release",
        "",
        "  parameters, as in --spec 'reentrant-mutex:owner=…':",
        "    owner            who holds it, the process or whom the value names: process or value; by default process",
        "    times            how often it may be held at once: a whole number from 1 on, or nil; by default nil",
    ]


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "4", "5", "130"])
def test_an_exit_code_is_explained_by_its_number(chaoskit: Command, code: str) -> None:
    """And all of them at once as exit-codes."""
    title = EXIT_CODES[ExitCode(int(code))].title
    assert chaoskit("explain", code).lines[0] == f"{code}  (exit code)"
    assert f"{code:>3}  {title}" in chaoskit("explain", "exit-codes").out


def test_a_name_like_nothing_gets_no_guess(chaoskit: Command) -> None:
    """The list of all names would help nobody."""
    printed = chaoskit("explain", "zzzzzzzz")
    assert (printed.code, printed.err) == (
        2,
        "error: unknown name 'zzzzzzzz'. "
        "Names are anomalies, checkers, specs, nemeses and bugs of 'chaoskit list', outcomes of sweeps and exit codes.\n",
    )
