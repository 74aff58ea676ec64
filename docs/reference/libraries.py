"""Writes asyncio-support.md: `python docs/reference/libraries.py` after the talks of a library, or its version, have changed.

What is in the table comes from `tests/libraries`, whose talks are run for it in four processes with different hash seeds. A test
holds the page to the tests, but for the versions: those are of the libraries with which it was written.
"""

from __future__ import annotations

import inspect
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "asyncio-support.md"
TALKS = Path(__file__).parents[2] / "tests" / "libraries"
PROGRAM = TALKS / "what_libraries_give.py"
HASH_SEEDS = ("0", "1", "4242", "random")

Versions = Callable[[str], str]

OPENING = """# Libraries in the simulated world

Programs written in asyncio run on hosts of the world as they are: see [test an asyncio
program](../how-to/test-an-asyncio-program.md). This page is written by `python docs/reference/libraries.py`, which runs the
talks of [tests/libraries](../../tests/libraries): each is a conversation between unmodified programs of a library, and each
is held to equal digests over processes with different hash seeds.
"""
CLOSING = """## What is promised where

| what | actor models | asyncio models and universes |
| --- | --- | --- |
| the same digest in another process | yes | yes |
| with another hash seed | yes | for the libraries above; not for a program in which the order of a set of strings decides |
| on another Python, or with other versions of packages | yes | no: asyncio and the libraries differ in what they send, and when |
| on another machine | yes | with the same versions of Python, packages and OpenSSL |

- The commands `run`, `soak`, `replay` and `shrink` leave a hash seed to chance for no asyncio model: where `PYTHONHASHSEED`
  is not set, they run themselves again with `PYTHONHASHSEED=0`. One that is set stays. In pytest and for a `Universe` set it
  yourself, where a set's order decides.
- Sets of tasks and futures have the order of their making. Sets of other objects go by their addresses in memory, which no
  hash seed fixes: sort what decides. A replay that differs names the first event that does.
- The journal holds of an encrypted connection only how much was sent, as OpenSSL's chance is its own. Certificates must be of
  RSA or Ed25519: the size of an ECDSA signature differs from run to run. OpenSSL also looks at the real clock for a
  certificate's dates.
- Work for threads is done at once, in line: `asyncio.to_thread`, executors, `ThreadPoolExecutor.submit`,
  `anyio.to_thread.run_sync` (handlers of Starlette and FastAPI that are not `async`). `anyio.from_thread` does not work in
  it.
- Log lines go to the host's log where nobody configured logging. uvicorn configures it, unless `log_config=None`.
- numpy's global generator is out of reach: use one of your own with a seed.

## What is refused

At the call, by name, and the run ends with it even if the program swallows the error: threads, traffic on raw sockets,
waiting in `select`, other processes, `time.sleep`, and the methods of a loop that are about descriptors, pipes and processes.
Libraries that do their own input and output in C (uvloop, grpc.aio, psycopg) or on threads of their own (aiosqlite) cannot
run here.
"""


def main() -> int:
    """Writes the page if it is not as it should be."""
    text = page(are_equal())
    if not PAGE.exists() or PAGE.read_text("utf-8") != text:
        PAGE.write_text(text, "utf-8")
        sys.stdout.write(f"{PAGE.name}\n")
    return 0


def page(equal: dict[str, bool], versions: Versions = version) -> str:
    """The page as it is now; `equal` says of which libraries the digests were."""
    lines = [
        OPENING,
        f"Python {platform.python_version() if versions is version else versions('python')}, {len(HASH_SEEDS)} processes"
        f" with PYTHONHASHSEED {', '.join(HASH_SEEDS)}:",
        "",
        "| library | versions | what is used | under | digests |",
        "| --- | --- | --- | --- | --- |",
    ]
    for library in libraries():
        packages = ", ".join(f"{name} {versions(name)}" for name in library.packages) or "Python's own"
        faults = "<br>".join(first_line(talk) for talk in library.talks)
        told = "equal" if equal[library.name] else "differ"
        lines.append(f"| {library.name} | {packages} | {library.used} | {faults} | {told} |")
    return "\n".join([*lines, "", CLOSING])


def current() -> bool:
    """Whether the page says what the tests say, whatever versions it was written with."""
    text = PAGE.read_text("utf-8")
    noted = dict(re.findall(r"([\w.]+) (\d[\w.]*)", text.split("| --- |", 1)[1].split("\n\n", 1)[0]))
    noted["python"] = re.search(r"^Python ([\w.]+),", text, re.MULTILINE)[1]  # type: ignore[index]  # it stands there
    return text == page({library.name: True for library in libraries()}, lambda name: noted.get(name, "unknown"))


def libraries() -> list[Any]:
    """The rows, from the tests."""
    if str(TALKS) not in sys.path:
        sys.path.insert(0, str(TALKS))
    from what_libraries_give import LIBRARIES

    return list(LIBRARIES)


def are_equal() -> dict[str, bool]:
    """Library → whether all its talks gave the same in every process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    given = []
    for hash_seed in HASH_SEEDS:
        ended = subprocess.run(
            [sys.executable, PROGRAM], env={**environment, "PYTHONHASHSEED": hash_seed}, stdout=subprocess.PIPE, check=True
        )
        given.append(json.loads(ended.stdout))
    return {name: all(gives[name] == talks for gives in given) for name, talks in given[0].items()}


def first_line(talk: Callable[..., Any]) -> str:
    """A talk's fault, by the first line of its docstring."""
    return (inspect.getdoc(talk) or "").partition("\n")[0].rstrip(".")


if __name__ == "__main__":
    raise SystemExit(main())
