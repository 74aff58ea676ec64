"""Files and functions stay small enough to be read, and lines to stand beside each other."""

from __future__ import annotations

import ast

from source_tree import ROOT, python_of_tests, sources, texts, told

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 130

LONG_FILES: dict[str, str] = {}  # file: why it may be longer


def test_no_file_is_longer_than_500_lines() -> None:
    """A longer one is two rooms."""
    found = [
        f"{path.relative_to(ROOT)}: {count} lines of at most {FILE_LINES_MAX}; split it by what it is for."
        for path in texts("*.py", "*.js", "*.css", "*.html")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
        and path.relative_to(ROOT).as_posix() not in LONG_FILES
    ]
    assert not found, told(found)


def test_no_function_is_longer_than_70_lines() -> None:
    """Its docstring included."""
    found = [
        f"{source.name}:{node.lineno}: {node.name} has {count} lines of at most {FUNCTION_LINES_MAX}; give its parts names."
        for source in [*sources(), *python_of_tests()]
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (count := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert not found, told(found)


def test_no_line_is_longer_than_130_columns() -> None:
    """Two files stand beside each other."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} columns of at most {COLUMNS_MAX}; break the line."
        for path in texts("*.py", "*.js", "*.css")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > COLUMNS_MAX
    ]
    assert not found, told(found)


def test_exceptions_are_still_needed() -> None:
    """What was split leaves the list."""
    for name in LONG_FILES:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > FILE_LINES_MAX, name
