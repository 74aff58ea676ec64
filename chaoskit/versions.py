"""Which versions a run was made with: Python's, the engine's packages, and those of the libraries that its model imports.

A library counts when the model's files import it, anywhere in them, or other files do that lie with them and are imported; and so
does what the library says that it requires. Nothing is run to find out: an import in a function counts before its first call.
"""

from __future__ import annotations

import ast
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

from chaoskit.catalogue import model_files
from chaoskit.core.record import Manifest
from chaoskit.model import Model

PACKAGES = ("msgspec", "networkx", "numpy")
PYTHON = "python"
OURS = "chaoskit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Something whose version is not what it was; empty where it is not there."""

    name: str
    recorded: str
    now: str


def package_versions() -> dict[str, str]:
    """The versions of the packages that every run goes through."""
    return {name: version(name) for name in PACKAGES}


def versions_of(model: Model, reference: str) -> dict[str, str]:
    """The versions of all packages that take part in a model's runs."""
    return {**package_versions(), **_libraries(model_files(model, reference))}


def moved_versions(manifest: Manifest, model: Model, reference: str) -> list[Moved]:
    """What a kept run had in another version. Older recordings know of fewer packages: what one does not name is not compared."""
    now = {PYTHON: platform.python_version(), **versions_of(model, reference)}
    before = {PYTHON: manifest.python or now[PYTHON], **manifest.packages}
    return [Moved(name=name, recorded=then, now=now.get(name, "")) for name, then in before.items() if now.get(name, "") != then]


def _libraries(files: Iterable[Path]) -> dict[str, str]:
    imported = _imported(files)
    if not imported:
        return {}
    homes = packages_distributions()  # it reads what every installed package says of itself
    found: dict[str, str] = {}
    left = sorted({home for name in imported for home in homes.get(name, ())})
    while left:
        name = _normal(left.pop())
        if name in found or name == OURS:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # what is required on other systems only
        left += _required(name)
    return dict(sorted(found.items()))


def _imported(files: Iterable[Path]) -> set[str]:
    """The top names of what is neither Python's, ours nor a file of one's own, over all files that can be reached."""
    left, seen = list(files), set(files)
    found: set[str] = set()
    while left:
        for folder, name in _imports(left.pop()):
            own = [path for path in _sources(folder, name) if path not in seen]
            seen.update(own)
            left += own
            found.add(name.partition(".")[0])
    return found - sys.stdlib_module_names - {OURS, *PACKAGES}


def _imports(file: Path) -> Iterator[tuple[Path, str]]:
    """The names of the modules that a file imports, each with the folder in which it may lie."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return  # a file that only looks as if it were meant
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((file.parent, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = file.parents[max(0, node.level - 1)]
            before = f"{node.module}." if node.module else ""
            if node.module:
                yield folder, node.module
            yield from ((folder, f"{before}{each.name}") for each in node.names)


def _sources(folder: Path, module: str) -> list[Path]:
    """The files of a module that is in this folder, or was imported from elsewhere and is nobody's library."""
    path = folder.joinpath(*module.split("."))
    places = [path.with_suffix(".py"), path / "__init__.py"]
    imported = getattr(sys.modules.get(module), "__file__", None)
    if imported is not None and module.partition(".")[0] not in {*sys.stdlib_module_names, OURS}:
        places.append(Path(imported))
    return [place for place in places if place.suffix == ".py" and "site-packages" not in place.parts and place.is_file()]


def _required(name: str) -> list[str]:
    """What a package requires, but for its extras."""
    wanted = [text for text in requires(name) or () if "extra ==" not in text]
    return [match.group() for text in wanted if (match := re.match(r"[A-Za-z0-9._-]+", text)) is not None]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
