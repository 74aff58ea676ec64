"""Runs pytest on the installed chaoskit, and looks whether it was the compiled one that the tests got to see.

python tests_of_the_installed.py PYTEST-ARGUMENT...
"""

from __future__ import annotations

import sys

import pytest


def main(arguments: list[str]) -> int:
    code = pytest.main(arguments)
    imported = set(sys.modules)
    from chaoskit.cli.doctor import typed_modules  # not before: pytest wants to be the first to import a plugin's package

    typed = typed_modules()
    assert not imported.isdisjoint(typed), "the tests imported no module of chaoskit's that can be compiled."
    plain = [name for name, compiled in typed.items() if not compiled]
    assert not plain, f"expected compiled modules but {', '.join(plain)} are plain Python; see the tests' conftest."
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
