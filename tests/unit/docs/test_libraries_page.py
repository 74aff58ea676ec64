"""The support table of libraries says what their tests say."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import pytest


def test_the_page_of_libraries_is_current(libraries: ModuleType) -> None:
    """A talk that came or went, or is about another fault, is on it; versions are those with which it was written."""
    assert libraries.current(), "run python docs/reference/libraries.py"


def test_a_page_of_libraries_that_says_something_else_is_not_current(
    libraries: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed row, digest or promise is seen."""
    text = libraries.PAGE.read_text("utf-8")
    for before, after in (("The server is killed", "The server is fine"), ("| equal |", "| differ |"), ("by name", "by chance")):
        assert before in text
        changed = tmp_path / "page.md"
        changed.write_text(text.replace(before, after, 1), "utf-8")
        monkeypatch.setattr(libraries, "PAGE", changed)
        assert not libraries.current()
        monkeypatch.undo()


def test_every_talk_says_its_fault_in_a_line(libraries: ModuleType) -> None:
    """Which is what the table shows."""
    for library in libraries.libraries():
        assert all(libraries.first_line(talk) for talk in library.talks)
        assert len(library.talks) >= 3 and all(inspect.isfunction(talk) for talk in library.talks)
