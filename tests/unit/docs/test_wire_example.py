"""The examples of connections' handlers: their own tests pass, and the greeter's see the mistakes that a handler can make."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

MISTAKES = {
    "no-time-out": ('await asyncio.wait_for(reader.readuntil(b"\\n"), PATIENCE_SECONDS)', 'await reader.readuntil(b"\\n")'),
    "too-patient": ("PATIENCE_SECONDS = 5", "PATIENCE_SECONDS = 6"),
    "half-a-name": ("pass  # the end, or half a name", 'writer.write(b"hello?\\n")'),
    "swallowed": ("except asyncio.IncompleteReadError:", "except (asyncio.IncompleteReadError, OSError):"),
}


MODULES = ("greeter", "test_greeter", "test_hotline", "test_retries")


class Ends:
    """A plugin of pytest that keeps how each test ended."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.ends.append(report.outcome)


@pytest.fixture
def directory(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The examples' files, somewhere else, as a person stands there."""
    for name in MODULES:
        shutil.copy(examples / f"{name}.py", tmp_path)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ends_of(directory: Path, name: str = "test_greeter") -> list[str]:
    """How an example's tests end in plain pytest."""
    ends = Ends()
    try:
        pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={directory}", str(directory / f"{name}.py")], plugins=[ends])
    finally:
        for module in MODULES:
            sys.modules.pop(module, None)
    return ends.ends


def test_the_example_passes(directory: Path) -> None:
    """All seven, as they stand on the page."""
    assert ends_of(directory) == ["passed"] * 7


def test_the_example_of_a_binary_protocol_passes(directory: Path) -> None:
    """All five, and the seed of the one that injects is told."""
    assert ends_of(directory, "test_hotline") == ["passed"] * 5


def test_the_example_of_retries_passes(directory: Path) -> None:
    """All three, one of which shows what goes wrong without ids."""
    assert ends_of(directory, "test_retries") == ["passed"] * 3


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_fails_the_example(mistake: str, directory: Path) -> None:
    """And none hangs: every test ends."""
    right, wrong = MISTAKES[mistake]
    greeter = directory / "greeter.py"
    text = greeter.read_text("utf-8")
    assert text.count(right) == 1
    greeter.write_text(text.replace(right, wrong), "utf-8")
    ends = ends_of(directory)
    assert len(ends) == 7 and "failed" in ends and "passed" in ends
