"""Builds the distributions once, from a copy of the sources, and installs the wheel into an environment of its own.

Both are kept under .make/ for as long as what they are made of stays the same; a lock keeps parallel test processes from
building twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".make" / "packaging"
SOURCES = ("chaoskit", "models", "nemeses", "reports", "pyproject.toml", "README.md", "LICENSE")
NO_SOURCES = shutil.ignore_patterns("__pycache__", "*.so", "kernel.c")


@pytest.fixture(scope="session")
def distributions() -> Path:
    """A folder with the source distribution and the wheel that was built from it."""
    with _locked():
        folder = CACHE / f"dist-{_digest()}"
        if not folder.exists():
            _forget("dist-*")
            _build(folder)
        return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """The wheel."""
    return next(distributions.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Path:
    """The `bin` folder of an environment that has the wheel, its dependencies and nothing else: not even pip.

    The dependencies are kept as long as they are the same, for they take longest.
    """
    with _locked():
        environment = CACHE / f"venv-{_requirements_digest()}"
        pip = [sys.executable, "-m", "pip", "--python", str(environment), "install", "--quiet", "--no-compile"]
        if not (environment / "complete").exists():
            _forget("venv-*")
            _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
            _run(*pip, str(wheel))
            (environment / "complete").touch()
        _run(*pip, "--no-deps", "--force-reinstall", str(wheel))
        return environment / "bin"


def _build(folder: Path) -> None:
    """A build in the tree would take up what earlier builds left there."""
    copy = CACHE / "sources"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in SOURCES:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=NO_SOURCES)
        else:
            shutil.copy(source, copy)
    _run(sys.executable, "-m", "build", "--outdir", str(CACHE / "fresh"), str(copy))
    (CACHE / "fresh").rename(folder)
    shutil.rmtree(copy)


def _requirements_digest() -> str:
    """Stands for what the wheel depends on and the Python that it is tried on."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return hashlib.blake2b(f"{sys.version} {project['dependencies']}".encode(), digest_size=8).hexdigest()


def _digest() -> str:
    """Stands for the sources and the Python that they are built with."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=8)
    for name in SOURCES:
        source = REPOSITORY / name
        for path in sorted(path for path in [source, *source.rglob("*")] if path.is_file() and "__pycache__" not in path.parts):
            digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _forget(pattern: str) -> None:
    """Removes what was made from other sources, and what was left half-made."""
    for stale in [*CACHE.glob(pattern), CACHE / "fresh"]:
        shutil.rmtree(stale, ignore_errors=True)


@contextmanager
def _locked() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
