"""The rooms import as the design says: a protocol knows no nemesis, a checker no simulator, a report neither.

A new room gets a line here, and a line in docs/explanation/rooms.md.
"""

from __future__ import annotations

import re
from pathlib import Path

from source_tree import Source, sources, told

ROOMS_PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "rooms.md"
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "draws": {"core"},
    "generate": {"core", "draws"},  # a mixed or staggered generator draws
    "formats": {"core"},
    "store": {"core", "formats"},  # a run's history is kept as jsonl
    "spec": {"core"},
    "sim": {"core", "draws", "wire.codec"},
    "model": {"core", "sim"},
    "workers": {"core"},
    "check": {"core", "draws", "spec", "workers"},  # the power of a verdict is measured on a drawn sample
    "workloads": {"core", "draws", "generate", "spec", "check"},
    "hosts": {"core", "sim", "model"},  # asyncio programs as hosts
    # a server of connections reads frames, and records the conversations that tests and sweeps have with it
    "models": {"model", "hosts", "workloads", "spec", "core", "wire.codec", "wire.steps", "wire.scripted", "wire.sweep"},
    "nemeses": {"core", "draws", "sim.control", "sim.claim", "sim.toxics"},  # what may be done, what is claimed, toxics as data
    "wire": {"core", "draws", "sim"},
    "wire.codec": set(),  # a room inside a room: free of the world, so that the simulator may import it
    "shrink": {"core", "draws"},
    "reports": {"core"},
}
# These stand above all rooms: they bring them together.
ABOVE = {"run", "settings", "session", "replay", "versions", "catalogue", "story", "soak", "testing", "cli"}


def room_of(source: Source) -> str:
    """The innermost room that has a line in the table."""
    inner = ".".join(source.name.split("/")[1:3])
    return inner if inner in MAY_IMPORT else source.room


def allowed(room: str, module: str) -> bool:
    """Whether a room may import a module of ours."""
    inside = module.removeprefix("chaoskit").lstrip(".")
    return any(inside == permitted or inside.startswith(f"{permitted}.") for permitted in {room, *MAY_IMPORT[room]})


def test_rooms_import_only_what_the_design_lets_them() -> None:
    """Every import statement, also those inside functions and those for types only."""
    found = []
    for source in sources():
        if source.room in ABOVE or source.name == "chaoskit/__init__.py":
            continue
        room = room_of(source)
        if room not in MAY_IMPORT:
            found.append(f"{source.name}: the room {room!r} has no line in MAY_IMPORT; say what it may import.")
            continue
        for line, module in source.imports():
            if module.split(".")[0] == "chaoskit" and not allowed(room, module):
                permitted = ", ".join(sorted(MAY_IMPORT[room])) or "nothing of ours"
                found.append(f"{source.name}:{line}: {room} may import {permitted}, but it imports {module}.")
    assert not found, told(found)


def test_nobody_below_imports_what_stands_above() -> None:
    """The rooms know nothing of how they are put together."""
    found = [
        f"{source.name}:{line}: {module} stands above the rooms; take what it gives as a value."
        for source in sources()
        if source.room not in ABOVE
        for line, module in source.imports()
        if module.startswith("chaoskit.") and module.split(".")[1] in ABOVE
    ]
    assert not found, told(found)


def test_models_nemeses_and_reports_are_imported_by_their_installed_names() -> None:
    """They are `chaoskit.models`, never a top-level `models` that another project may have as well."""
    found = [
        f"{source.name}:{line}: import chaoskit.{module}, as it is installed."
        for source in sources()
        for line, module in source.imports()
        if module.split(".")[0] in ("models", "nemeses", "reports")
    ]
    assert not found, told(found)


def test_the_table_names_rooms_that_are_there() -> None:
    """A renamed room must not leave its old permission behind."""
    rooms = {source.room for source in sources()} | {room_of(source) for source in sources()}
    assert set(MAY_IMPORT) | ABOVE <= rooms


def test_the_page_of_the_rooms_says_the_same() -> None:
    """Every room with what it may import, and what stands above them."""
    below, above = ROOMS_PAGE.read_text("utf-8").split("## What brings them together")
    rooms = [re.findall(r"`([\w.]+)`", line) for line in below.splitlines() if line.startswith("| `")]
    assert {room: set(may_import) for room, *may_import in rooms} == MAY_IMPORT
    assert set(re.findall(r"^\| `(\w+)`", above, re.MULTILINE)) == ABOVE
