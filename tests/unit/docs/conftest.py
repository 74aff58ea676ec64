"""The scripts of the documentation, which stand outside every package, and its pages."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


def loaded(path: Path) -> ModuleType:
    """A Python file, imported under a name of its own."""
    name = f"docs_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a .py file always has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def refresh() -> ModuleType:
    """docs/refresh.py."""
    return loaded(ROOT / "docs" / "refresh.py")


@pytest.fixture(scope="session")
def make() -> ModuleType:
    """docs/reference/make.py."""
    return loaded(ROOT / "docs" / "reference" / "make.py")


@pytest.fixture(scope="session")
def rows() -> ModuleType:
    """docs/reference/rows.py."""
    return loaded(ROOT / "docs" / "reference" / "rows.py")


@pytest.fixture(scope="session")
def examples() -> Path:
    """The example files."""
    return ROOT / "docs" / "how-to" / "examples"


@pytest.fixture(scope="session")
def libraries() -> ModuleType:
    """docs/reference/libraries.py."""
    return loaded(ROOT / "docs" / "reference" / "libraries.py")
