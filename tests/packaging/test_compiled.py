"""The compiled kernel does what its text does: the same digests, and the same tests hold.

Where it cannot be compiled, or must not, the text is what is installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import installation
import pytest

from chaoskit.session import source_digest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
TYPES = sorted(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "chaoskit").rglob("*.pxd"))
HELD_COMPILED = (
    "tests/unit/draws",
    "tests/unit/sim",
    "tests/unit/hosts/test_host_loop.py",
    "tests/unit/hosts/test_host_crashes.py",
    "tests/unit/hosts/test_host_models.py",
    "tests/unit/check/test_linear_search.py",
    "tests/unit/check/test_linear_tables.py",
    "tests/unit/check/test_linear_texts.py",
    "tests/laws/test_draw_laws.py",
    "tests/laws/test_linear_oracle.py",
    "tests/laws/test_stream_laws.py",
    "tests/laws/test_world_laws.py",
)
AT_LENGTH = ("-mquality", "-ksmall and (search-stack or search-fifo or search-mutex)", "tests/laws/test_linear_truth.py")
LIBRARIES = tuple(EXTENSION_SUFFIXES)


def libraries(names: list[str]) -> list[str]:
    """The compiled modules among these files: their names up to the first dot."""
    return sorted(name.split(".")[0] for name in names if name.endswith(LIBRARIES))


def names_in(wheel: Path) -> list[str]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def built(hook: str, sources: Path, **variables: str) -> Path:
    """What setuptools makes of a copy of the sources, as pip asks it to."""
    code = f"import setuptools.build_meta as setuptools; print(setuptools.{hook}('dist'))"
    printed = installation.run(
        sys.executable, "-c", code, cwd=sources, variables={"PYTHONPATH": str(installation.tools()), **variables}
    )
    return sources / "dist" / printed.splitlines()[-1]


@pytest.fixture
def sources(distributions: Path, tmp_path: Path) -> Path:
    """The source distribution, unpacked, to be built from."""
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    return next(tmp_path.glob("chaoskit-*"))


def test_wheel_has_a_library_for_every_module_with_types(compiled: Path, wheel: Path) -> None:
    """All or none: they know each other's types. Their text and types are there as well, and no C."""
    names = names_in(wheel)
    assert libraries(names) == [types.removesuffix(".pxd") for types in TYPES]
    assert set(TYPES) <= set(names)
    assert not [name for name in names if name.endswith(".c")]


def test_doctor_says_that_the_installed_kernel_is_compiled(compiled: Path, tmp_path: Path) -> None:
    """And all else is well, its two runs with one digest among it."""
    told = json.loads(installation.run(compiled / "chaoskit", "doctor", "--json", cwd=tmp_path))
    values = {finding["name"]: finding["value"] for finding in told["findings"]}
    assert values["kernel"] == f"compiled ({len(TYPES)} modules)"
    assert told["well"]


def test_doctor_names_a_library_that_is_missing(compiled: Path, wheel: Path, tmp_path: Path) -> None:
    """Nothing of the simulator can be imported then, so that is all that doctor says, with what to do."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    for library in tmp_path.glob("chaoskit/sim/tasks.*.so"):
        library.unlink()
    command = [compiled / "python", "-m", "chaoskit.cli", "doctor"]  # in a folder from which it is imported
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    count = f"{len(TYPES) - 1} of {len(TYPES)} modules are compiled, but not chaoskit.sim.tasks"
    assert (done.returncode, done.stdout) == (4, f"BAD  kernel       {count}; install chaoskit again\n"), done.stderr


def test_source_digest_is_that_of_the_tree(installed: Path) -> None:
    """It is made of the text: a run's record names the same source, compiled or not."""
    code = "from chaoskit.session import source_digest; print(source_digest())"
    assert installation.run(installed / "python", "-I", "-c", code).strip() == source_digest()


def test_compiled_runs_have_the_digests_of_plain_ones(compiled: Path, wheel: Path, tmp_path: Path) -> None:
    """Several seeds of every model, on the same Python: once with the wheel's libraries and once with its text alone."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if not name.endswith(LIBRARIES)])
    program = HERE / "digests_of_seeds.py"
    there = json.loads(installation.run(compiled / "python", program))
    here = json.loads(installation.run(compiled / "python", program, variables={"PYTHONPATH": str(tmp_path)}))
    assert (there.pop("compiled"), here.pop("compiled")) == (len(TYPES), 0)
    assert len({json.dumps(digests) for digests in here["digests"].values()}) == len(here["digests"])
    assert there == here


@pytest.mark.parametrize(
    "which", [("-mnot quality", *HELD_COMPILED), pytest.param(AT_LENGTH, marks=pytest.mark.quality)], ids=["quick", "at-length"]
)
def test_the_tests_of_draws_world_hosts_and_search_hold_compiled(
    which: tuple[str, ...], compiled: Path, tmp_path: Path
) -> None:
    """The same files as for the text, in a process that imports what is installed: what is quick, and what takes minutes.

    What selects no test fails: pytest's exit code says so.
    """
    installation.run(
        compiled / "python",
        HERE / "tests_of_the_installed.py",
        "--quiet",
        f"--config-file={REPOSITORY / 'pyproject.toml'}",
        f"--rootdir={REPOSITORY}",
        "-pno:cacheprovider",
        *(argument if argument.startswith("-") else REPOSITORY / argument for argument in which),
        cwd=tmp_path,
        variables={"PYTHONPATH": str(installation.tools()), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_without_a_compiler_the_wheel_is_plain(sources: Path) -> None:
    """An installation on a machine without one is whole, and slower."""
    names = names_in(built("build_wheel", sources, CC=shutil.which("false") or "/nowhere"))
    assert libraries(names) == []
    assert {types.replace(".pxd", ".py") for types in TYPES} <= set(names)


def test_when_one_module_cannot_be_translated_the_wheel_is_plain(sources: Path) -> None:
    """Whatever a later Cython makes of the types, chaoskit can be installed."""
    with (sources / TYPES[-1]).open("a", encoding="utf-8") as types:
        types.write("\ncdef nonsense(:\n")
    assert libraries(names_in(built("build_wheel", sources))) == []


def test_an_editable_installation_is_not_compiled(sources: Path) -> None:
    """A library beside the text would run instead of what is edited; not even one that somebody asks for in place."""
    assert libraries(names_in(built("build_editable", sources))) == []
    installation.run(
        sys.executable, "setup.py", "build_ext", "--inplace", cwd=sources, variables={"PYTHONPATH": str(installation.tools())}
    )
    assert not [path for path in (sources / "chaoskit").rglob("*") if path.suffix in (".so", ".pyd", ".c")]
