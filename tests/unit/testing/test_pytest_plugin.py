"""The pytest plugin, from outside: test files of a stranger in a fresh directory, run by pytest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chaoskit import catalogue
from chaoskit.models.abd import abd
from chaoskit.testing import running, small_world

LOADED = (abd, running, small_world)  # pytester takes away what a test run imports, and numpy can be imported only once
pytest_plugins = ["pytester"]

MODELS = Path(__file__).parents[2] / "cli" / "models_of_mine.py"
QUICK = "ops=20, nodes=3, nemesis='none'"
SCREEN = 24


@pytest.fixture(autouse=True)
def models(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models of a person's own beside the tests, and an environment without settings."""
    shutil.copy(MODELS, pytester.path / "mine.py")
    monkeypatch.delenv("CHAOSKIT_SEED", raising=False)
    monkeypatch.delenv("CI", raising=False)
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:randomly\nfilterwarnings = error\n")


def write(pytester: pytest.Pytester, model: str = "liar", *, body: str = "pass", argument: str = "", **settings: object) -> None:
    """A test file with one marked test."""
    given = ", ".join([f"model='mine.py:{model}'", QUICK, *(f"{name}={value!r}" for name, value in settings.items())])
    pytester.makepyfile(
        test_it=f"import pytest\n\n@pytest.mark.chaoskit({given})\ndef test_it({argument}):\n    '''It holds.'''\n    {body}\n"
    )


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A test run as if in a process of its own: pytester forgets the models of an earlier one, and so must the catalogue."""
    catalogue._import.cache_clear()
    return pytester.runpytest(*arguments)


def failing(pytester: pytest.Pytester) -> dict[str, list[int]]:
    """The failing seeds in the cache."""
    return dict(json.loads((pytester.path / ".pytest_cache" / "v" / "chaoskit" / "failing").read_text()))


def items(result: pytest.RunResult) -> list[str]:
    """The seeds of the items, in their order."""
    lines = [line for line in result.outlines if "::test_it[seed-" in line and "PASSED" in line]
    return [line.partition("seed-")[2].partition("]")[0] for line in lines]


def test_every_seed_is_an_item_and_its_body_runs(pytester: pytest.Pytester) -> None:
    """Named by its seed; the run is there for the body; nothing is left behind of runs that hold; the seeds are printed."""
    write(pytester, "honest", seeds=3, argument="chaoskit_run", body="assert chaoskit_run.verdict.is_valid")
    result = run(pytester, "-v")
    result.assert_outcomes(passed=3)
    assert items(result) == ["1", "2", "3"]
    result.stdout.fnmatch_lines(["chaoskit: test_it.py::test_it tried with seeds 1-3"])
    assert not (pytester.path / ".chaoskit").exists()


def test_a_failure_fits_a_screen_and_says_how_to_go_on(pytester: pytest.Pytester) -> None:
    """The smallest story, the report's path, and command lines that run, repeat and paste it; the body is not reached."""
    write(pytester, seeds=[7], body="raise ZeroDivisionError")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    lines = result.outlines
    begin = next(place for place, line in enumerate(lines) if line.startswith("INVALID  phantom-read"))
    end = next(place for place, line in enumerate(lines) if line.startswith("paste "))
    assert end - begin + 1 <= SCREEN
    told = dict(line.split(maxsplit=1) for line in lines[end - 4 : end + 1])
    assert any(line.startswith("  Needed") for line in lines[begin:end])
    assert (pytester.path / told["report"]).is_file()
    assert told["reproduce"] == "chaoskit run mine.py:liar --seed 7 --nodes 3 --ops 20 --nemesis none"
    assert told["test"] == "pytest test_it.py::test_it --chaoskit-seed=7"
    assert told["paste"] == "chaoskit show .chaoskit/runs/liar-7-1 --as pytest"
    assert "→ 1 op, 0 → 0 faults" in told["Shrunk:"]
    assert "ZeroDivisionError" not in result.stdout.str()
    again = run(pytester, "test_it.py::test_it", "--chaoskit-seed=7")
    again.assert_outcomes(failed=1)


def test_runs_that_prove_little_are_told(pytester: pytest.Pytester) -> None:
    """They pass; but whoever asked for faults learns that none of them met an operation."""
    write(pytester, "honest", seeds=2)
    assert "proves little" not in run(pytester).stdout.str(), "no faults were asked for"
    file = pytester.path / "test_it.py"
    file.write_text(file.read_text().replace("nemesis='none'", "nemesis='kill', nemesis_interval='1h'"))
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["chaoskit: * proves little with seeds 1-2: no fault overlapped any operation*"])


def test_failing_seeds_are_tried_first_until_they_pass(pytester: pytest.Pytester) -> None:
    """Also one that is not among the test's own; what was not tried stays."""
    write(pytester, seeds=2)
    run(pytester, "--chaoskit-seed=9").assert_outcomes(failed=1)
    run(pytester, "--chaoskit-seeds=4..5").assert_outcomes(failed=3)  # and 9
    assert sorted(failing(pytester)["test_it.py::test_it"]) == [4, 5, 9]
    write(pytester, "honest", seeds=2)
    run(pytester, "--chaoskit-seed=5").assert_outcomes(passed=1)
    assert sorted(failing(pytester)["test_it.py::test_it"]) == [4, 9]
    result = run(pytester, "-v")
    assert items(result) in (["9", "4", "1", "2"], ["4", "9", "1", "2"])
    assert failing(pytester) == {}


def test_works_with_xdist(pytester: pytest.Pytester) -> None:
    """Seeds go to workers, runs into directories of their own, and the failing ones into the one cache."""
    pytest.importorskip("xdist")
    write(pytester, seeds=4, shrink=False)
    result = pytester.runpytest_subprocess("-n", "2", "--chaoskit-seeds=2")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["chaoskit: test_it.py::test_it tried with seeds 1-2, failed with 1-2"])
    assert sorted(failing(pytester)["test_it.py::test_it"]) == [1, 2]
    runs = pytester.path / ".chaoskit" / "runs"
    assert sorted(path.name for path in runs.iterdir() if path.is_dir()) == ["liar-1-1", "liar-2-1"]


@pytest.mark.parametrize(
    ("tier", "ran"),
    [(None, ["commit", "unmarked"]), ("staging", ["commit", "pr", "staging", "unmarked"])],
)
def test_a_flag_selects_tiers(pytester: pytest.Pytester, tier: str | None, ran: list[str]) -> None:
    """A tier and those before it; a test without one always runs; `staging` only when asked for."""
    tests = "".join(f"@pytest.mark.tier_{name}\ndef test_{name}():\n    pass\n\n" for name in ("commit", "pr", "staging"))
    pytester.makepyfile(test_it=f"import pytest\n\n{tests}def test_unmarked():\n    pass\n")
    result = run(pytester, "-v", *([] if tier is None else [f"--chaoskit-tier={tier}"]))
    result.assert_outcomes(passed=len(ran), deselected=4 - len(ran))
    assert sorted(line.split("::test_")[1].split()[0] for line in result.outlines if "PASSED" in line) == ran


def test_a_model_is_an_object_a_name_or_a_file(pytester: pytest.Pytester) -> None:
    """An object is found again by the file that it stands in; a file may stand beside the test."""
    folder = pytester.mkdir("tests")
    shutil.move(pytester.path / "mine.py", folder / "theirs.py")
    marks = ["model=honest", "model='abd'", "model='theirs.py:honest'", "honest"]
    tests = "".join(f"@pytest.mark.chaoskit({mark}, {QUICK})\ndef test_{n}():\n    pass\n\n" for n, mark in enumerate(marks))
    (folder / "test_models.py").write_text(f"import pytest\nfrom theirs import honest\n\n{tests}")
    run(pytester, "--chaoskit-seeds=1").assert_outcomes(passed=4)


MISTAKES = {
    "model='raf'": "unknown model 'raf'. Did you mean 'raft'? See 'chaoskit list models'.",
    "model='abd', nemsis='kill'": "unknown setting of @pytest.mark.chaoskit 'nemsis'. Did you mean 'nemesis'?",
    "model='abd', op_timeout='5'": "expected a duration with its unit (one of * but got op_timeout='5'; write e.g. '5s'.",
    "model='abd', time_limit=20": "expected a text with its unit, such as '20s', but got time_limit=20.",
    "model='abd', nemesis=['kill']": "expected a text as for the flag of that name but got nemesis=['kill']; see 'chaoskit run *",
    "model='abd', bug=3": "expected a name or a list of names but got bug=3.",
    "model='abd', network='latency=5'": "expected a duration with its unit (one of * but got latency='5'; write e.g. '5s'.",
    "model=7": "expected model= to be a Model, a name or path/to/file.py:NAME but got model=7.",
    "seeds=2": "expected a model but the mark names none; write e.g. @pytest.mark.chaoskit(model='raft', seeds=20).",
    "'abd', 7": "expected one model and no other argument without a name; write e.g. *",
}


def test_what_is_not_understood_is_told_without_a_trace(pytester: pytest.Pytester) -> None:
    """As the command line would tell it."""
    tests = "".join(f"@pytest.mark.chaoskit({mark})\ndef test_{n}():\n    pass\n\n" for n, mark in enumerate(MISTAKES))
    pytester.makepyfile(test_it=f"import pytest\n\n{tests}")
    result = run(pytester, "--chaoskit-seeds=1")
    result.assert_outcomes(errors=len(MISTAKES))
    for message in MISTAKES.values():
        result.stdout.fnmatch_lines([message.replace("[", "[[]")])
    assert "another exception" not in result.stdout.str(), "each is told once"
    assert "plugin.py" not in result.stdout.str()


@pytest.mark.parametrize(
    ("variable", "seeds", "told"),
    [("oops", "2", "CHAOSKIT_SEED: expected a seed, a whole number or 0x…, but got 'oops'."), ("", "0", "*but got seeds=0.")],
)
def test_seeds_that_are_none_are_told_at_collection_without_a_trace(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variable: str, seeds: str, told: str
) -> None:
    """With the test whose they are."""
    monkeypatch.setenv("CHAOSKIT_SEED", variable)
    pytester.makepyfile(test_it=f"import pytest\n\n@pytest.mark.chaoskit(model='abd', seeds={seeds})\ndef test_n():\n    pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"test_it.py::test_n: {told}"])
    assert "plugin.py" not in result.stdout.str()


@pytest.mark.parametrize("flag", ["--chaoskit-seed=x", "--chaoskit-seeds=9..3"])
def test_a_flag_that_is_none_is_a_usage_error(pytester: pytest.Pytester, flag: str) -> None:
    """Before anything is collected, with pytest's exit code for it."""
    result = run(pytester, flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {flag.partition('=')[0]}: expected * but got '*'."])


def test_a_model_that_is_not_deterministic_is_told_apart(pytester: pytest.Pytester) -> None:
    """The run that is kept is not the one that failed: no story is told of it."""
    write(pytester, "moody", seeds=1)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the same plan gives another run each time, *"])


def test_a_model_that_breaks_its_contract_fails_by_name(pytester: pytest.Pytester) -> None:
    """With the run kept."""
    write(pytester, "broken", seeds=1)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    told = "the model broke its contract: the client raised ZeroDivisionError: *, in line * of mine.py *"
    result.stdout.fnmatch_lines([told, "report *"])


def test_a_start_without_marked_tests_imports_nothing_of_the_engine(pytester: pytest.Pytester) -> None:
    """Neither numpy nor Hypothesis nor our rooms; and a marked test runs where Hypothesis cannot be imported."""
    pytester.makeconftest(
        "import sys\nsys.modules['hypothesis'] = None\n\ndef pytest_unconfigure():\n    print('loaded', *sorted(sys.modules))\n"
    )
    quiet = ("-p", "no:hypothesispytest", "-p", "no:xdist", "-s")
    pytester.makepyfile(test_it="def test_plain():\n    pass\n")
    result = pytester.runpytest_subprocess(*quiet)
    result.assert_outcomes(passed=1)
    loaded = next(line for line in result.outlines if "loaded" in line).split()
    assert {name for name in loaded if name.startswith("chaoskit")} == {
        "chaoskit",
        "chaoskit.testing",
        "chaoskit.testing.plugin",
        "chaoskit.testing.seeds",
    }
    assert not {"numpy", "msgspec", "networkx", "typer"} & set(loaded)
    write(pytester, "honest", seeds=1)
    pytester.runpytest_subprocess(*quiet).assert_outcomes(passed=1)


def test_a_world_is_handed_to_its_test(pytester: pytest.Pytester) -> None:
    """One seed unless it says more; when the test fails, its history is shown with it."""
    settings = {"workload": "register", "clients": 2}
    write(pytester, "honest", argument="world", body="assert world.do('write', 'k0', 1).type == 'fail'", **settings)
    result = run(pytester, "--chaoskit-seeds=5")
    result.assert_outcomes(failed=1)
    shown = ["*- Captured chaoskit call -*", "at 0.0* s, the last 2 of 2 events:", "* 0 invoke write k0 1", "* 0 ok write k0 1"]
    result.stdout.fnmatch_lines(shown)


@pytest.mark.parametrize("fixture", ["world", "chaoskit_run"])
def test_a_fixture_without_a_mark_says_what_is_missing(pytester: pytest.Pytester, fixture: str) -> None:
    """A model must be named."""
    pytester.makepyfile(test_it=f"def test_it({fixture}):\n    pass\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["expected a test with @pytest.mark.chaoskit(model=…), which says what to run; mark it."])
