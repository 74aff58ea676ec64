"""A command line for the tests: run in this process, in a directory of its own, with everything that it printed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.cli.app import main

sys.path.insert(0, str(Path(__file__).parent))

from command_line import ALL_REPORTS, QUICK, Command, Printed

MODELS = Path(__file__).parent / "models_of_mine.py"


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in, with the test models beside, and an environment without settings of anybody's."""
    for name in [name for name in os.environ if name.startswith("CHAOSKIT_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(MODELS, tmp_path / "mine.py")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def chaoskit(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line: `chaoskit("run", "--seed", "7").code`."""

    def command(*arguments: str) -> Printed:
        code = main(list(arguments))
        printed = capsys.readouterr()
        return Printed(code, printed.out, printed.err)

    return command


@pytest.fixture
def quick(chaoskit: Command) -> Command:
    """A small run of a model in mine.py with seed 1: `quick("liar", "--json")`."""

    def command(model: str = "honest", *arguments: str) -> Printed:
        return chaoskit("run", f"mine.py:{model}", "--seed", "1", *QUICK, *arguments)

    return command


@pytest.fixture
def liar(quick: Command) -> Iterator[Path]:
    """A kept run with a violation."""
    assert quick("liar", *ALL_REPORTS).code == 1
    yield Path(".chaoskit/runs/liar-1-1")


@pytest.fixture
def honest(quick: Command) -> Iterator[Path]:
    """A kept run that is valid."""
    assert quick("honest").code == 0
    yield Path(".chaoskit/runs/honest-1-1")
