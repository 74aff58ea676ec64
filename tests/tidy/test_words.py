"""What must be written, and what must not be left: docstrings, one title a page, no note to oneself."""

from __future__ import annotations

import ast
import re
from collections import Counter

from source_tree import ROOT, Source, python_of_tests, sources, texts, told

LEFTOVER = re.compile(
    "|".join(rf"\b{first}{second}\b" for first, second in (("FIX", "ME"), ("TO", "DO"), ("XX", "X"), ("HA", "CK")))
)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def test_every_module_says_what_it_is_for() -> None:
    """In its first line, as a sentence; a file without code needs none."""
    found = []
    for source in [*sources(), *python_of_tests()]:
        docstring = ast.get_docstring(source.tree)
        if source.tree.body and not docstring:
            found.append(f"{source.name}: no docstring; say in its first line what the module is for, in a newcomer's words.")
        elif docstring and not _is_sentence(docstring):
            found.append(f"{source.name}: the docstring begins {docstring[:60]!r}; let that be a whole sentence.")
    assert not found, told(found)


def _is_sentence(docstring: str) -> bool:
    return docstring.split("\n\n", maxsplit=1)[0].strip()[-1] in ".:!?)"


def test_every_test_says_what_it_claims() -> None:
    """By a docstring: what the name leaves out."""
    found = [
        f"{source.name}:{node.lineno}: {node.name} has no docstring; say what it claims, and how."
        for source in python_of_tests()
        for node in _tests_of(source)
        if not ast.get_docstring(node)
    ]
    assert not found, told(found)


def _tests_of(source: Source) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def test_no_two_tests_of_a_file_have_one_name() -> None:
    """The second would silently take the first one's place."""
    found = [
        f"{source.name}: {name} stands there {count} times."
        for source in python_of_tests()
        for name, count in Counter(node.name for node in source.tree.body if isinstance(node, ast.FunctionDef)).items()
        if count > 1
    ]
    assert not found, told(found)


def test_test_files_have_names_of_their_own() -> None:
    """pytest's reports name the file; tests are no package."""
    names = Counter(source.path.name for source in python_of_tests() if source.path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
    assert [source.name for source in python_of_tests() if source.path.name == "__init__.py"] == []


def test_no_note_to_oneself_is_left() -> None:
    """Do it, or file it."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: leftover {match[0]}; do it, or file it."
        for path in texts("*.py", "*.js", "*.css", "*.html", "*.md", "*.toml", "Makefile")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := LEFTOVER.search(line))
    ]
    assert not found, told(found)


def test_every_page_has_one_title() -> None:
    """One heading of the first level in every Markdown file, and it comes first."""
    found = []
    for path in texts("*.md"):
        text = FENCE.sub("", path.read_text(encoding="utf-8"))
        titles = [line for line in text.splitlines() if line.startswith("# ")]
        if len(titles) != 1 or not text.lstrip().startswith("# "):
            found.append(
                f"{path.relative_to(ROOT)}: {len(titles)} headings of the first level; let there be one, at the beginning."
            )
    assert not found, told(found)


def test_text_files_end_with_a_line_and_have_no_stray_spaces() -> None:
    """They show up as changes that nobody made."""
    found = []
    for path in texts("*.py", "*.js", "*.css", "*.md", "*.toml", "Makefile"):
        text = path.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):
            found.append(f"{path.relative_to(ROOT)}: the last line has no end.")
        found += [
            f"{path.relative_to(ROOT)}:{number}: spaces at the end of the line."
            for number, line in enumerate(text.splitlines(), 1)
            if line != line.rstrip()
        ]
    assert not found, told(found)
