"""The documentation says what is so: links lead somewhere, command lines parse, and what is pasted or generated is current."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

from chaoskit import settings
from chaoskit.check import pn_counter
from chaoskit.cli.app import app
from chaoskit.cli.configuration import configure
from chaoskit.cli.consistency import checkers_of, parse_levels
from chaoskit.cli.explain import entries_of
from chaoskit.cli.listing import KINDS
from chaoskit.core.verdict import Budget
from chaoskit.formats import intake
from chaoskit.formats.table import find_format
from chaoskit.nemeses import tactics
from chaoskit.reports import view
from chaoskit.reports.panels import HEADER, PANELS
from chaoskit.run import draw
from chaoskit.sim import phases
from chaoskit.spec import spec_from_text

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
NAMED = 2  # words that name a command and say no more: `chaoskit check`
UNLISTED = ("docs/README.md", "docs/decisions/", "docs/changelog.d/")  # pages that the index names by their folder

FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
INLINE = re.compile(r"`(chaoskit [^`\n]+)`")
NUMBER = re.compile(r"\d[\d,]*\d")
PLACEHOLDER = re.compile(r"^\[?[A-Z]+\]?(\.py)?$|…|path/to/")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(name))


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def pasted_commands(name: str) -> list[str]:
    """The command lines in a page's console blocks: what follows a `$`."""
    blocks = [found["content"] for found in FENCE.finditer(text_of(name)) if found["language"] == "console"]
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def mentioned_commands(name: str) -> Iterator[str]:
    """The command lines that a page's prose mentions; where it only names a command, or leaves something open, there is none."""
    for command in INLINE.findall(prose(name)):
        words = shlex.split(command)
        if len(words) > NAMED and not any(PLACEHOLDER.search(word) for word in words):
            yield command


def parsed(command: str) -> tuple[str, dict[str, Any]]:
    """A command's name and its parameters. Raises Typer's usage error for a command line that is none."""
    program, *arguments = shlex.split(command.partition(" | head -n ")[0])
    if program == "pytest":
        return program, {}  # it is run where it is pasted
    assert program == "chaoskit", command
    group: Any = typer.main.get_command(app)
    assert arguments[0] in group.commands, f"there is no command {arguments[0]!r}"
    context = group.commands[arguments[0]].make_context(arguments[0], arguments[1:])
    return arguments[0], context.params


def flags_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters as the command hands them on."""
    return {flag.replace("_", "-"): list(value) if isinstance(value, tuple) else value for flag, value in parameters.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    """To a file or folder of the repository, and to a heading that is there."""
    page = ROOT / name
    for found in LINK.finditer(prose(name)):
        path, _, anchor = found["target"].partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name} links to {found['target']}, which is not there"
        assert not anchor or anchor in slugs(target), f"{name} links to {found['target']}, where there is no such heading"


def test_every_page_can_be_found_from_the_index() -> None:
    """docs/README.md links to it, or to its folder."""
    linked = {(DOCS / found["target"].partition("#")[0]).resolve() for found in LINK.finditer(prose("docs/README.md"))}
    lost = [page for page, name in zip(PAGES[1:], NAMES[1:], strict=True) if page.resolve() not in linked]
    assert [page for page in lost if not page.relative_to(ROOT).as_posix().startswith(UNLISTED)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_parses(name: str) -> None:
    """Those in console blocks and those in the prose: the command exists, and so do its options."""
    for command in [*pasted_commands(name), *mentioned_commands(name)]:
        parsed(command)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_means_something(name: str, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models, bugs, faults, specifications and other names in it exist; a broken one stands there only to show its message."""
    monkeypatch.chdir(examples)
    for variable in [variable for variable in os.environ if variable.startswith("CHAOSKIT_")]:
        monkeypatch.delenv(variable)
    for command in [*pasted_commands(name), *mentioned_commands(name)]:
        which, parameters = parsed(command)
        match which:
            case "run":
                configuration = configure(flags_of(parameters), environment={})
                draw(configuration.settings(), configuration.model)
            case "check":
                checkers_of(parse_levels(parameters["consistency"]), parameters["spec"] and spec_from_text(parameters["spec"]))
                assert parameters["format_"] is None or find_format(parameters["format_"])
            case "explain":
                assert entries_of(parameters["name"]), command
            case "list":
                assert parameters["kind"] in (None, *KINDS), command


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("docs/reference/")])
def test_generated_parts_of_the_reference_are_current(name: str, make: ModuleType) -> None:
    """What tables and docstrings say now."""
    assert make.regenerated(text_of(name)) == text_of(name), "run python docs/reference/make.py"


def test_every_generated_part_is_on_a_page(make: ModuleType) -> None:
    """Nothing is made for nobody."""
    pages = "".join(map(text_of, NAMES))
    assert [part for part in make.PARTS if f"<!-- generated: {part} -->" not in pages] == []


@pytest.mark.parametrize(
    "name", [name for name in NAMES if re.search(r"^<!-- (output|source) of: ", text_of(name), re.MULTILINE)]
)
def test_what_is_pasted_is_current(name: str, refresh: ModuleType) -> None:
    """What commands print and example files hold now, and the page's guards hold."""
    assert refresh.refreshed(text_of(name)) == text_of(name), "run python docs/refresh.py"


def test_a_page_that_no_longer_tells_the_truth_is_refused(refresh: ModuleType) -> None:
    """A guard that does not hold names the command and what was expected."""
    page = '<!-- output of: chaoskit list formats (exit 1; says "cobol") -->\n\n```console\n```\n'
    with pytest.raises(refresh.Untrue, match=r"^expected exit code 1 of 'chaoskit list formats' and 'cobol'; it does not"):
        refresh.refreshed(page)


def test_the_search_for_another_seed_ends(refresh: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, with what there is to do; one that holds is named at once."""
    monkeypatch.setattr(refresh, "SECONDS_TRIED", 0.0)
    page = '<!-- output of: chaoskit run abd --seed 7 --ops 5 --nemesis none -q (says "cobol") -->\n\n```console\n```\n'
    with pytest.raises(refresh.Untrue, match=r"which is as far as 0 s went; change the command, or what the page says of it\."):
        refresh.refreshed(page)


def test_a_piece_of_an_example_is_pasted_without_its_indentation(refresh: ModuleType) -> None:
    """A method stands as a function would; what is not there is refused."""
    assert refresh.source("store.py#Store.observe").startswith("def observe(self)")
    with pytest.raises(refresh.Untrue, match=r"^expected Store\.nothing in store\.py but there is none\.$"):
        refresh.source("store.py#Store.nothing")


def test_every_panel_of_the_report_is_explained() -> None:
    """By its title, on the page about reports."""
    page = text_of("docs/how-to/read-a-report.md")
    assert [panel.TITLE for panel in (HEADER, *PANELS) if f"| {panel.TITLE} |" not in page] == []


def test_the_limits_are_those_of_the_program() -> None:
    """Each number stands in the table of limits."""
    page = text_of("docs/explanation/limits.md")
    limits = (
        Budget().configurations,
        settings.OPS_MAX,
        phases.EVENTS_BASE,
        phases.EVENTS_PER_OP,
        phases.EVENTS_PER_SECOND,
        phases.INSTANT_EVENTS_MAX,
        pn_counter.TOTALS_MAX,
        tactics.OCCASIONS_MAX,
        intake.VALUE_DEPTH_MAX,
        view.ANOMALIES_MAX,
    )
    numbers = {number.replace(",", "") for row in re.findall(r"^\|.*\|$", page, re.MULTILINE) for number in NUMBER.findall(row)}
    assert [limit for limit in limits if str(limit) not in numbers] == []
