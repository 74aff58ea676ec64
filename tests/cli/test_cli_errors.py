"""Every usage error, read aloud: the whole line, exit code 2, nothing on stdout and nothing run."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command

DURATION = "expected a duration with its unit (one of ns, us, ms, s, m, min, h) but got"
LISTED = "see 'chaoskit list runs'."

ERRORS = {
    "run rafft": "unknown model 'rafft'. Did you mean 'raft'? See 'chaoskit list models'.",
    "run mine.py:honset": "unknown model in mine.py 'honset'. Did you mean 'honest'?",
    "run gone.py": "expected a Python file with a model but there is no file 'gone.py', seen from the working directory.",
    "run --nemesis partiton": "unknown fault family 'partiton'. Did you mean 'partition'? See 'chaoskit list nemeses'.",
    "run --nemesis kill:intervall=5s": (
        "unknown setting of kill 'intervall'. Did you mean 'interval'? See 'chaoskit list nemeses'."
    ),
    "run --bug stale-raed": "unknown bug of raft 'stale-raed'. Did you mean 'stale-read'? See 'chaoskit list bugs'.",
    "run --workload regster": "unknown workload 'regster'. Did you mean 'register'? See 'chaoskit list workloads'.",
    "run --workload register --param kees=3": "unknown parameter of raft with register 'kees'. Did you mean 'keys'?",
    "run --workload register --param reads=100": "expected an integer from 0 to 99 but got reads='100'.",
    "run --param keys": "expected name=value but got param='keys'; write e.g. '--param keys=3'.",
    "run --time-limit 60": f"{DURATION} time-limit='60'; write e.g. '5s'.",
    "run --op-timeout 0s": "expected a duration of more than nothing but got op-timeout='0s'.",
    "run --nemesis-interval fast": f"{DURATION} nemesis-interval='fast'; write e.g. '5s'.",
    "run --nodes five": "expected a whole number such as 2000 or 2k but got nodes='five'.",
    "run --nodes 99": "expected 1 to 25 nodes for raft but got nodes=99.",
    "run --clients 0": "expected at least 1 but got clients='0'.",
    "run --seed abc": "expected a seed (a whole number, hexadecimal such as 0x2a, or random) but got seed='abc'.",
    "run --budget stats=3": "unknown limit 'stats'. Did you mean 'states'? Write e.g. budget='states=2M,wall=60s'.",
    "run --budget wall=60": f"{DURATION} budget wall='60'; write e.g. '5s'.",
    "run --report pdf": (
        "unknown report 'pdf'. Expected one of: github, html, json, junit, none, txt. Write e.g. report='html,txt'."
    ),
    "run --network latencie=5ms": "unknown network setting 'latencie'. Did you mean 'latency'?",
    "run --config gone.toml": "expected a configuration file but 'gone.toml' could not be read: No such file or directory.",
    "run --color blue": "expected auto, always or never but got color='blue'.",
    "run --open --report txt": "expected a page to open but got --open without the html report; add html to --report.",
    "run --nodse 5": "unknown option '--nodse'. Did you mean '--nodes'? See 'chaoskit run --help'.",
    "run one two": "got unexpected extra argument(s) (two). See 'chaoskit run --help'.",
    "rnu": "no such command 'rnu'. Did you mean 'run'? See 'chaoskit --help'.",
    "replay": "missing argument 'RUN'. See 'chaoskit replay --help'.",
    "replay gone": "unknown run 'gone'. There are none. See 'chaoskit list runs'.",
    "replay latest": "expected a latest run but there is none in .chaoskit/runs; make one with 'chaoskit run'.",
    "replay words.txt": "words.txt: expected JSON but got: JSON is malformed: invalid character (byte 0)",
    "replay other.json": "other.json: expected a chaoskit plan but object contains unknown field `a`",
    "show mine.py": f"expected a run directory but got 'mine.py', which has no manifest.json; {LISTED}",
    "report folder": f"expected a run directory but got 'folder', which has no manifest.json; {LISTED}",
    "check mine.py": (
        "expected a specification but got no --spec; write e.g. '--spec cas-register' (see 'chaoskit list specs')."
    ),
    "check gone --spec register": "expected a history file or a run directory but there is nothing at 'gone'.",
    "check mine.py --spec regster": "unknown spec 'regster'. Did you mean 'register'? See 'chaoskit list specs'.",
    "check mine.py --spec register:inital=0": "unknown parameter of spec register 'inital'. Did you mean 'initial'?",
    "check mine.py --spec gone.py:mine": (
        "expected a Python file with a spec but there is no file 'gone.py', seen from the working directory."
    ),
    "check mine.py --spec register --format jsnol": "unknown format 'jsnol'. Did you mean 'jsonl'? See 'chaoskit list formats'.",
    "check other.jsonl --spec mutex": (
        "expected operations of spec 'mutex' (acquire, release) but got f='read' at index 0; choose another spec."
    ),
    "list modles": "unknown kind 'modles'. Did you mean 'models'?",
    "explain stale-raed": (
        "unknown name 'stale-raed'. Did you mean 'stale-read'? "
        "Names are anomalies, checkers, specs, nemeses and bugs of 'chaoskit list', outcomes of sweeps and exit codes."
    ),
    "completion csh": "unknown shell 'csh'. Did you mean 'zsh'?",
}


@pytest.mark.parametrize("line", ERRORS)
def test_a_usage_error_says_what_was_expected_and_what_to_write(chaoskit: Command, line: str) -> None:
    """One line on stderr, exit code 2, no trace, nothing kept."""
    Path("folder").mkdir()
    Path("words.txt").write_text("words")
    Path("other.json").write_text('{"a": 1}')
    Path("other.jsonl").write_text('{"index":0,"type":"invoke","process":0,"f":"read","key":null,"value":null,"time":0}\n')
    printed = chaoskit(*line.split())
    assert (printed.code, printed.out, printed.err) == (2, "", f"error: {ERRORS[line]}\n")
    assert not Path(".chaoskit").exists()


def test_a_file_that_cannot_be_imported_is_its_authors_error(chaoskit: Command) -> None:
    """Exit code 4, no trace."""
    Path("syntax.py").write_text("def f(:\n")
    printed = chaoskit("run", "syntax.py")
    assert printed.code == 4
    assert printed.err.startswith("error: syntax.py could not be imported: SyntaxError: ")
    assert printed.err.count("\n") == 1


def test_a_damaged_run_names_the_file_and_the_line(chaoskit: Command, honest: Path) -> None:
    """Exit code 4: it is nobody's input that is wrong."""
    history = honest / "history.jsonl"
    lines = history.read_text().count("\n")
    history.write_text(f"{history.read_text()}garbage\n")
    for command in ("show", "replay", "report"):
        printed = chaoskit(command, "latest")
        assert printed.code == 4
        assert printed.err.startswith(f"error: {history} is damaged: line {lines + 1}: expected one event as a JSON object")


def test_a_run_that_was_changed_afterwards_is_damaged(chaoskit: Command, honest: Path) -> None:
    """Replay verifies the recording first, so that an edited file is not taken for nondeterminism."""
    history = honest / "history.jsonl"
    history.write_text(history.read_text().replace('"ok"', '"info"', 1))
    printed = chaoskit("replay", "latest")
    assert printed.code == 4
    assert printed.err.startswith(f"error: {history} is damaged: expected the history digest ")


def test_a_plan_with_impossible_weather_is_refused(chaoskit: Command, honest: Path) -> None:
    """A plan that somebody edited is their input: exit code 2."""
    Path("plan.json").write_text((honest / "plan.json").read_text().replace('"loss": 0', '"loss": "much"'))
    printed = chaoskit("replay", "plan.json", "-qq")
    assert printed.code == 2
    assert printed.err.startswith("error: expected the cluster's network settings but got ")


def test_a_disk_that_cannot_be_written_is_told_in_a_sentence(quick: Command) -> None:
    """Exit code 4, and what was recorded is kept."""
    Path(".chaoskit").write_text("in the way")
    printed = quick()
    assert printed.code == 4
    assert printed.err.startswith("error: could not write .chaoskit")
    assert "Traceback" not in printed.err


def test_no_arguments_get_help(chaoskit: Command) -> None:
    """Help, and exit code 2: nothing was asked for."""
    printed = chaoskit()
    assert printed.code == 2
    assert printed.out == chaoskit("--help").out
