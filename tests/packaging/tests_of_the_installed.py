"""Runs pytest on the installed chaoskit, after a look whether it is the compiled one that the tests get to see.

python tests_of_the_installed.py PYTEST-ARGUMENT...
"""

from __future__ import annotations

import sys

import pytest

from chaoskit.cli.doctor import typed_modules
from chaoskit.sim import world


def main(arguments: list[str]) -> int:
    plain = [name for name, compiled in typed_modules().items() if not compiled]
    assert not plain, f"expected compiled modules but {', '.join(plain)} are plain Python."
    code = pytest.main(arguments)
    assert sys.modules["chaoskit.sim.world"] is world, "the tests imported another chaoskit; see their conftest."
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
