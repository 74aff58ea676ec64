"""Which versions a run was made with: the libraries that a model imports, and what they require."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaoskit.catalogue import model_named
from chaoskit.core.record import Manifest
from chaoskit.versions import PACKAGES, Moved, moved_versions, package_versions, versions_of

MODEL = """
from chaoskit.hosts import AsyncioClient, asyncio_node
from chaoskit.model import Model
from {beside} import serve

class Client(AsyncioClient):
    async def ask(self, op):
        import wirelib.client  # only here
        return op.ok(None)

store = Model(name="store", node=asyncio_node(serve), clients={{"register": Client}})
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three installed packages: one requires another, and an extra that nobody asked for."""
    for name, version, requires in (
        ("Wire_Lib", "1.2", ["under-lib>=2", "Wire-Extra; extra == 'fast'", "nowhere-to-be-found"]),
        ("under-lib", "2.5", []),
        ("Wire-Extra", "9.9", []),
    ):
        top = name.replace("_", "").replace("-", "").lower()
        package, about = tmp_path / "packages" / top, tmp_path / "packages" / f"{name.replace('-', '_')}-{version}.dist-info"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        about.mkdir()
        required = "".join(f"Requires-Dist: {text}\n" for text in requires)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}")
        (about / "top_level.txt").write_text(f"{top}\n")
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    return tmp_path


def reference(folder: Path, beside: str, source: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model in a file, and a file beside it that it imports."""
    monkeypatch.syspath_prepend(str(folder))
    (folder / f"{beside}.py").write_text(source)
    model = folder / f"model_{beside}.py"
    model.write_text(MODEL.format(beside=beside))
    return f"{model}:store"


def test_an_import_in_a_function_counts_and_so_does_what_the_library_requires(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first run already; an extra, and what is not installed, do not count."""
    at = reference(packages, "beside_one", "async def serve(host): ...\n", monkeypatch)
    assert versions_of(model_named(at), at) == {**package_versions(), "under-lib": "2.5", "wire-lib": "1.2"}


def test_a_file_beside_the_models_is_read_as_well(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it imports takes part."""
    at = reference(packages, "beside_two", "import wireextra\nasync def serve(host): ...\n", monkeypatch)
    assert versions_of(model_named(at), at)["wire-extra"] == "9.9"


def test_a_model_without_libraries_has_the_engines_packages_alone() -> None:
    """msgspec is one of them, and is named once."""
    assert list(versions_of(model_named("kv_http"), "kv_http")) == list(PACKAGES)


def test_what_moved_is_told_with_both_versions(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, another Python, and a library that is not there any more; an older recording names fewer packages."""
    at = reference(packages, "beside_three", "async def serve(host): ...\n", monkeypatch)
    model = model_named(at)
    now = versions_of(model, at)
    assert moved_versions(Manifest(packages=now), model, at) == []
    assert moved_versions(Manifest(packages=package_versions()), model, at) == []
    kept = Manifest(python="2.7.18", packages={**now, "wire-lib": "1.1", "gone": "3.0"})
    python, wire, gone = moved_versions(kept, model, at)
    assert (python.name, python.recorded) == ("python", "2.7.18")
    assert wire == Moved(name="wire-lib", recorded="1.1", now="1.2")
    assert gone == Moved(name="gone", recorded="3.0", now="")
