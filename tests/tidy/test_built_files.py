"""Nothing that was built lies among the sources: Python would run the library, whatever the text beside it says by now."""

from __future__ import annotations

from source_tree import PACKAGES, ROOT, told

BUILT = {".so", ".pyd", ".dylib", ".o", ".c", ".cpp"}


def test_no_library_lies_beside_the_text() -> None:
    """Neither it nor the C that it came from; git ignores the former, so nobody sees it."""
    found = [
        f"{path.relative_to(ROOT)}: remove what was built here; `pip install .` compiles elsewhere, and `-e` never."
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.suffix in BUILT
    ]
    assert not found, told(found)


def test_types_stand_beside_a_text() -> None:
    """A `.pxd` has its module compiled: without one it says nothing."""
    found = [
        f"{types.relative_to(ROOT)}: there is no {types.stem}.py beside it; move the types to the module that they are for."
        for package in PACKAGES
        for types in sorted((ROOT / package).rglob("*.pxd"))
        if not types.with_suffix(".py").exists()
    ]
    assert not found, told(found)
