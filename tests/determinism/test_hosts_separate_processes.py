"""A run of asyncio programs is the same in four processes with different hash seeds: nothing of Python's own order decides it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

GIVES = Path(__file__).with_name("what_hosts_give.py")


def test_asyncio_hosts_give_the_same_in_every_process() -> None:
    """A conversation of programs with chance, sets, TLS and a crash; and a judged run of kv_http."""
    told = []
    for hash_seed in ("0", "1", "2", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, str(GIVES)], env=environment, capture_output=True, text=True, check=True)
        told.append(json.loads(done.stdout))
    assert told[0]["talk"][0] != told[0]["talk"][1]
    assert all(each == told[0] for each in told[1:])
