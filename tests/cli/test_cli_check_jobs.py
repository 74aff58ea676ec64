"""`chaoskit check --jobs` and `--all`: hard keys searched in processes, with the same answer, and none left behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import Command

from chaoskit.check.linear import processes
from chaoskit.store.histories import write_history_file
from chaoskit.testing.histories import h

SECONDS_MAX = 60
CHECK = ("check", "keys.jsonl", "--spec", "cas-register")


def overlapping(key: str, clients: int, last: str) -> str:
    """Overlapping writes and reads, then this."""
    begin = " ".join(f"{number}(w{key}={number} {20 + number}(r{key}=" for number in range(clients))
    end = " ".join(f"{number}) {20 + number}){number}" for number in range(clients))
    return f"{begin} {end} 50:r{key}={last}"


@pytest.fixture(autouse=True)
def _keys(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good key and two bad ones, none of them easy."""
    monkeypatch.setattr(processes, "EASY", 5)
    write_history_file(
        "keys.jsonl", h(f"{overlapping('c', 6, '99')} {overlapping('a', 5, '0')} {overlapping('b', 5, '77')}"), format="jsonl"
    )


@pytest.mark.parametrize("more", [(), ("--all",), ("--json",)])
def test_any_number_of_jobs_prints_the_same(chaoskit: Command, more: tuple[str, ...]) -> None:
    """Byte for byte, but for the seconds of --json."""
    one, two = (chaoskit(*CHECK, *more, "--jobs", jobs) for jobs in ("1", "2"))
    assert one.code == two.code == 1
    printed = [re.sub(r'"seconds": \{[^}]*\}', "", each.out) for each in (one, two)]
    assert printed[0] == printed[1]


def test_the_first_bad_key_ends_a_check_and_all_goes_on(chaoskit: Command) -> None:
    """What was not judged is said, and how to have it judged."""
    first, everything = chaoskit(*CHECK), chaoskit(*CHECK, "--all")
    assert first.lines[0] == "INVALID  phantom-read · key b"
    assert first.lines[-1] == "(1 key not judged after that; --all judges every one)"
    assert everything.lines[0] == "INVALID  phantom-read · key c · and 1 more"
    assert "not judged" not in everything.out
    assert chaoskit(*CHECK, "--json").object["keys_not_judged"] == 1
    assert chaoskit(*CHECK, "--json", "--all").object["keys_not_judged"] == 0


def test_of_keys_that_are_bad_without_a_search_the_first_is_explained_and_all_explains_the_others(chaoskit: Command) -> None:
    """They are counted, and told how to be read about."""
    steps = " ".join(f"1:w{key}={number} 2:r{key}={number}" for number in range(1, 60) for key in ("a", "b", "c"))
    write_history_file("many.jsonl", h(f"{steps} 1:rc=2 1:rb=3 1:ra=59"), format="jsonl")
    many = ("check", "many.jsonl", "--spec", "register")
    first, everything = chaoskit(*many), chaoskit(*many, "--all")
    assert first.lines[0] == "INVALID  stale-read · key c" and first.code == everything.code == 1
    assert "(1 more key is bad, which --all explains)" in first.lines
    assert everything.lines[0] == "INVALID  stale-read · key c · and 1 more" and "which --all explains" not in everything.out
    assert chaoskit(*many, "--json").object["keys_not_explained"] == 1


def test_a_number_of_jobs_that_is_none_is_refused(chaoskit: Command) -> None:
    """With what it may be."""
    printed = chaoskit(*CHECK, "--jobs", "none")
    assert printed.code == 2
    assert "jobs" in printed.err


def searching(process: subprocess.Popen[str]) -> list[int]:
    """The processes that this one started to search."""
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [int(each) for each in children if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()]
    except FileNotFoundError:  # one has just ended
        return []


def is_running(pid: int) -> bool:
    """Neither gone, nor dead and waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks for children in /proc")
def test_ctrl_c_leaves_no_process_behind() -> None:
    """Exit code 130, and what was started to search is gone with it."""
    clients = [(key, 20 * place + number) for place, key in enumerate("xy") for number in range(12)]
    begin = " ".join(f"{number}(e{key}={number}" for key, number in clients)
    end = " ".join(f"{number})" for _, number in clients)  # at once, so in any order: more queues than are searched in a minute
    write_history_file("hard.jsonl", h(f"{begin} {end} 50:dx=99 50:dy=99"), format="jsonl")
    process = subprocess.Popen(
        [sys.executable, "-m", "chaoskit.cli", "check", "hard.jsonl", "--spec", "fifo-queue", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    end = time.monotonic() + SECONDS_MAX
    while len(started := searching(process)) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "no processes were started"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 130
    assert not any(map(is_running, started))
