"""Prints how fast chaoskit is, as ratios to peers measured in the same run where there are any. Figures, never a test.

    python tests/bench/run.py                 everything (a few minutes)
    python tests/bench/run.py runs messages   these alone

What goes through the kernel is measured twice: as it is installed here, and compiled, in an environment that has the wheel of
this tree. (Started by a Python that has a compiled chaoskit, it measures that one alone.) So are event loops, in an environment
with a Python that their peers run on.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import linear as linear_measures
import loops as loop_measures
import measures
import paths as path_measures
import peers
import reading as reading_measures
import soaking
import sweeping

from chaoskit.cli.doctor import typed_modules

sys.path.insert(0, str(Path(__file__).parents[1] / "packaging"))

import installation
import pythons

Line = tuple[str, str, str]  # what, figure, target


def runs() -> Iterator[Line]:
    yield "whole Raft runs", f"{measures.whole_runs():.1f} a second and core", "15"


def messages() -> Iterator[Line]:
    for name, (rate, ratio) in measures.message_ratios().items():
        yield f"messages ({name})", f"{ratio:.2f} x SimPy's ({rate:,.0f} a second)", "2 x"


def history() -> Iterator[Line]:
    yield "history of 1,000,000 ops", f"{measures.history_seconds():.1f} s", "seconds"
    yield "", f"{measures.history_megabytes():.0f} MB at most", "1000 MB"


def reading() -> Iterator[Line]:
    targets = {"jsonl": "6 s", "edn": "15 s", "npz": "0.5 s"}
    for format, seconds, megabytes in reading_measures.seconds_and_megabytes(tuple(targets)):
        yield f"read {format}, 1,000,000 ops", f"{seconds:.2f} s, {megabytes:.0f} MB at most", targets[format]


def memory() -> Iterator[Line]:
    yield f"run of {measures.LONG_OPS:,} ops", f"{measures.long_run_megabytes():.0f} MB at most", "500 MB"


def start() -> Iterator[Line]:
    yield "chaoskit --help", f"{measures.start_seconds():.2f} s", "0.5 s"


def linear() -> Iterator[Line]:
    for folder, found in linear_measures.corpora():
        slowest = max(found, key=lambda each: each.decided)
        total = sum(each.decided for each in found)
        figure = f"decided in {total:.3f} s, {1000 * slowest.decided:.2f} ms {slowest.name}"
        yield f"{folder} ({len(found)})", figure, linear_measures.FOLDERS[folder][2]
        bad = [each for each in found if each.verdict.is_invalid]
        if bad:
            slowest = max(bad, key=lambda each: each.seconds)
            first, every = (sum(seconds) for seconds in ([each.first for each in bad], [each.seconds for each in bad]))
            of_one = f"{1000 * slowest.first:.2f} and {1000 * slowest.seconds:.2f} ms {slowest.name}"
            yield f"  its bad ones ({len(bad)})", f"first failure explained in {first:.3f} s, all in {every:.3f} s; {of_one}", ""
    for each in linear_measures.generated():
        searched = f"{each.verdict.results['configurations']:,} configurations"
        yield each.name, f"{each.seconds:.2f} s, {each.verdict.status}, {searched}", "1 s"
    for each in linear_measures.certain():
        searched = f"{each.verdict.results['configurations']:,} configurations"
        yield each.name, f"{each.seconds:.2f} s, {each.verdict.status}, {searched}", "60 s"


def loops() -> Iterator[Line]:
    places = []
    try:
        for where, rates in peers.rates(Path(loop_measures.__file__)):
            places.append(where)
            yield from _loop_lines(where, rates)
    except pythons.UnavailableError as error:
        yield "loops beside simloop's and simloom's", f"not measured: {error}", "2 x simloop's"
        yield from _loop_lines(f"Python {platform.python_version()}", loop_measures.measured())
    if len(places) == 1:
        yield "loops, compiled", "not measured: compiling failed; see `pip install -vv .`", "2 x simloop's"


def _loop_lines(where: str, rates: peers.Rates) -> Iterator[Line]:
    for what, (name, target) in LOOP_MEASURES.items():
        ours = rates[what]["chaoskit"]
        beside = ", ".join(f"{ours / rate:.2f} x {peer}'s" for peer, rate in rates[what].items() if peer != "chaoskit")
        yield f"{name} ({where})", f"{ours:,.0f} a second{beside and f'; {beside}'}", target


def keys() -> Iterator[Line]:
    by_the_clock, with_cores, seconds = linear_measures.two_to_one()
    yield f"four hard keys ({seconds:.1f} s), two processes to one", f"{by_the_clock:.2f} x by the clock", "more than 1 x"
    yield "", f"{with_cores:.2f} x with a core each", "more than 1 x"


def soak() -> Iterator[Line]:
    found = soaking.two_to_one()
    for name, ratios in (("by the clock", found.by_the_clock), ("with a core each", found.with_cores)):
        figure = f"{median(ratios):.2f} x ({', '.join(f'{ratio:.2f}' for ratio in ratios)})"
        yield f"soak, two processes to one, {name}", figure, "1.8 x"
    for name, each in (("one process", found.one), ("two", found.two)):
        rates = f"{each.runs_per_second:.1f} runs/s, {each.virtual_to_real:.0f} x real time"
        yield f"  {name}", f"{rates}; {each.with_cores:.1f} runs/s", "with a core each"


def paths() -> Iterator[Line]:
    for each in path_measures.measured():
        searched = f"{each.verdict.results['configurations']:,} configurations"
        yield each.name, f"{each.seconds:.2f} s, {each.verdict.status}, {searched}", "0.5 s"


def sweep() -> Iterator[Line]:
    found = sweeping.hotline()
    yield f"sweep hotline, {found.cells:,} cells", f"{found.seconds:.2f} s, the command {found.command_seconds:.2f} s", "10 s"


LOOP_MEASURES = {
    "messages": ("coroutine messages", "2 x simloop's"),
    "trips": ("TCP round trips", "2 x simloop's"),
    "universes": ("universes of six hosts", "300 a second"),
}
OF_THE_KERNEL = ("runs", "messages", "linear")
PARTS: dict[str, Callable[[], Iterator[Line]]] = {
    part.__name__: part for part in (runs, messages, history, reading, memory, start, linear, keys, paths, soak, loops, sweep)
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"expected some of {', '.join(PARTS)} but got {', '.join(unknown)}.", file=sys.stderr)
        return 2
    wanted = names or list(PARTS)
    compiled = all(typed_modules().values())
    for name in wanted:
        for what, figure, target in PARTS[name]():
            label = f"{what}, compiled" if compiled and name in OF_THE_KERNEL else what
            print(f"{label:<40}  {figure:<38}{f'  target {target}' if target else ''}", flush=True)
    twice = [name for name in wanted if name in OF_THE_KERNEL]
    if twice and not compiled:
        measure_compiled(twice)
    return 0


def measure_compiled(names: list[str]) -> None:
    """The same measures of the same sources, compiled."""
    reason = installation.why_plain()
    if reason:
        print(f"compiled: nothing measured, for {reason}.", flush=True)
        return
    python = installation.environment() / "python"
    environment = {**os.environ, "PYTHONPATH": str(installation.tools())}
    subprocess.run([python, __file__, *names], env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
