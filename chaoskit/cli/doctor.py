"""`chaoskit doctor`: is this installation whole, and does it do on this machine what it promises: the same seed, the same bytes?

The self-check makes one small run in two processes of their own, with different hash seeds, and compares the digests.
"""

from __future__ import annotations

import json as json_module
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode

SEED = 7
ARGUMENTS = ("run", "raft", "--seed", str(SEED), "--ops", "60", "--nodes", "3", "--report", "none", "--json")
HASH_SEEDS = ("1", "2")
SECONDS_MAX = 120  # for one run of the self-check


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, whether that is well, and what to do when it is not."""

    name: str
    value: str
    well: bool = True
    advice: str = ""
    code: ExitCode = ExitCode.BROKEN  # what it means for the exit code when it is not well


def doctor(*, json: options.Json = False, color: options.Color = "auto") -> ExitCode:
    """Check versions, the determinism of this machine, and that everything chaoskit needs is there."""
    console = Console(color=color, json=json)
    findings: list[Finding] = []
    for finding in examine():
        findings.append(finding)
        mark = console.paint("ok ", "good") if finding.well else console.paint("BAD", "bad")
        console.say(f"{mark}  {finding.name:<12} {finding.value}{f'; {finding.advice}' if not finding.well else ''}")
    if json:
        console.emit(
            {
                "well": all(finding.well for finding in findings),
                "findings": [{**asdict(finding), "code": int(finding.code) if not finding.well else 0} for finding in findings],
            }
        )
    return next((finding.code for finding in findings if not finding.well), ExitCode.VALID)


def examine() -> Iterator[Finding]:
    """Everything that is looked at, in order; the self-check last. With a kernel that is bad nothing else can be looked at."""
    modules = kernel(typed_modules())
    if not modules.well:
        yield modules
        return
    from chaoskit.session import chaoskit_version, source_digest
    from chaoskit.versions import package_versions

    yield Finding(name="chaoskit", value=f"{chaoskit_version()}, source {source_digest()}")
    yield Finding(
        name="python", value=f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    )
    yield Finding(name="packages", value=", ".join(f"{name} {version}" for name, version in package_versions().items()))
    yield modules
    yield _assets()
    yield _writable(Path.cwd())
    yield _deterministic()


def typed_modules() -> dict[str, bool]:
    """Every module that has C types beside it, and whether a library is there, which Python takes rather than the text.

    Nothing is imported: among libraries and texts that do not go together that would fail.
    """
    import chaoskit

    package = Path(chaoskit.__path__[0])
    return {
        ".".join(types.relative_to(package.parent).with_suffix("").parts): any(
            types.with_suffix(suffix).exists() for suffix in EXTENSION_SUFFIXES
        )
        for types in sorted(package.rglob("*.pxd"))
    }


def kernel(compiled: Mapping[str, bool]) -> Finding:
    """What it means which of the modules are compiled."""
    plain = [name for name, is_compiled in compiled.items() if not is_compiled]
    if len(plain) == len(compiled):
        return Finding(name="kernel", value="plain Python (the same results, slower: about half the speed)")
    if not plain:
        return Finding(name="kernel", value=f"compiled ({len(compiled)} modules)")
    return Finding(
        name="kernel",
        value=f"{len(compiled) - len(plain)} of {len(compiled)} modules are compiled, but not {', '.join(plain)}",
        well=False,
        advice="install chaoskit again",
    )


def _assets() -> Finding:
    """Whether the page's script and style are there and join; a report cannot be drawn without."""
    from chaoskit.reports.bundle import bundle

    try:
        page = bundle()
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it is what is to be told
        return Finding(name="report", value=f"the page cannot be built: {error}", well=False, advice="install chaoskit again")
    return Finding(
        name="report", value=f"the page's script and style are there ({(len(page.script) + len(page.style)) // 1000} kB)"
    )


def _writable(folder: Path) -> Finding:
    from chaoskit.store.layout import DEFAULT_ROOT

    place = folder / DEFAULT_ROOT if (folder / DEFAULT_ROOT).is_dir() else folder
    try:
        with tempfile.TemporaryFile(dir=place):
            return Finding(name="directory", value=f"runs are kept under {DEFAULT_ROOT}{os.sep}, which can be written")
    except OSError as error:
        reason = error.strerror or str(error)
        return Finding(
            name="directory", value=f"{place} cannot be written: {reason}", well=False, advice="go elsewhere, or use --out"
        )


def _deterministic() -> Finding:
    digests = []
    for hash_seed in HASH_SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "chaoskit.cli", *ARGUMENTS],
                cwd=folder,
                env=_environment(hash_seed),
                capture_output=True,
                timeout=SECONDS_MAX,
                check=False,
            )
        try:
            digests.append(json_module.loads(done.stdout)["digest"])
        except (ValueError, KeyError):
            said = done.stderr.decode(errors="replace").strip().splitlines()
            reason = f"a small run failed with exit code {done.returncode}: {said[-1] if said else 'it said nothing'}"
            return Finding(name="determinism", value=reason, well=False, advice="please report it as a bug")
    return compared(digests)


def compared(digests: list[str]) -> Finding:
    """What the digests of the same run in several processes say."""
    if len(set(digests)) == 1:
        return Finding(name="determinism", value=f"seed {SEED} in {len(digests)} processes: digest {digests[0]} each time")
    return Finding(
        name="determinism",
        value=f"seed {SEED} gave different digests: {', '.join(digests)}",
        well=False,
        advice="please report it as a bug",
        code=ExitCode.DIFFERENT,
    )


def _environment(hash_seed: str) -> dict[str, str]:
    """This environment without settings of ours, with this hash seed."""
    from chaoskit.cli.configuration import ENVIRONMENT_PREFIX

    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)}
    return {**kept, "PYTHONHASHSEED": hash_seed}
