"""Runs a program with this tree as `pip install` gives it: compiled where there is a compiler, and else as text, which is slower.

    python tests/packaging/as_installed.py -m pytest -m quality tests/laws
"""

from __future__ import annotations

import os
import sys

import installation


def main(arguments: list[str]) -> None:
    """Becomes that Python. Its path has nothing of the tree, which would come before what is installed."""
    reason = installation.why_plain()
    if reason:
        print(f"nothing is compiled, and all takes several times as long: {reason}.", file=sys.stderr, flush=True)
    python = str(installation.environment() / "python")
    variables = {"PYTHONPATH": str(installation.tools()), "PYTHONSAFEPATH": "1"}
    os.execve(python, [python, *arguments], {**os.environ, **variables})


if __name__ == "__main__":
    main(sys.argv[1:])
