"""Other Pythons than the one that runs: found on this machine, and environments for them that are kept between runs.

An environment holds what it was asked for and not chaoskit itself, and stays good until that changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".make" / "venvs"
TOP_LEVEL_ROOMS = ("models", "nemeses", "reports")


class UnavailableError(Exception):
    """What there is not on this machine."""


def found(version: str) -> Path:
    """A Python of this version (`3.12`): this one, else one in the path, else among pyenv's. Raises `UnavailableError`."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*sorted(versions.glob(f"{version}.*/bin/python")), Path(shutil.which(f"python{version}") or "/nowhere")]
    for path in reversed(candidates):
        if path.exists() and _says(path, "import sys; print('%d.%d' % sys.version_info[:2])") == version:
            return path
    raise UnavailableError(f"there is no python{version} on this machine")


def environment(base: Path, *more: str) -> Path:
    """The Python of a kept environment with chaoskit's dependencies of today, and `more` packages.

    It is made by whichever process comes first. Raises `UnavailableError` when pip cannot install them.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *more]
    name = f"{base.name}-{hashlib.sha256(repr((str(base), wanted)).encode()).hexdigest()[:12]}"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    folder, complete = ENVIRONMENTS / name, ENVIRONMENTS / name / "complete"
    python = folder / "bin" / "python"
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([base, "-m", "venv", folder], check=True)
            install(python, *wanted)
            complete.touch()
    return python


def install(python: Path, *arguments: str) -> None:
    """What `pip install` of an environment does. Raises `UnavailableError`."""
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise UnavailableError(f"pip could not install {', '.join(arguments)} for {python}: {ended.stderr[-500:]}")


def link_sources(folder: Path) -> Path:
    """Makes `chaoskit` importable from a folder as it is installed: its rooms, and those that stand at the top of the tree."""
    package = folder / "chaoskit"
    package.mkdir()
    for path in [*(ROOT / "chaoskit").iterdir(), *(ROOT / room for room in TOP_LEVEL_ROOMS)]:
        if path.name != "__pycache__":
            (package / path.name).symlink_to(path)
    return folder


def _says(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
