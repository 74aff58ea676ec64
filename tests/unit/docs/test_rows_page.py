"""The table of behaviours at the level of bytes says what the tests say."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


def test_the_page_of_rows_is_current(rows: ModuleType) -> None:
    """A test that came or went is on it."""
    assert rows.PAGE.read_text("utf-8") == rows.page(), "run python docs/reference/rows.py"


def test_a_test_of_a_row_that_nobody_described_is_refused(rows: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would stand nowhere."""
    monkeypatch.setattr(rows, "tests_of_rows", lambda: {999: [("test_row_999_x", Path("test_x.py"))]})
    with pytest.raises(
        ValueError, match=r"^expected tests of rows in the table but got test_row_999_x; give its row a line in ROWS\.$"
    ):
        rows.page()


def test_what_is_shown_in_part_has_tests(rows: ModuleType) -> None:
    """Otherwise it is open."""
    assert set(rows.PARTLY) <= set(rows.tests_of_rows())
