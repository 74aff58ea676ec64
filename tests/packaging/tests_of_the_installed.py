"""Runs pytest on the installed chaoskit, and looks whether it was the compiled one that the tests got to see.

python tests_of_the_installed.py PYTEST-ARGUMENT...
"""

from __future__ import annotations

import sys

import pytest


def main(arguments: list[str]) -> int:
    code = pytest.main(arguments)
    assert "chaoskit.sim.world" in sys.modules, "the tests imported no chaoskit."
    from chaoskit.cli.doctor import typed_modules  # not before: pytest wants to be the first to import a plugin's package

    plain = [name for name, compiled in typed_modules().items() if not compiled]
    assert not plain, f"expected compiled modules but {', '.join(plain)} are plain Python; see the tests' conftest."
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
