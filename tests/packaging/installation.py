"""Builds the distributions once, from a copy of the sources, and installs the wheel into an environment of its own.

All is kept under .make/packaging for as long as what it is made of stays the same; a lock keeps parallel processes from building
twice. The packaging tests and `make bench` use it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".make" / "packaging"
SOURCES = ("chaoskit", "models", "nemeses", "reports", "setup.py", "pyproject.toml", "README.md", "LICENSE")
NO_SOURCES = shutil.ignore_patterns("__pycache__", "*.so")
IS_COMPILED = "from chaoskit.cli.doctor import typed_modules; print(all(typed_modules().values()))"
TOOLS = ("pytest", "simpy")  # what tests and measures need beside chaoskit


def missing_for_compiling() -> str:
    """What keeps this machine from compiling for this Python, or nothing."""
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if shutil.which(command) is None:
        return f"there is no C compiler {command!r}"
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return "" if header.exists() else f"there is no {header}"


def why_plain() -> str:
    """Why the wheel of this tree is plain Python, or nothing where it is compiled: a build that fails says nothing of it."""
    missing = missing_for_compiling()
    if missing:
        return missing
    is_compiled = run(environment() / "python", "-I", "-c", IS_COMPILED).strip() == "True"
    return "" if is_compiled else "compiling failed; see `pip install -vv .`"


def distributions() -> Path:
    """A folder with the source distribution and the wheel that was built from it."""
    with _locked():
        folder = CACHE / f"dist-{_sources_digest()}"
        if not folder.exists():
            _forget("dist-*")
            _build(folder)
        return folder


def environment() -> Path:
    """The `bin` folder of an environment that has the wheel, its dependencies and nothing else: not even pip.

    The dependencies are kept as long as they are the same, for they take longest.
    """
    wheel = next(distributions().glob("*.whl"))
    with _locked():
        folder = CACHE / f"venv-{_digest(_project()['dependencies'])}"
        has = folder / "installed-wheel"
        pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--no-compile"]
        if not has.exists():
            _forget("venv-*")
            run(sys.executable, "-m", "venv", "--without-pip", str(folder))
            run(*pip, str(wheel))
        elif has.read_text(encoding="utf-8") != wheel.parent.name:
            has.unlink()
            run(*pip, "--no-deps", "--force-reinstall", str(wheel))
        has.write_text(wheel.parent.name, encoding="utf-8")
        return folder / "bin"


def tools() -> Path:
    """A folder to put into a Python's path, for work that the environment alone has not the packages for.

    It holds what builds a wheel as well, so that a build need not fetch it.
    """
    project = _project()
    optional = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    named = [text for text in optional if re.split(r"\W", text)[0] in TOOLS]
    wanted = [*named, *_toml()["build-system"]["requires"]]
    with _locked():
        folder = CACHE / f"tools-{_digest(wanted)}"
        if not folder.exists():
            _forget("tools-*")
            run(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(CACHE / "fresh"), *wanted)
            (CACHE / "fresh").rename(folder)
        return folder


def run(*command: str | Path, cwd: Path | None = None, variables: Mapping[str, str] | None = None) -> str:
    """What a program printed that must not fail, with nothing of ours in its Python's path unless `variables` put it there."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, cwd=cwd, env={**kept, **(variables or {})}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


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
    run(sys.executable, "-m", "build", "--outdir", CACHE / "fresh", copy)
    (CACHE / "fresh").rename(folder)
    shutil.rmtree(copy)


def _sources_digest() -> str:
    """Stands for the sources, and for what they are built with."""
    digest = hashlib.blake2b(f"{sys.version} {os.environ.get('CC')} {missing_for_compiling()}".encode(), digest_size=8)
    for name in SOURCES:
        source = REPOSITORY / name
        for path in sorted(path for path in [source, *source.rglob("*")] if path.is_file() and "__pycache__" not in path.parts):
            digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _digest(requirements: list[str]) -> str:
    """Stands for these packages and the Python that they are installed for."""
    return hashlib.blake2b(f"{sys.version} {requirements}".encode(), digest_size=8).hexdigest()


def _toml() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def _project() -> dict[str, Any]:
    project: dict[str, Any] = _toml()["project"]
    return project


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
