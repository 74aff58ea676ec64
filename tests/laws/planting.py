"""Plants a mistake in a module: a copy of it with one piece of its text changed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest


def planted(monkeypatch: pytest.MonkeyPatch, module: ModuleType, old: str, new: str) -> ModuleType:
    """A module like this one but for a piece of its text, which must be there once."""
    source = Path(str(module.__file__)).read_text()
    assert source.count(old) == 1, f"expected {old!r} once in {module.__name__}"
    mutant = ModuleType(f"{module.__name__}_mutant")
    monkeypatch.setitem(sys.modules, mutant.__name__, mutant)  # dataclasses look their module up
    exec(compile(source.replace(old, new), mutant.__name__, "exec"), mutant.__dict__)
    return mutant
