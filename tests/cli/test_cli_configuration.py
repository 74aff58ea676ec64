"""Where settings come from, which one wins, and what `--show-config` says of it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from command_line import Command

from chaoskit.cli.configuration import configure
from chaoskit.core.errors import UsageError
from chaoskit.core.verdict import Budget
from chaoskit.run import draw
from chaoskit.session import command_line, given
from chaoskit.settings import Settings


def test_a_flag_wins_over_the_environment_and_that_over_a_file() -> None:
    """Each setting is taken from the first of the three that gives it."""
    Path("chaos.toml").write_text('nodes = 3\nclients = 4\nops = 50\nrate = "1k"\n')
    configuration = configure(
        {"nodes": "7"}, environment={"CHAOSKIT_NODES": "5", "CHAOSKIT_CLIENTS": "6", "CHAOSKIT_SEED": "0x10"}, file="chaos.toml"
    )
    settings = configuration.settings()
    assert (settings.nodes, settings.clients, settings.ops, settings.rate, settings.seed) == (7, 6, 50, 1000, 16)
    sources = {name: found.source for name, found in configuration.given.items()}
    assert sources == {
        "nodes": "flag --nodes",
        "clients": "environment CHAOSKIT_CLIENTS",
        "seed": "environment CHAOSKIT_SEED",
        "ops": "file chaos.toml",
        "rate": "file chaos.toml",
    }


def test_what_may_be_given_again_adds_up() -> None:
    """Bugs and parameters become lists, faults one schedule; a file may use lists and a table."""
    flags = configure({"bug": ["a", "b"], "nemesis": ["partition", "kill:interval=5s"], "param": ["x=1", "y=2"]}, environment={})
    Path("chaos.toml").write_text('bug = ["a", "b"]\nnemesis = ["partition", "kill:interval=5s"]\n[param]\nx = 1\ny = "2"\n')
    file = configure({}, environment={}, file="chaos.toml")
    for settings in (flags.settings(), file.settings()):
        assert settings.bugs == ("a", "b")
        assert settings.nemesis == "partition;kill:interval=5s"
        assert settings.parameters == {"x": "1", "y": "2"}


def test_show_config_names_every_source_and_runs_nothing(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a setting: what it comes to, and a flag, the environment, a file, a default or the seed as its source."""
    monkeypatch.setenv("CHAOSKIT_CLIENTS", "6")
    Path("chaos.toml").write_text("ops = 50\n")
    printed = chaoskit("run", "mine.py:honest", "--seed", "1", "--config", "chaos.toml", "--show-config")
    assert printed.code == 0
    found = dict(re.findall(r"^([a-z-]+) = .*?  # (.*)$", printed.out, re.MULTILINE))
    assert found["model"] == "argument"
    assert found["seed"] == "flag --seed"
    assert found["clients"] == "environment CHAOSKIT_CLIENTS"
    assert found["ops"] == "file chaos.toml"
    assert found["op-timeout"] == "default"
    assert found["nodes"] == found["rate"] == found["network"] == "drawn from the seed"
    assert not Path(".chaoskit").exists()


def test_what_show_config_prints_is_a_configuration(chaoskit: Command) -> None:
    """Saved and given back with --config, it comes to the same settings; with --json it is one object."""
    printed = chaoskit("run", "mine.py:honest", "--seed", "1", "--show-config")
    Path("chaos.toml").write_text(printed.out)
    again = chaoskit("run", "--config", "chaos.toml", "--show-config")
    assert tomllib.loads(again.out) == tomllib.loads(printed.out)
    one = chaoskit("run", "--config", "chaos.toml", "--show-config", "--json").object
    assert one["seed"] == {"value": 1, "source": "file chaos.toml"}
    assert one["nemesis-interval"] == {"value": None, "source": "drawn from the seed"}


def test_show_config_says_what_a_bug_sets_and_what_no_setting_reaches(chaoskit: Command) -> None:
    """A workload that the bug needs was not drawn; a parameter is a number or a truth; no duration is a row of digits."""
    lines = chaoskit("run", "raft", "--seed", "9", "--bug", "no-sessions", "--param", "batch=4", "--show-config").lines
    assert 'workload = "counter"  # bug no-sessions' in [" ".join(line.split()).replace(" #", "  #") for line in lines]
    table = lines[lines.index("[param]") + 1 : lines.index("# Drawn from the seed too, with no setting of its own:") - 1]
    assert all(re.fullmatch(r"[a-z_]+ = (\d+|true|false) +# (drawn from the seed|flag --param)", line) for line in table)
    assert sum(line.endswith("# flag --param") for line in table) == 1
    assert not re.search(r"\d{6,}(ns|\b)", "\n".join(line for line in lines if not line.startswith(("budget", "time-limit"))))
    assert any(re.match(r'time-limit = "\d+(\.\d+)?s"', line) for line in lines)


def test_a_random_seed_is_another_each_time() -> None:
    """No seed and the word random both mean a seed that chance chooses, and the configuration knows it."""
    configurations = [configure(flags, environment={}) for flags in ({}, {"seed": "random"}, {}, {})]
    assert all(configuration.seed_is_random for configuration in configurations)
    assert len({configuration.seed for configuration in configurations}) == 4


def test_settings_are_a_command_line_and_back() -> None:
    """What `session` prints to make a run again is parsed to the same settings."""
    settings = Settings(
        seed=7, workload="register", bugs=("stale-read",), nodes=4, clients=9, ops=123, rate=45, time_limit=1_500_000_000,
        op_timeout=250_000_000, nemesis="kill:interval=5s;partition", nemesis_interval=3_000_000_000,
        network="latency=5ms,loss=1%", parameters={"keys": "3"}, partition_clients=True,
        budget=Budget(configurations=5000, wall_seconds=1.5),
    )  # fmt: skip
    texts = given(settings)
    repeatable = ("bug", "param", "nemesis")
    flags = {name: list(found) if name in repeatable else found[0] for name, found in texts.items()}
    assert configure({**flags, "seed": "7"}, environment={}).settings() == settings
    assert command_line(Settings(seed=7, network="latency=5ms, loss=1%"), "raft") == (
        "chaoskit run raft --seed 7 --network 'latency=5ms, loss=1%'"
    )


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"nodes": 0}, "expected 1 to 25 nodes for raft but got nodes=0."),
        ({"clients": 0}, "expected 1 to 1000 clients but got clients=0."),
        ({"ops": 0}, "expected 1 to 10,000,000 but got ops=0."),
        ({"rate": 0}, "expected 1 to 1,000,000 but got rate=0."),
        ({"time_limit": 0}, "expected a duration of more than nothing but got time_limit=0."),
        ({"op_timeout": 0}, "expected a duration of more than nothing but got op_timeout=0."),
    ],
)
def test_nothing_is_not_the_same_as_not_given(wish: dict[str, int], error: str) -> None:
    """Who asks for 0 is told so; nothing is drawn in its place."""
    with pytest.raises(UsageError, match=f"^{re.escape(error)}$"):
        draw(Settings(seed=1, **wish), "raft")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("nodse = 5\n", "error: unknown setting in chaos.toml 'nodse'. Did you mean 'nodes'?\n"),
        ("seed = [1, 2]\n", "error: expected a text, a number, true or false but got chaos.toml: seed=[1, 2].\n"),
        ("time-limit = 60\n", None),
        ("nodes = \n", "error: chaos.toml: expected TOML but got: Invalid value (at line 1, column 9)\n"),
        ("[nemesis]\nkill = 3\n", "error: expected a text, a number, true or false but got chaos.toml: nemesis={'kill': 3}.\n"),
    ],
)
def test_a_broken_file_is_told_with_its_place(chaoskit: Command, content: str, error: str | None) -> None:
    """The message names the file and the setting; nothing runs."""
    Path("chaos.toml").write_text(content)
    printed = chaoskit("run", "--config", "chaos.toml")
    assert printed.code == 2
    assert printed.err == (error or (
        "error: expected a duration with its unit (one of ns, us, ms, s, m, min, h) but got chaos.toml: time-limit='60'; "
        "write e.g. '5s'.\n"
    ))  # fmt: skip
    assert not Path(".chaoskit").exists()


def test_an_error_in_the_environment_names_the_variable(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set it long ago finds it again."""
    monkeypatch.setenv("CHAOSKIT_OPS", "many")
    printed = chaoskit("run")
    assert (printed.code, printed.err) == (
        2, "error: expected a whole number such as 2000 or 2k but got CHAOSKIT_OPS='many'.\n"
    )  # fmt: skip


def test_the_manifest_keeps_what_was_given(chaoskit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a setting came from, the run knows it, and its reproduce line needs neither file nor environment."""
    monkeypatch.setenv("CHAOSKIT_NODES", "3")
    Path("chaos.toml").write_text('ops = 20\nnemesis = "none"\nreport = "none"\nseed = 1\nmodel = "mine.py:honest"\n')
    assert chaoskit("run", "--config", "chaos.toml").code == 0
    manifest = json.loads(Path(".chaoskit/runs/honest-1-1/manifest.json").read_text())
    assert manifest["reproduce"] == "chaoskit run mine.py:honest --seed 1 --nodes 3 --ops 20 --nemesis none"
