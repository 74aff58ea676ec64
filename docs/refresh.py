"""Pastes anew what the pages show: what commands print, and what example files hold. `python docs/refresh.py [PAGE …]`

    <!-- output of: chaoskit run --seed 7 -->                        the fenced block behind it is the command and what it prints
    <!-- output of: chaoskit check x.jsonl (exit 1; says "stale") -->  the same, and it must exit with 1 and say "stale"
    <!-- source of: store.py -->                                     the fenced block behind it is a file of docs/how-to/examples
    <!-- source of: store.py#Store.read -->                          … or a class, a function or an assignment in it

Every page has a directory of its own, which begins as a copy of docs/how-to/examples; its commands run there in their order, so
that `replay latest` follows what stands before it. Output is taken as it is off a terminal: no colour, no bar, no wall times. A
command may end in `| head -n N`; it may be one of pytest, whose wall times are left out. What prose says of an output is guarded
by `says`: where it is no longer true, refreshing fails, names the page, and a seed with which it is, if one is found
within a minute.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parent
EXAMPLES = DOCS / "how-to" / "examples"
ENVIRONMENT_PREFIXES = ("CHAOSKIT_", "PYTEST_")
ENVIRONMENT = ("CI", "BUILD_NUMBER", "FORCE_COLOR")  # with the first two pytest cuts nothing short
COLUMNS = "100"  # of pytest's output
MODELS_FROM_FILES = "chaoskit_user_"  # how the modules of a person's own models are called
SEEDS_TRIED = 100  # when a seed no longer does what its page says
SECONDS_TRIED = 60.0  # of wall time, for one command

_BLOCK = re.compile(
    r"(?P<opening><!-- (?P<kind>output|source) of: (?P<what>[^\n]+?) -->\n\n?```\w+\n)(?P<content>.*?)(?P<closing>```\n)",
    re.DOTALL,
)
_EXPECTATION = re.compile(r'^(?P<command>.+?)(?: \((?:exit (?P<code>\d+)(?:; )?)?(?P<says>(?:says "[^"]+"(?:; )?)*)\))?$')
_SEED = re.compile(r"--seed \d+")
_CHANGE = "change the command, or what the page says of it."
_WALL_TIME = re.compile(r"(?<=\w) in [\d.]+s(?: \(\d+:\d\d:\d\d\))?(?= =*$|$)", re.MULTILINE)
_HEAD = re.compile(r"^(?P<command>.*?)(?: \| head -n (?P<lines>\d+))?$")


class Untrue(Exception):  # noqa: N818  # read by people: a page says what is not so
    """A command does not do what its page says."""


def main(arguments: Sequence[str]) -> int:
    """Refreshes these pages, or all of them, and names those that changed."""
    failed = False
    for page in [Path(argument) for argument in arguments] or pages():
        before = page.read_text("utf-8")
        try:
            after = refreshed(before)
        except Untrue as untrue:
            failed = True
            sys.stderr.write(f"{page}: {untrue}\n")
            continue
        if after != before:
            page.write_text(after, "utf-8")
            sys.stdout.write(f"{page}\n")
    return int(failed)


def pages() -> list[Path]:
    """The README and every page of the documentation."""
    return [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]


def refreshed(text: str) -> str:
    """A page's text with all that is pasted in it as it is now. Raises `Untrue`."""
    with _directory() as directory:

        def paste(found: re.Match[str]) -> str:
            what = found["what"]
            content = source(what) if found["kind"] == "source" else _output(what, directory)
            return f"{found['opening']}{content}{found['closing']}"

        return _BLOCK.sub(paste, text)


def source(what: str) -> str:
    """An example file, or a class, a function or an assignment in it: `store.py`, `store.py#Store.read`."""
    name, _, place = what.partition("#")
    text = (EXAMPLES / name).read_text("utf-8")
    if not place:
        return text
    body: Sequence[ast.stmt] = ast.parse(text).body
    found: ast.stmt | None = None
    for part in place.split("."):
        found = next((statement for statement in body if part in _names(statement)), None)
        if found is None:
            raise Untrue(f"expected {place} in {name} but there is none.")
        body = getattr(found, "body", [])
    assert found is not None and found.end_lineno is not None, "a place has at least one part, and parsed code has lines"
    decorators = [decorator.lineno for decorator in getattr(found, "decorator_list", [])]
    lines = text.splitlines()[min([found.lineno, *decorators]) - 1 : found.end_lineno]
    return "".join(f"{line.removeprefix(' ' * found.col_offset)}\n" for line in lines)


def printed(command: str, directory: Path) -> tuple[str, int]:
    """What a command line of chaoskit prints in a directory, on both streams, and its exit code."""
    words = _HEAD.match(command)
    assert words is not None, "every line matches"
    program, *arguments = shlex.split(words["command"])
    if program not in _PROGRAMS:
        raise Untrue(f"expected a command of {' or '.join(_PROGRAMS)} but got {command!r}.")
    with _alone(directory):
        text, code = _PROGRAMS[program](arguments)
    lines = [f"{line.rstrip()}\n" for line in text.splitlines()]
    return "".join(lines[: int(words["lines"])] if words["lines"] else lines), code


def _chaoskit(arguments: list[str]) -> tuple[str, int]:
    from chaoskit.cli.app import main as chaoskit

    caught = io.StringIO()
    with contextlib.redirect_stdout(caught), contextlib.redirect_stderr(caught):
        code = chaoskit(arguments)
    return caught.getvalue(), code


def _pytest(arguments: list[str]) -> tuple[str, int]:
    """In a process of its own: these pages are refreshed by a test, too."""
    command = [sys.executable, "-m", "pytest", *arguments]
    environment = {**os.environ, "COLUMNS": COLUMNS}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, check=False)
    return _WALL_TIME.sub("", done.stdout).replace(f"{Path.cwd()}{os.sep}", ""), done.returncode


_PROGRAMS = {"chaoskit": _chaoskit, "pytest": _pytest}


def _output(what: str, directory: Path) -> str:
    """The command with what it prints, once it does what the page says of it."""
    expected = _EXPECTATION.match(what)
    assert expected is not None, "every text matches"
    command, code = expected["command"], int(expected["code"] or 0)
    says = re.findall(r'says "([^"]+)"', expected["says"] or "")
    text, ended = printed(command, directory)
    if not _holds(text, ended, code=code, says=says):
        advice = _other_seed(command, code=code, says=says)
        raise Untrue(f"expected exit code {code} of {command!r}{''.join(f' and {each!r}' for each in says)}; {advice}\n{text}")
    return f"$ {command}\n{text}"


def _holds(text: str, ended: int, *, code: int, says: list[str]) -> bool:
    told = " ".join(text.split())  # sentences are wrapped
    return ended == code and all(wanted in told for wanted in says)


def _other_seed(command: str, *, code: int, says: list[str]) -> str:
    """Which seed does what a page says of this one, looked for until the limits are met."""
    if not _SEED.search(command):
        return "it does not, and has no seed to be changed."
    until = time.monotonic() + SECONDS_TRIED
    with _directory() as directory:
        for seed in range(1, SEEDS_TRIED + 1):
            if time.monotonic() > until:
                return f"it does not, nor does a seed up to {seed - 1}, which is as far as {SECONDS_TRIED:g} s went; {_CHANGE}"
            if _holds(*printed(f"{_SEED.sub(f'--seed {seed}', command)} --report none", directory), code=code, says=says):
                return f"it does not, but --seed {seed} does."
    return f"it does not, nor does a seed up to {SEEDS_TRIED}; {_CHANGE}"


def _names(statement: ast.stmt) -> list[str]:
    """What a statement defines."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    """A directory of one's own that begins as a copy of the examples; what is imported from there is forgotten at its end."""
    before = _models_from_files()
    try:
        with tempfile.TemporaryDirectory() as place:
            directory = Path(place) / "examples"
            shutil.copytree(EXAMPLES, directory, ignore=shutil.ignore_patterns("__pycache__", ".chaoskit"))
            yield directory
    finally:
        for name in _models_from_files():
            del sys.modules[name]
        sys.modules.update(before)


def _models_from_files() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.startswith(MODELS_FROM_FILES)}


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """In that directory, without settings from the environment."""
    before, environment = Path.cwd(), dict(os.environ)
    for name in environment:
        if name.startswith(ENVIRONMENT_PREFIXES) or name in ENVIRONMENT:
            del os.environ[name]
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.update(environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
