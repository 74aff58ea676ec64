"""Other Pythons to run chaoskit on: found on this machine, with its dependencies, in environments that are kept between runs.

An environment holds what pyproject.toml asks for and not chaoskit itself, which is read from the tree: it stays good until the
dependencies change. A Python that is not there is a skip with its reason, and a failure under CHAOSKIT_FORBID_SKIPS=1.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".make" / "venvs"
TOP_LEVEL_ROOMS = ("models", "nemeses", "reports")

Runner = Callable[..., str]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `chaoskit` is importable as it is installed: its rooms, and those that stand at the top of the tree."""
    folder = tmp_path_factory.mktemp("sources")
    package = folder / "chaoskit"
    package.mkdir()
    for path in [*(ROOT / "chaoskit").iterdir(), *(ROOT / room for room in TOP_LEVEL_ROOMS)]:
        if path.name != "__pycache__":
            (package / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="session")
def run_python(sources: Path) -> Runner:
    """Runs a program on a Python, with chaoskit in its path, and gives what it printed."""

    def run(python: str | Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
        ended = subprocess.run(
            [python, *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    return run


@pytest.fixture(scope="session")
def python_of() -> Callable[[str], Path]:
    """The Python of a version (`3.12`), with chaoskit's dependencies."""

    def find(version: str) -> Path:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            return Path(sys.executable)
        base = _interpreter(version)
        if base is None:
            _missing(f"there is no python{version} on this machine")
        return _environment(version, base)

    return find


def _interpreter(version: str) -> Path | None:
    """A Python of this version: in the path, else among pyenv's."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*sorted(versions.glob(f"{version}.*/bin/python")), Path(shutil.which(f"python{version}") or "/nowhere")]
    for path in reversed(candidates):
        if path.exists() and _says(path, "import sys; print('%d.%d' % sys.version_info[:2])") == version:
            return path
    return None


def _says(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def _environment(version: str, base: Path) -> Path:
    """A kept environment with today's dependencies, made by whichever test process comes first."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    name = f"{version}-{hashlib.sha256(repr((str(base), dependencies)).encode()).hexdigest()[:12]}"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    folder, complete = ENVIRONMENTS / name, ENVIRONMENTS / name / "complete"
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([base, "-m", "venv", folder], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *dependencies]
            ended = subprocess.run(install, capture_output=True, text=True, check=False)
            if ended.returncode:
                _missing(f"pip could not install chaoskit's dependencies on python{version}: {ended.stderr[-500:]}")
            complete.touch()
    return folder / "bin" / "python"


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CHAOSKIT_FORBID_SKIPS") == "1":
        pytest.fail(f"CHAOSKIT_FORBID_SKIPS=1, but {reason}")
    pytest.skip(reason)
