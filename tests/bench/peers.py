"""Where simulators from PyPI are measured that need a later Python than chaoskit does: an environment of its own.

It has a Python that they run on, these peers, and chaoskit as the tree has it, compiled where that can be. It is kept under
.make.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "packaging"))

import installation
import pythons

PEERS = ("simloop==0.2.2", "simloom==0.5.0")
VERSIONS = ("3.12", "3.13", "3.14")  # the first that is here
Rates = dict[str, dict[str, float]]  # what → (whose → how many a second)


def with_peers() -> Path:
    """The Python of the environment. Raises `UnavailableError` where there can be none."""
    python = pythons.environment(_later_python(), *PEERS)
    sources = next(installation.distributions().glob("*.tar.gz"))
    has = python.parent / "chaoskit-is-from"
    if not has.exists() or has.read_text(encoding="utf-8") != sources.parent.name:
        has.unlink(missing_ok=True)
        pythons.install(python, "--no-deps", "--force-reinstall", str(sources))
        has.write_text(sources.parent.name, encoding="utf-8")
    return python


def rates(program: Path) -> Iterator[tuple[str, Rates]]:
    """Where, and what a program measures there that prints {"python", "compiled", "rates"}.

    First with the text, then compiled, unless that cannot be. Raises `UnavailableError` first of all where there can be no
    environment.
    """
    python = with_peers()
    with tempfile.TemporaryDirectory() as folder:
        for path in (str(pythons.link_sources(Path(folder))), ""):
            variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
            ended = subprocess.run(
                [python, program],
                env={**variables, "PYTHONDONTWRITEBYTECODE": "1", **({"PYTHONPATH": path} if path else {})},
                cwd=folder,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            told = json.loads(ended.stdout)
            if path or told["compiled"]:
                yield f"Python {told['python']}{', compiled' if told['compiled'] else ''}", told["rates"]


def _later_python() -> Path:
    for version in VERSIONS:
        try:
            return pythons.found(version)
        except pythons.UnavailableError:
            continue
    raise pythons.UnavailableError(f"there is no Python {', '.join(VERSIONS)} on this machine, in the path or among pyenv's")
