"""`chaoskit soak`: what it prints, keeps and exits with, however many processes there are and however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from command_line import Command, Printed

from chaoskit.cli.soak import exit_code
from chaoskit.core.soak import SoakRecord
from chaoskit.run import draw
from chaoskit.settings import Settings

SMALL = ("--seed", "1", "--ops", "20", "--nodes", "3", "--nemesis", "none", "--report", "html", "--jobs", "1")
SECONDS_MAX = 60


@pytest.fixture
def soak(chaoskit: Command) -> Command:
    """A small soak of a model in mine.py: `soak("liar", "--runs", "3")`."""

    def command(model: str, *arguments: str) -> Printed:
        return chaoskit("soak", f"mine.py:{model}", *SMALL, *arguments)

    return command


def record(directory: str = "honest-1-1") -> dict[str, Any]:
    return dict(json.loads(Path(".chaoskit/soaks", directory, "soak.json").read_text()))


def has_six_clients(seed: int) -> bool:
    """What some models in mine.py wait for."""
    return draw(Settings(seed=seed, nodes=3, ops=20, nemesis="none"), "mine.py:honest").cluster.clients == 6


def without_wall(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "wall"}


def rates_hidden(out: str) -> str:
    """The lines without what the machine decides."""
    return re.sub(r"[\d,.]+ (runs a second)|\([\d.]+ s\)|[\d,]+ (times as fast)", "…", out)


def test_a_valid_soak_says_so_in_a_few_lines(soak: Command) -> None:
    """The whole output; exit code 0, and no run is kept."""
    printed = soak("honest", "--runs", "30")
    assert (printed.code, printed.err) == (0, "")
    assert rates_hidden(printed.out) == (
        "chaoskit 0.1.0 · soak mine.py:honest · 30 runs from seed 1\n"
        "\n"
        "VALID  30 runs from seed 1 · 30 valid · 0% of a median run's ops under faults\n"
        f"… on 1 job … · {record()['simulated'] / 1e9:.3f} s simulated, … as the clock\n"
        "A class that shows in 1 run of 10 or oftener would have been seen (95 %).\n"
        "\n"
        "reproduce  chaoskit soak mine.py:honest --seed 1 --nodes 3 --ops 20 --nemesis none --runs 30\n"
        "classes    .chaoskit/soaks/honest-1-1/index.html\n"
    )
    assert sorted(path.name for path in Path(".chaoskit/soaks/honest-1-1").iterdir()) == ["index.html", "soak.json"]


def test_failures_are_a_line_a_class_with_a_kept_and_shrunk_run(soak: Command) -> None:
    """Exit code 1; the class' run is a run directory with its story; the page links to its report."""
    printed = soak("liar", "--runs", "3")
    assert (printed.code, printed.err) == (1, "")
    (line,) = [line for line in printed.lines if line.startswith("INVALID")]
    assert line == (
        "INVALID  phantom-read (read) without any fault · 3 of 3 runs, first seed 1 · 1 op, 0 faults, 1 node"
        " · .chaoskit/soaks/liar-1-1/phantom-read-1"
    )
    directory = Path(".chaoskit/soaks/liar-1-1")
    assert '<a href="phantom-read-1/report.html">' in (directory / "index.html").read_text()
    assert (directory / "phantom-read-1" / "report.html").is_file()
    assert (directory / "phantom-read-1" / "story" / "plan.json").is_file()
    (found,) = record("liar-1-1")["classes"]
    assert (found["seeds"], found["run"]) == ([1, 2, 3], "phantom-read-1")


def test_a_class_whose_run_is_another_each_time_says_why_it_has_no_story(soak: Command) -> None:
    """Its run is kept as it was."""
    printed = soak("moody", "--runs", "1")
    assert printed.code == 1 and "note: the same plan gives another run each time" in printed.err
    (kept,) = record("moody-1-1")["classes"]
    assert (kept["run"], kept["story"]) == ("phantom-read-1", None)


def test_a_class_can_be_shown_and_replayed(soak: Command, chaoskit: Command) -> None:
    """It is a run like any other."""
    soak("liar", "--runs", "1", "--no-shrink")
    assert chaoskit("replay", ".chaoskit/soaks/liar-1-1/phantom-read-1", "-q").lines[0].startswith("IDENTICAL")


def test_the_number_of_processes_changes_nothing(soak: Command) -> None:
    """One or three: the same record but for its wall times."""
    assert soak("liar", "--runs", "5").code == 1
    for plan in Path(".chaoskit/failures").iterdir():
        plan.unlink()
    assert soak("liar", "--runs", "5", "--jobs", "3").code == 1
    one, three = record("liar-1-1"), record("liar-1-2")
    assert without_wall(one) == without_wall(three)
    assert (one["wall"]["jobs"], three["wall"]["jobs"]) == (1, 3)


def test_it_stops_at_the_failure_that_it_was_asked_for(soak: Command) -> None:
    """Seeds that other processes have tried meanwhile do not count."""
    printed = soak("liar", "--runs", "50", "--stop-after", "2", "--no-shrink", "--jobs", "2")
    assert printed.code == 1
    found = record("liar-1-1")
    assert (found["runs"], found["stopped"], found["classes"][0]["seeds"]) == (2, "failures", [1, 2])
    assert found["reproduce"].endswith("--runs 2")


def test_it_stops_in_time(soak: Command) -> None:
    """Runs under way are waited for; exit code 0, for nothing failed."""
    printed = soak("honest", "--for", "300ms")
    assert printed.code == 0
    found = record()
    assert (found["stopped"], found["complete"]) == ("time", True)
    assert found["runs"] >= 1
    assert "until its time was up" in printed.out


def test_json_is_one_object(soak: Command) -> None:
    """The record, with its directory."""
    printed = soak("liar", "--runs", "2", "--no-shrink", "--json")
    assert printed.code == 1
    found = printed.object
    kept = without_wall(record("liar-1-1"))
    assert without_wall(found) == {"verdict": "invalid", **kept, "directory": ".chaoskit/soaks/liar-1-1"}
    assert found["statuses"] == {"valid": 0, "invalid": 2, "unknown": 0, "error": 0, "lost": 0}
    assert found["wall"]["runs_per_second"] > 0


def test_quiet_keeps_classes_and_figures(soak: Command) -> None:
    """Nothing else, and nothing at all with -qq."""
    assert [line.partition(" ")[0] for line in soak("liar", "--runs", "1", "--no-shrink", "-q").lines] == ["INVALID", "1"]
    assert soak("honest", "--runs", "1", "-qq").out == ""


def test_what_failed_before_is_tried_first(soak: Command) -> None:
    """It counts for the exit code; one that is valid by now is told and removed."""
    soak("liar", "--runs", "1", "--no-shrink")
    (plan,) = Path(".chaoskit/failures").iterdir()
    again = soak("liar", "--runs", "1", "--no-shrink")
    assert again.lines[1] == f"known    {plan.name} is invalid (phantom-read)"
    (known,) = record("liar-1-2")["known"]
    assert (known["plan"], known["seed"], known["status"], known["kept"]) == (plan.name, 1, "invalid", True)
    mine = Path("mine.py")
    mine.write_text(mine.read_text().replace("op.ok(-1)", "done"))
    mended = soak("liar", "--runs", "1")
    assert mended.lines[1] == f"known    {plan.name} is valid now, and was removed"
    assert (mended.code, plan.exists()) == (0, False)


def test_a_known_failure_alone_is_a_violation(soak: Command) -> None:
    """A seed that is valid does not excuse a plan that still fails."""
    failing = next(seed for seed in range(1, 100) if has_six_clients(seed))
    passing = next(seed for seed in range(1, 100) if not has_six_clients(seed))
    assert soak("sometimes", "--seed", str(failing), "--runs", "1", "--no-shrink").code == 1
    again = soak("sometimes", "--seed", str(passing), "--runs", "1")
    assert again.code == 1
    assert f"INVALID  1 run from seed {passing} · 1 valid · 1 known plan failed again" in again.out
    assert record(f"sometimes-{passing}-1")["statuses"]["invalid"] == 0


def test_plans_of_other_models_are_left_alone(soak: Command) -> None:
    """They are not about this one."""
    soak("liar", "--runs", "1", "--no-shrink")
    assert "known" not in soak("honest", "--runs", "1").out
    assert len(list(Path(".chaoskit/failures").iterdir())) == 1


def test_a_broken_model_is_told_with_its_seed(soak: Command) -> None:
    """Exit code 4; the soak goes on, and each broken run is told with the line that makes it again."""
    printed = soak("broken", "--runs", "2")
    assert printed.code == 4
    assert printed.err.count("note: seed ") == 2
    assert "ZeroDivisionError" in printed.err
    assert "chaoskit run mine.py:broken --seed 2 " in printed.err
    assert record("broken-1-1")["statuses"]["error"] == 2


def test_a_process_that_dies_is_told_with_its_seed(soak: Command) -> None:
    """Exit code 3: nobody knows what that run would have shown; another process makes the next ones."""
    lost = [seed for seed in range(1, 9) if has_six_clients(seed)]
    assert 0 < len(lost) < 8
    printed = soak("deadly", "--runs", "8")
    assert printed.code == 3
    assert f"note: seed {lost[0]} is lost: the process that made the run ended with exit code 9" in printed.err
    found = record("deadly-1-1")
    assert (found["statuses"]["valid"], found["statuses"]["lost"]) == (8 - len(lost), len(lost))
    assert [run["seed"] for run in found["unjudged"]] == lost


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (("valid",), 0),
        (("valid", "invalid"), 1),
        (("valid", "unknown"), 3),
        (("lost", "invalid"), 1),
        (("lost",), 3),
        (("error", "invalid", "unknown"), 4),
    ],
)
def test_the_exit_code_is_that_of_the_worst_run(seen: tuple[str, ...], code: int) -> None:
    """Broken before violated before unknown before valid; --exit-zero forgives what it forgives a single run."""
    record = SoakRecord(complete=True, stopped="runs", statuses=dict.fromkeys(seen, 1))
    assert exit_code(record, exit_zero=False) == code
    assert exit_code(record, exit_zero=True) == (4 if code == 4 else 0)
    assert exit_code(msgspec.structs.replace(record, stopped="interrupted"), exit_zero=True) == 130


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--runs", "0"), "expected at least 1 but got runs='0'."),
        (("--for", "10"), "expected a duration with its unit"),
        (("--stop-after", "none"), "expected a whole number such as 2000 or 2k but got stop-after='none'."),
        (("--jobs", "0"), "expected at least 1 but got jobs='0'."),
        (("--nodes", "99"), "expected 1 to "),
        (("--report", "github"), "expected reports that are files but got report='github'"),
        (("--network", "los=1%"), "Did you mean 'loss'?"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_runs(soak: Command, arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, and no directory."""
    printed = soak("honest", *arguments)
    assert printed.code == 2
    assert message in printed.err
    assert not Path(".chaoskit").exists()


def test_soaks_are_listed(soak: Command, chaoskit: Command) -> None:
    """With what they came to, the newest first."""
    assert chaoskit("list", "soaks").out == "no soaks\n"
    soak("honest", "--runs", "2")
    soak("liar", "--runs", "3", "--no-shrink")
    assert [line.split() for line in chaoskit("list", "soaks").lines] == [
        ["name", "model", "bug", "seed", "runs", "failures", "classes", "ended", "by"],
        ["liar-1-1", "mine.py:liar", "1", "3", "3", "1", "runs"],
        ["honest-1-1", "mine.py:honest", "1", "2", "0", "0", "runs"],
    ]


def test_what_ends_a_soak_may_stand_in_a_file_or_in_the_environment(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags win over the environment and that over the file; a run takes no notice of what is a soak's; errors name the place."""
    Path("chaos.toml").write_text('runs = 3\njobs = 1\n"stop-after" = 9\n')
    words = ("soak", "mine.py:honest", *SMALL[:-2], "--config", "chaos.toml", "--json")
    assert chaoskit(*words).object["runs"] == 3
    monkeypatch.setenv("CHAOSKIT_RUNS", "2")
    assert chaoskit(*words).object["runs"] == 2
    assert chaoskit(*words, "--runs", "1").object["runs"] == 1
    monkeypatch.setenv("CHAOSKIT_RUNS", "none")
    refused = chaoskit(*words)
    assert (refused.code, "but got CHAOSKIT_RUNS='none'" in refused.err) == (2, True)
    assert chaoskit("run", "mine.py:honest", *SMALL[:-2], "--config", "chaos.toml").code == 0


def _hear_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would what it starts in its turn."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _started(model: str, *arguments: str) -> subprocess.Popen[str]:
    """An endless soak in a process of its own, once it has made some runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chaoskit.cli", "soak", f"mine.py:{model}", *SMALL, "--for", "1h", "--jobs", "2", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
        start_new_session=True,
    )
    kept = Path(f".chaoskit/soaks/{model}-1-1/soak.json")
    end = time.monotonic() + SECONDS_MAX
    while not (kept.is_file() and json.loads(kept.read_text())["runs"] > 0):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "the soak did not begin"
        time.sleep(0.05)
    return process


def test_ctrl_c_keeps_what_was_found(workplace: Path) -> None:
    """Exit code 130; the record is complete and says why it ended, the page and the run of the class are there."""
    process = _started("liar")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, err) == (130, "")
    found = record("liar-1-1")
    assert (found["complete"], found["stopped"]) == (True, "interrupted")
    assert found["statuses"]["invalid"] == found["runs"] == len(found["classes"][0]["seeds"])
    assert "interrupted" in out
    assert Path(".chaoskit/soaks/liar-1-1/phantom-read-1/report.html").is_file()
    assert Path(".chaoskit/soaks/liar-1-1/index.html").is_file()


def test_sigterm_keeps_what_was_found(workplace: Path) -> None:
    """Exit code 143; all else as after Ctrl-C, and no process is left. A group that is ended whole loses no run by that."""
    process = _started("liar")
    children = _children(process)
    os.killpg(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, err) == (143, "")
    found = record("liar-1-1")
    assert (found["complete"], found["stopped"]) == (True, "interrupted")
    assert found["statuses"]["invalid"] == found["runs"] == len(found["classes"][0]["seeds"])
    assert "interrupted" in out
    assert Path(".chaoskit/soaks/liar-1-1/phantom-read-1/report.html").is_file()
    _wait_for_the_end_of(children)


def test_ctrl_c_while_a_class_is_shrunk_keeps_its_run(workplace: Path) -> None:
    """Exit code 130; the run is whole and reported, and what shrinking had come to, if anything, is its story."""
    words = ["soak", "raft", "--bug", "stale-read", "--seed", "2", "--runs", "1", "--jobs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "chaoskit.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hear_ctrl_c
    )
    directory = Path(".chaoskit/soaks/raft-2-1/stale-read-2")
    end = time.monotonic() + SECONDS_MAX
    while not (directory / "verdict.json").is_file():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "the class was not kept"
        time.sleep(0.05)
    time.sleep(0.5)  # it is being shrunk
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 130
    found = record("raft-2-1")
    assert (found["complete"], found["stopped"]) == (True, "interrupted")
    (kept,) = found["classes"]
    assert (kept["run"], kept["problem"]) == ("stale-read-2", None)
    assert kept["story"] is None or kept["story"]["stopped"] == "interrupted"
    assert (directory / "report.html").is_file()


def test_a_killed_worker_is_replaced(workplace: Path) -> None:
    """kill -9 of one of its processes: its seed is told, the soak goes on, and Ctrl-C ends it as ever."""
    process = _started("honest")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert len(workers) == 2
    os.kill(int(workers[0]), signal.SIGKILL)
    runs, end = record()["runs"], time.monotonic() + SECONDS_MAX
    while record()["runs"] < runs + 20:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "the soak did not go on"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 130
    found = record()
    (lost,) = found["unjudged"]
    assert lost["reason"] == "the process that made the run was killed by SIGKILL"
    assert f"note: seed {lost['seed']} is lost: the process that made the run was killed by SIGKILL" in err
    assert found["statuses"]["lost"] == 1
    assert found["statuses"]["valid"] == found["runs"] - 1


def test_kill_9_leaves_a_record_and_no_process(workplace: Path) -> None:
    """The record says that it is not finished, and the processes that made runs leave by themselves."""
    process = _started("liar")
    children = _children(process)
    process.kill()
    process.communicate(timeout=SECONDS_MAX)
    found = record("liar-1-1")
    assert (found["complete"], found["stopped"]) == (False, None)
    assert found["classes"][0]["shape"]["fingerprint"]["kind"] == "phantom-read"
    _wait_for_the_end_of(children)


def _children(process: subprocess.Popen[str]) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def _wait_for_the_end_of(children: list[int]) -> None:
    end = time.monotonic() + SECONDS_MAX
    while any(_is_running(child) for child in children):
        assert time.monotonic() < end, "processes are left behind"
        time.sleep(0.05)


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
