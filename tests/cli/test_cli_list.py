"""`chaoskit list`: every table, as lines and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command

from chaoskit.cli.listing import KINDS

SOME = {
    "models": "raft",
    "workloads": "register",
    "specs": "cas-register",
    "nemeses": "partition",
    "checkers": "linearizable",
    "formats": "edn",
    "bugs": "stale-read",
}


@pytest.mark.parametrize("kind", SOME)
def test_a_kind_is_a_list_of_names_and_summaries(chaoskit: Command, kind: str) -> None:
    """As lines that begin with the name, and as one JSON list with at least `name` and `summary`."""
    lines, found = chaoskit("list", kind).lines, json.loads(chaoskit("list", kind, "--json").out)
    assert [line.split()[0] for line in lines] == [row["name"] for row in found]
    assert SOME[kind] in [row["name"] for row in found]
    assert all(line.endswith(row["summary"]) and row["summary"] for line, row in zip(lines, found, strict=True))


def test_without_a_kind_the_kinds_are_listed(chaoskit: Command) -> None:
    """So that nobody needs to know them."""
    assert [line.split()[0] for line in chaoskit("list").lines] == list(KINDS)


def test_runs_are_listed_the_newest_first(quick: Command, chaoskit: Command) -> None:
    """With verdict, seed and model; one that cannot be read is listed with what is wrong."""
    assert chaoskit("list", "runs").out == "no runs\n"
    quick("honest")
    quick("liar")
    broken = Path(".chaoskit/runs/odd-1-1")
    broken.mkdir()
    rows = json.loads(chaoskit("list", "runs", "--json").out)
    assert [(row["name"], row["verdict"], row["seed"]) for row in rows] == [
        ("liar-1-1", "invalid", 1), ("honest-1-1", "valid", 1), ("odd-1-1", None, 0),
    ]  # fmt: skip
    assert rows[2]["problem"] in chaoskit("list", "runs").lines[3]
    heads, first, *_ = chaoskit("list", "runs").lines
    assert heads.split() == ["name", "model", "workload", "bug", "seed", "verdict"] and first.endswith("invalid")


def test_bugs_say_what_they_show_as(chaoskit: Command) -> None:
    """A script can tell from the list what to run and what to expect."""
    rows = json.loads(chaoskit("list", "bugs", "--json").out)
    assert all(row["model"] and row["expect"] and row["seeds"] > 0 for row in rows)
