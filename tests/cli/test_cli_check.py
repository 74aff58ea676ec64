"""`chaoskit check`: a history from elsewhere, judged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command

VALID = """{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value 1}
{:process 1, :type :invoke, :f :read, :value nil}
{:process 1, :type :ok, :f :read, :value 1}
"""
STALE = f"""{VALID}{{:process 0, :type :invoke, :f :write, :value 2}}
{{:process 0, :type :ok, :f :write, :value 2}}
{{:process 1, :type :invoke, :f :read, :value nil}}
{{:process 1, :type :ok, :f :read, :value 1}}
"""


@pytest.fixture(autouse=True)
def histories(workplace: Path) -> None:
    """Two files in the working directory."""
    Path("valid.edn").write_text(VALID)
    Path("stale.edn").write_text(STALE)


def test_a_valid_history_is_told_in_one_line(chaoskit: Command) -> None:
    """Verdict, specification, size and effort; exit code 0; nothing is written."""
    printed = chaoskit("check", "valid.edn", "--spec", "register", "--no-power")
    assert printed.code == 0
    assert re.fullmatch(r"VALID  linearizable register · 2 operations, 1 key · 1 state\n", printed.out)
    assert not Path(".chaoskit").exists()


def test_a_violation_is_drawn_and_explained(chaoskit: Command) -> None:
    """Diagram and sentences, of the same evidence as a run's, without a word of faults that nobody knows of."""
    printed = chaoskit("check", "stale.edn", "--spec", "register")
    assert printed.code == 1
    assert printed.lines[0] == "INVALID  stale-read"
    assert re.search(r"^  c0  w4  write 2 +\|", printed.out, re.MULTILINE)
    assert re.search(r"^  1\. ", printed.out, re.MULTILINE)
    assert "fault" not in printed.out


def test_a_quiet_check_prints_the_verdict_line(chaoskit: Command) -> None:
    """-q leaves the diagram out; --exit-zero the exit code."""
    printed = chaoskit("check", "stale.edn", "--spec", "register", "-q", "--exit-zero")
    assert (printed.code, printed.out) == (0, "INVALID  stale-read\n")


def test_json_has_the_keys_scripts_rely_on(chaoskit: Command) -> None:
    """One object and nothing else."""
    found = chaoskit("check", "stale.edn", "--spec", "cas-register:initial=0", "--json").object
    assert found.keys() == {
        "verdict", "reason", "spec", "consistency", "ops", "keys", "keys_not_judged", "keys_not_explained", "anomalies",
        "witness", "staleness", "power", "configurations", "seconds",
    }  # fmt: skip
    assert (found["verdict"], found["reason"], found["spec"], found["ops"], found["keys"]) == (
        "invalid", None, "cas-register:initial=0", 4, 1,
    )  # fmt: skip
    assert found["anomalies"][0]["kind"] == "stale-read"
    assert found["anomalies"][0].keys() >= {"checker", "keys", "ops", "summary", "order", "states", "pending", "previous_ok"}
    assert found["seconds"].keys() == {"parse", "check"}


def test_a_budget_that_is_used_up_is_unknown(chaoskit: Command) -> None:
    """Exit code 3, and the reason says what to change."""
    lines = [
        f"{{:process {process}, :type {kind}, :f :write, :value {process}}}\n"
        for kind in (":invoke", ":ok")
        for process in range(9)
    ]
    lines += [f"{{:process 9, :type {kind}, :f :read, :value {value}}}\n" for kind, value in ((":invoke", "nil"), (":ok", 4))]
    Path("wide.edn").write_text("".join(lines))
    printed = chaoskit("check", "wide.edn", "--spec", "register", "--budget", "states=1")
    assert printed.code == 3
    assert re.match(r"UNKNOWN  gave up .* try --budget states=10", printed.out)


def test_keyed_values_are_one_object_each(chaoskit: Command) -> None:
    """With --keyed a value is [key value], as Jepsen's independent tests write it."""
    Path("keyed.edn").write_text(re.sub(r":value (\S+)}", r":value [k \1]}", VALID))
    found = chaoskit("check", "keyed.edn", "--spec", "register", "--keyed", "--json").object
    assert (found["verdict"], found["keys"]) == ("valid", 1)


def test_a_broken_line_is_told_with_its_number(chaoskit: Command) -> None:
    """File, line and reason; exit code 2."""
    Path("broken.edn").write_text(VALID + "{:process 0, :type :maybe, :f :read, :value nil}\n")
    printed = chaoskit("check", "broken.edn", "--spec", "register")
    assert printed.code == 2
    assert printed.err.startswith("error: broken.edn, line 5: ")
    assert printed.err.count("\n") == 1


def test_a_kept_run_is_a_history_too(chaoskit: Command, liar: Path) -> None:
    """A run directory is judged by its history alone."""
    printed = chaoskit("check", str(liar), "--spec", "register", "-q")
    assert printed.code == 1
    assert printed.out.startswith("INVALID  phantom-read · key k")


def test_a_weaker_promise_needs_no_specification(chaoskit: Command) -> None:
    """The stale read is none to a process that has seen nothing newer."""
    printed = chaoskit("check", "stale.edn", "--consistency", "sequential")
    assert (printed.code, printed.out) == (0, "VALID  sequential · 4 operations, 1 key\n")


def test_several_levels_are_told_one_after_the_other(chaoskit: Command) -> None:
    """Each with its name, the broken ones explained; session stands for four."""
    write_then_read_nil = f"{VALID}{{:process 0, :type :invoke, :f :read}}\n{{:process 0, :type :ok, :f :read, :value nil}}\n"
    Path("back.edn").write_text(write_then_read_nil)
    printed = chaoskit("check", "back.edn", "--consistency", "session,pram")
    assert printed.code == 1
    assert [line for line in printed.lines if re.match("[A-Z]", line)] == [
        "INVALID  read-your-writes · own-write-forgotten",
        "VALID  monotonic-reads · 3 operations, 1 key",
        "VALID  monotonic-writes · 3 operations, 1 key",
        "VALID  writes-follow-reads · 3 operations, 1 key",
        "INVALID  pram · own-write-forgotten",
    ]
    assert "  2. r4 returned nil, which was there only before any write: a contradiction." in printed.lines


def test_json_names_every_level(chaoskit: Command) -> None:
    """The verdict is the worst of them; each anomaly says whose it is."""
    found = chaoskit("check", "stale.edn", "--spec", "register", "--consistency", "linearizable, causal", "--json").object
    assert [(level["name"], level["verdict"]) for level in found["consistency"]] == [
        ("linearizable", "invalid"),
        ("causal", "valid"),
    ]
    assert (found["verdict"], found["spec"], [anomaly["checker"] for anomaly in found["anomalies"]]) == (
        "invalid", "register", ["linearizable"],
    )  # fmt: skip
    assert found["staleness"] == {"lower": 2, "upper": 2, "key": None}


def test_the_staleness_of_a_register_is_told(chaoskit: Command) -> None:
    """After the anomalies, where reads were stale."""
    printed = chaoskit("check", "stale.edn", "--spec", "register")
    assert printed.lines[-1] == "  Every read returned one of the last 2 values written (k=2)."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--consistency sequentail", "unknown consistency level 'sequentail'. Did you mean 'sequential'? Write"),
        ("--consistency causal,linearizable", "expected a specification but got no --spec; "),
        ("--consistency causal --power", "expected linearizable among the levels for --power but got consistency='causal'."),
        ("--consistency causal --spec set", "expected a register, or no --spec, for 'causal' but got spec='set'; "),
    ],
)
def test_a_level_that_cannot_be_judged_is_refused(chaoskit: Command, arguments: str, message: str) -> None:
    """Before the file is read; exit code 2."""
    printed = chaoskit("check", "stale.edn", *arguments.split())
    assert printed.code == 2
    assert printed.err.startswith(f"error: {message}")


def test_the_power_of_a_valid_history_is_told(chaoskit: Command) -> None:
    """Share by share, with an example and advice, and as data."""
    printed = chaoskit("check", "valid.edn", "--spec", "register", "--power")
    assert printed.code == 0
    assert printed.lines == [
        "VALID  linearizable register · 2 operations, 1 key · 1 state",
        "",
        "  Had something gone wrong once, would this history have shown it?",
        "    100 % of one-step-stale reads would have been noticed (of 1 tried)",
        "    100 % of lost writes would have been noticed (of 1 tried)",
    ]
    assert chaoskit("check", "valid.edn", "--spec", "register", "--power", "-q").out == f"{printed.lines[0]}\n"
    power = chaoskit("check", "valid.edn", "--spec", "register", "--power", "--json").object["power"]
    assert [(kind["kind"], kind["noticed"], kind["tried"]) for kind in power["kinds"]] == [
        ("stale-read", 1, 1),
        ("lost-write", 1, 1),
    ]


def test_an_invalid_history_has_no_power_to_tell(chaoskit: Command) -> None:
    """The verdict is all there is to say."""
    asked = chaoskit("check", "stale.edn", "--spec", "register", "--power")
    assert (asked.code, asked.out) == (1, chaoskit("check", "stale.edn", "--spec", "register").out)


def test_a_value_written_twice_is_unknown(chaoskit: Command) -> None:
    """Exit code 3 and what to change; the initial value is that of the specification."""
    Path("twice.edn").write_text(f"{VALID}{VALID}")
    printed = chaoskit("check", "twice.edn", "--consistency", "causal")
    assert printed.code == 3
    assert printed.out.startswith("UNKNOWN  causal · r2 returned 1, which was written 2 times: nobody can tell which it saw")
    Path("zero.edn").write_text(VALID.replace(":value 1", ":value 0"))
    assert chaoskit("check", "zero.edn", "--consistency", "causal", "--spec", "cas-register:initial=0").code == 3


def test_a_valid_history_is_told_with_its_worth(chaoskit: Command) -> None:
    """Unasked, where measuring is quick; --no-power leaves it out, of --json too."""
    assert "of lost writes would have been noticed" in chaoskit("check", "valid.edn", "--spec", "register").out
    assert chaoskit("check", "valid.edn", "--spec", "register", "--json").object["power"]["kinds"]
    assert chaoskit("check", "valid.edn", "--spec", "register", "--no-power", "--json").object["power"] is None


def test_the_order_that_explains_a_valid_history_is_told_when_asked(chaoskit: Command) -> None:
    """--order lists it, an operation a line, by the names that sentences use; --json has it as indices of invocations."""
    printed = chaoskit("check", "valid.edn", "--spec", "register", "--order", "--no-power")
    assert printed.lines[2:] == ["  One order that explains it:", "    c0  w0  write 1", "    c1  r2  read → 1"]
    assert chaoskit("check", "valid.edn", "--spec", "register", "--json").object["witness"] == [{"key": None, "order": [0, 2]}]


def test_where_no_order_goes_on_is_told_when_asked(chaoskit: Command) -> None:
    """The longest order, what it leads to and why that does not fit, and what was under way: as text, and always in --json."""
    Path("pending.edn").write_text("{:process 7, :type :invoke, :f :write, :value 5}\n" + STALE)
    printed = chaoskit("check", "pending.edn", "--spec", "register", "--order")
    rest = printed.lines[printed.lines.index("  One order, as far as any goes that was found:") :]
    assert rest[1:-1] == [
        "    c0  w1  write 1",
        "    c1  r3  read → 1",
        "    c0  w5  write 2",
        "    c7  w0  write 5",
        "",
        "  What such orders lead to, and why it does not fit:",
        "    2: 2≠1",
        "    5: 5≠1",
        "",
        "  Under way, or never answered, when it failed:",
        "    c7  w0  write 5",
        "",
    ]
    (anomaly,) = chaoskit("check", "pending.edn", "--spec", "register", "--json").object["anomalies"]
    assert (anomaly["order"], anomaly["pending"], anomaly["previous_ok"]) == ([1, 3, 5, 0], [0], 6)
    assert {"state": "2", "reason": "2≠1"} in anomaly["states"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", None),
        (
            "{:type :info, :process :nemesis, :f :kill}",
            "no client did anything in this history, so that a verdict on it says nothing.",
        ),
        (
            "{:type :invoke, :process 0, :f :write, :value 7} {:type :invoke, :process 0, :f :read} "
            "{:type :invoke, :process 0, :f :read}",
            "process 0 went on before its write of index 0 had an end; that one, and 1 more operation, counts as never answered. "
            "Clients that do several things at once need a process number for each.",
        ),
        (
            '{:type :invoke, :process 0, :f :read, :value ["x" nil]} {:type :ok, :process 0, :f :read, :value ["x" 1]}',
            "every value is a pair whose second part is nil where a read begins. If these are [key value], as in Jepsen's "
            "independent tests, read them so with --keyed: without it this verdict means nothing.",
        ),
    ],
)
def test_what_a_person_should_know_of_a_history_is_noted(chaoskit: Command, text: str, told: str | None) -> None:
    """On stderr, with the verdict as it is; nothing where there is nothing to say."""
    Path("mine.edn").write_text(text or VALID)
    printed = chaoskit("check", "mine.edn", "--spec", "register", "--json")
    assert printed.object["verdict"] == ("invalid" if "x" in text else "valid")
    assert printed.err == (f"note: {told}\n" if told else "")


def test_completions_alone_are_a_history_and_keyed_pairs_read_as_such_are_no_riddle(chaoskit: Command) -> None:
    """Neither is remarked on."""
    Path("ends.edn").write_text("{:type :ok, :process 0, :f :write, :value 1} {:type :ok, :process 1, :f :read, :value 1}")
    assert chaoskit("check", "ends.edn", "--consistency", "causal").err == ""
    Path("keyed.edn").write_text('{:type :invoke, :process 0, :f :read, :value ["x" nil]}')
    assert chaoskit("check", "keyed.edn", "--spec", "register", "--keyed").err == ""


def test_a_specification_that_cannot_begin_is_told_by_its_name(chaoskit: Command) -> None:
    """Its own fault, and no verdict."""
    Path("mine.py").write_text(
        "class Boom:\n    name = 'boom'\n    functions = frozenset({'read', 'write'})\n"
        "    def init(self):\n        raise RuntimeError('no state')\n    def step(self, state, label):\n        pass\n"
    )
    printed = chaoskit("check", "valid.edn", "--spec", "mine.py")
    assert (printed.code, printed.err) == (4, "error: spec 'boom' raised RuntimeError in init(): no state\n")


def test_values_that_a_specification_does_not_know_are_the_histories_fault(chaoskit: Command) -> None:
    """Exit code 2, as for a function that it does not know."""
    Path("mine.edn").write_text("{:type :invoke, :process 0, :f :cas, :value 3} {:type :ok, :process 0, :f :cas, :value 3}")
    printed = chaoskit("check", "mine.edn", "--spec", "cas-register")
    assert (printed.code, printed.out) == (2, "")
    assert printed.err == (
        "error: mine.edn: expected the input of cas to be [old, new] but got input=3, output=3 for 'cas'; "
        "the history does not speak the language of spec 'cas-register'.\n"
    )
