"""What is measured of reading: a million operations from each format, each in a process of its own.

The history is a register's over ten keys, written once a format into a folder that is removed afterwards. Processor time,
for machines are shared; memory is that of the whole process.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.store.histories import write_history_file

OPS = 1_000_000
CLIENTS = 100
KEYS = 10
CODE = """
import resource, sys, time
from chaoskit.store.histories import read_history_file
begin = time.process_time()
history = read_history_file(sys.argv[1])
print(len(history), time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def register_history(ops: int = OPS, *, seed: int = 1) -> History:
    """Reads and writes of distinct values by many clients at once; one operation in a hundred fails."""
    dice = random.Random(seed)
    builder = HistoryBuilder()
    opened: dict[int, tuple[str, str, int | None]] = {}
    begun = time = 0
    while begun < ops or opened:
        time += dice.randrange(1, 100_000)
        process = dice.randrange(CLIENTS)
        if process in opened:
            f, key, value = opened.pop(process)
            if dice.random() < 0.01:
                builder.append("fail", process, f, key, value, time=time, error="timed-out")
            else:
                builder.append("ok", process, f, key, dice.randrange(begun) if value is None else value, time=time)
        elif begun < ops:
            begun += 1
            f, value = ("read", None) if dice.random() < 0.5 else ("write", begun)
            opened[process] = f, f"k{dice.randrange(KEYS)}", value
            builder.append("invoke", process, *opened[process], time=time)
    return builder.build()


def seconds_and_megabytes(formats: tuple[str, ...]) -> Iterator[tuple[str, float, float]]:
    """(format, processor seconds, peak memory) of reading the history."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/history.{format}" for format in formats]
        subprocess.run([sys.executable, __file__, *paths], check=True)  # a process counts its parent's memory as its own
        for format, path in zip(formats, paths, strict=True):
            answer = subprocess.run([sys.executable, "-c", CODE, path], check=True, stdout=subprocess.PIPE, text=True)
            events, seconds, kilobytes = answer.stdout.split()  # kB on Linux
            assert int(events) == 2 * OPS, answer.stdout
            yield format, float(seconds), int(kilobytes) / 1000


def main(paths: list[str]) -> None:
    """Writes the history in the format of each path's extension."""
    history = register_history()
    for path in paths:
        write_history_file(path, history, format=Path(path).suffix[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
