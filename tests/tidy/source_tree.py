"""The tree as the tidy tests see it: every file of ours, by room, parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("chaoskit", "models", "nemeses", "reports")
SKIPPED = {"__pycache__", "build", "node_modules"}


class Source:
    """A Python file. Its room is the folder below `chaoskit` (or the top-level folder), or the file's own name there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        parts = Path(self.name).with_suffix("").parts
        self.room = parts[1] if parts[0] == "chaoskit" else parts[0]
        self.text = path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, module) of every import, wherever it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module == "chaoskit":
                yield from ((node.lineno, f"chaoskit.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}:{node.lineno}: expected an absolute import; write the module's full name."
                yield node.lineno, node.module or ""


@cache
def sources() -> list[Source]:
    """Our Python, without the tests."""
    return [Source(path) for package in PACKAGES for path in _files(package, "*.py")]


@cache
def python_of_tests() -> list[Source]:
    """The tests' Python."""
    return [Source(path) for path in _files("tests", "*.py")]


def texts(*patterns: str) -> list[Path]:
    """Every file of ours with one of these endings, wherever it is."""
    top = sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())
    return top + [path for folder in (*PACKAGES, "tests", "docs") for pattern in patterns for path in _files(folder, pattern)]


def told(found: list[str]) -> str:
    """What a failing test says: every place on a line of its own."""
    return "\n" + "\n".join(found)


def _files(folder: str, pattern: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob(pattern))
    return [path for path in found if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)]
