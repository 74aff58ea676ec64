"""Runs of asyncio programs have a hash seed that is always the same: the command runs itself again with it, once.

In a program that nobody wrote for the simulation a set of strings may decide what is sent next, and its order goes by Python's
hash seed, which is drawn anew for each process. Models of nodes in our own style need none: their rooms iterate over no set.
A hash seed that a person has set stays. A command line that is called as a function runs in somebody else's process, which is
not replaced.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

HASH_SEED = "0"
VARIABLE = "PYTHONHASHSEED"

_process_is_ours: ContextVar[bool] = ContextVar("process_is_ours", default=False)


@contextmanager
def process_of_our_own(ours: bool) -> Iterator[None]:
    """Between these the process is the command's, or that of who called it."""
    token = _process_is_ours.set(ours)
    try:
        yield
    finally:
        _process_is_ours.reset(token)


def pin_hash_seed(model: str) -> None:
    """Runs the command again with the fixed hash seed, if the model's programs are asyncio's and it has none; else returns."""
    from chaoskit.catalogue import model_named

    is_pinned = os.environ.get(VARIABLE, "random") not in {"", "random"}
    if is_pinned or not _process_is_ours.get() or os.name != "posix" or not model_named(model).is_asyncio:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, VARIABLE: HASH_SEED})  # noqa: S606


def pin_hash_seed_of(target: str) -> None:
    """As `pin_hash_seed`, for the model of a kept run or a plan file. Raises as loading it does."""
    from chaoskit.store.runs import find_run, load_plan, read_manifest

    pin_hash_seed(load_plan(target).model if Path(target).is_file() else read_manifest(find_run(target)).model_reference)
