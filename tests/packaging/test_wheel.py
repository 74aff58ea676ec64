"""What people install: a wheel with every package and its data, in which the main job runs."""

from __future__ import annotations

import json
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ROOMS = {"chaoskit": "chaoskit", "models": "chaoskit.models", "nemeses": "chaoskit.nemeses", "reports": "chaoskit.reports"}
DATA = ("templates", "assets")  # of the reports


def packages_in_tree() -> dict[str, Path]:
    """Every package of the source tree: its installed name and its folder."""
    found = {}
    for folder, name in ROOMS.items():
        for marker in sorted((REPOSITORY / folder).rglob("__init__.py")):
            package = marker.parent
            found[".".join([name, *package.relative_to(REPOSITORY / folder).parts])] = package
    return found


def test_package_list_names_every_package_folder() -> None:
    """A folder that pyproject.toml forgets is missing from the wheel, and only from there."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(project["tool"]["setuptools"]["packages"]) == sorted(packages_in_tree())


def test_every_folder_with_python_files_is_a_package() -> None:
    """A folder without `__init__.py` would be left out without a word."""
    packages = set(packages_in_tree().values())
    strays = {path.parent for folder in ROOMS for path in (REPOSITORY / folder).rglob("*.py")} - packages
    assert not strays


def test_wheel_holds_every_module_and_all_data(wheel: Path) -> None:
    """Modules, the reports' templates and assets, the typing marker: each file of the tree is in the wheel."""
    expected = {"chaoskit/py.typed"}
    for name, folder in packages_in_tree().items():
        expected |= {f"{name.replace('.', '/')}/{path.name}" for path in folder.glob("*.py")}
    for name in DATA:
        expected |= {f"chaoskit/reports/{name}/{path.name}" for path in (REPOSITORY / "reports" / name).iterdir()}
    with zipfile.ZipFile(wheel) as archive:
        assert expected - set(archive.namelist()) == set()


def test_wheel_has_no_package_beside_chaoskit(wheel: Path) -> None:
    """`models`, `nemeses` and `reports` stand at the top of the repository, and never of anybody's site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"chaoskit"}


def test_source_distribution_holds_what_the_wheel_is_built_from(distributions: Path) -> None:
    """It has the sources, their data and the licence; the wheel of these tests was built from it."""
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    data = {path.relative_to(REPOSITORY).as_posix() for name in DATA for path in (REPOSITORY / "reports" / name).iterdir()}
    own = {"setup.py", "pyproject.toml", "LICENSE", "chaoskit/sim/world.pxd", "models/raft/node.py", "nemeses/kill.py"}
    assert own | data <= names


def test_installed_wheel_runs_the_main_job(installed: Path, tmp_path: Path) -> None:
    """In an environment that has the wheel and its dependencies alone, far from the sources, Raft survives seed 7."""
    command = [str(installed / "chaoskit"), "run", "--seed", "7", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "valid"
    assert list(tmp_path.glob(".chaoskit/runs/*/report.html"))


def test_installed_wheel_imports_nothing_from_the_sources(installed: Path, tmp_path: Path) -> None:
    """What ran was the wheel."""
    code = "import chaoskit.run, chaoskit.models, chaoskit.reports; print(chaoskit.run.__file__, *chaoskit.models.__path__)"
    done = subprocess.run([installed / "python", "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(Path(path).is_relative_to(installed.parent) for path in done.stdout.split())
