"""`chaoskit doctor`: what it looks at, and what it says when something is wrong."""

from __future__ import annotations

import pytest
from command_line import Command

from chaoskit.cli import doctor
from chaoskit.cli.doctor import compared, kernel, typed_modules
from chaoskit.reports import bundle


def test_a_whole_installation_is_well_and_deterministic(chaoskit: Command) -> None:
    """The same small run in two processes with different hash seeds gives one digest; nothing is left behind."""
    printed = chaoskit("doctor", "--json")
    assert printed.code == 0
    assert printed.object["well"] is True
    findings = {finding["name"]: finding["value"] for finding in printed.object["findings"]}
    assert findings.keys() == {"chaoskit", "python", "packages", "kernel", "report", "directory", "determinism"}
    assert findings["kernel"] == kernel(typed_modules()).value
    assert "in 2 processes" in findings["determinism"]


def test_the_modules_of_a_tree_are_plain() -> None:
    """Every one with C types is looked at; the suite runs the text of each."""
    modules = typed_modules()
    assert {"chaoskit.draws.address", "chaoskit.sim.kernel", "chaoskit.sim.world"} <= modules.keys()
    assert not any(modules.values())
    assert kernel(modules).value == "plain Python (the same results, slower: about half the speed)"


def test_a_compiled_kernel_is_counted() -> None:
    """All of its modules, and no sentence more."""
    assert kernel({"chaoskit.sim.kernel": True, "chaoskit.sim.world": True}).value == "compiled (2 modules)"


def test_a_kernel_that_is_compiled_in_part_is_bad() -> None:
    """The modules know each other's types; the plain ones are named."""
    finding = kernel({"chaoskit.sim.kernel": True, "chaoskit.sim.tasks": False, "chaoskit.sim.world": True})
    assert not finding.well
    assert finding.value == "2 of 3 modules are compiled, but not chaoskit.sim.tasks"
    assert finding.advice == "install chaoskit again"


def test_different_digests_are_nondeterminism() -> None:
    """Exit code 5, and both digests are named."""
    finding = compared(["aa", "bb"])
    assert (finding.well, int(finding.code)) == (False, 5)
    assert finding.value == "seed 7 gave different digests: aa, bb"


def test_a_missing_asset_is_bad(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 4, the reason, and what to do."""

    def fails() -> None:
        raise FileNotFoundError("main.js")

    monkeypatch.setattr(bundle, "bundle", fails)
    monkeypatch.setattr(doctor, "_deterministic", lambda: compared(["aa", "aa"]))
    printed = chaoskit("doctor")
    assert printed.code == 4
    assert "BAD  report       the page cannot be built: main.js; install chaoskit again\n" in printed.out
    assert "ok   determinism  seed 7 in 2 processes: digest aa each time\n" in printed.out


def test_a_self_check_that_cannot_run_is_bad(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the small run said last is passed on."""
    monkeypatch.setattr(doctor, "ARGUMENTS", ("run", "nothing"))
    printed = chaoskit("doctor")
    assert printed.code == 4
    assert "a small run failed with exit code 2: error: unknown model 'nothing'." in printed.out
