"""What starting the command line costs, and what the shell is told."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command_line import Command

HEAVY = ("numpy", "networkx", "hypothesis", "jinja2", "rich")
OURS = (
    "run",
    "session",
    "replay",
    "settings",
    "sim",
    "model",
    "models",
    "check",
    "spec",
    "nemeses",
    "reports",
    "store",
    "workloads",
)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Neither numpy, networkx, hypothesis, jinja2 nor rich, and none of our rooms: help answers at once."""
    code = f"""
import sys
from chaoskit.cli.app import main
main({arguments!r})
print("loaded", *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & set(HEAVY)
    assert not loaded & {f"chaoskit.{room}" for room in OURS}


def test_the_help_of_every_command_names_it_and_its_exit(chaoskit: Command) -> None:
    """Each command has a sentence, and its summary is not cut."""
    top = chaoskit("--help")
    assert top.code == 0
    assert not [line for line in top.lines[1:] if line.endswith("...")]
    for command in ("run", "replay", "check", "show", "report", "list", "explain", "doctor", "completion"):
        printed = chaoskit(command, "--help")
        assert printed.code == 0
        assert printed.lines[0].startswith(f"Usage: chaoskit {command} ")


def test_the_version_is_printed(chaoskit: Command) -> None:
    """One line, exit code 0."""
    printed = chaoskit("--version")
    assert printed.code == 0
    assert printed.out.startswith("chaoskit ")
    assert printed.out.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_prints_a_script_and_how_to_use_it(chaoskit: Command, shell: str) -> None:
    """The script calls chaoskit back; the last line says where it goes."""
    printed = chaoskit("completion", shell)
    assert printed.code == 0
    assert "_CHAOSKIT_COMPLETE" in printed.out
    assert printed.lines[-1].startswith("# ")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("chaoskit rep", ["replay", "report"]),
        ("chaoskit run ra", ["raft"]),
        ("chaoskit run --nemesis kill,par", ["kill,partition"]),
        ("chaoskit run --workload reg", ["register"]),
        ("chaoskit run --bug stale", ["stale-read"]),
        ("chaoskit check x --spec cas", ["cas-register"]),
        ("chaoskit check x --format js", ["jsonl"]),
        ("chaoskit list mod", ["models"]),
        ("chaoskit explain two-l", ["two-leaders"]),
        ("chaoskit completion z", ["zsh"]),
        ("chaoskit show ", ["latest", "honest-1-1"]),
    ],
)
def test_the_shell_is_offered_names(
    chaoskit: Command, quick: Command, monkeypatch: pytest.MonkeyPatch, words: str, offered: list[str]
) -> None:
    """Commands, models, faults after a comma, bugs, specs, formats, kinds, names and runs."""
    if "latest" in offered:
        quick("honest")
    monkeypatch.setenv("_CHAOSKIT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    printed = chaoskit()
    assert (printed.code, printed.out.split()) == (0, offered)
