"""Porcupine's logs: register events among other log lines, time-outs that are errors, and key-value logs in EDN."""

from __future__ import annotations

import re

import pytest

from chaoskit.core.errors import FormatError
from chaoskit.formats import porcupine

LOG = "INFO  jepsen.util - "


def events(text: str) -> list[tuple[object, ...]]:
    return [(op.process, op.type, op.f, op.value, op.error) for op in porcupine.read(text, file="f")]


def test_a_log_line_is_an_event() -> None:
    """With the columns that Jepsen prints, and with tabs or blanks between them."""
    assert events(f"{LOG}4\t:invoke\t:read\tnil\n{LOG}4   :ok  :read  3\n{LOG}1\t:fail\t:cas\t[1 2]") == [
        (4, "invoke", "read", None, None),
        (4, "ok", "read", 3, None),
        (1, "fail", "cas", [1, 2], None),
    ]


def test_a_time_out_is_an_error_of_what_was_asked() -> None:
    """An info keeps what it may have written; a read that timed out has failed, which is how checkers drop it."""
    asked = f"{LOG}0\t:invoke\t:cas\t[1 2]\n{LOG}1\t:invoke\t:read\tnil\n"
    assert events(f"{asked}{LOG}0\t:info\t:cas\t:timed-out\n{LOG}1\t:fail\t:read\t:timed-out")[2:] == [
        (0, "info", "cas", [1, 2], "timed-out"),
        (1, "fail", "read", None, "timed-out"),
    ]


def test_history_txt_needs_no_logger() -> None:
    """Jepsen's history.txt has the same columns, an error after the value, and the nemesis."""
    read = ["0 :invoke :read nil", "0 :info :read nil indeterminate: no, reply"]
    others = [':nemesis :info :start "cut"', "1 :fail :read nil :closed"]
    assert events("\n".join(read + others))[1:] == [
        (0, "info", "read", None, "indeterminate: no, reply"),
        ("nemesis", "info", "start", "cut", None),
        (1, "fail", "read", None, "closed"),
    ]


def test_lines_of_other_loggers_are_passed_over() -> None:
    """A whole jepsen.log may be given."""
    assert len(events(f"INFO  jepsen.core - Running test\n\n{LOG}0\t:invoke\t:read\tnil\n{LOG}Waiting for 3 nodes\n")) == 1


def test_a_key_value_log_is_edn_with_keys() -> None:
    """Porcupine's second kind of log."""
    [op] = porcupine.read('{:process 0, :type :invoke, :f :append, :key "7", :value "x 0 0 y"}')
    assert (op.f, op.key, op.value) == ("append", "7", "x 0 0 y")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "f: expected a log with events but it is empty."),
        ("hello\nworld", "f: expected lines such as 'INFO  jepsen.util - 4 :invoke :read nil' but found none."),
        (f"{LOG}4\t:invoke\t:re", "f, line 1: expected a process, :type, :f and a value but got '4\\t:invoke\\t:re'."),
        (LOG, "f, line 1: expected a process, :type, :f and a value but got ''."),
        (f"{LOG}4\t:done\t:read\tnil", "f, line 1: expected an op type (one of invoke, ok, fail, info) but got type='done'."),
        (f"\n{LOG}4\t:ok\t:cas\t[1 2", "f, line 2: expected ']' for '[' of line 2 but the text ends."),
        (f"{LOG}4\t:ok\t:cas\t]", "f, line 1: expected a value but got ']'."),
        (f"{LOG}9999999999\t:ok\t:read\t1", "f, line 1: expected a process from 0 to 2147483647 but got process=9999999999."),
        ('{:process 0, :type :ok, :f :get, :value ""}\n\n{', "f, line 3: expected '}' for '{' of line 3 but the text ends."),
    ],
)
def test_a_broken_log_is_told_by_file_line_and_reason(text: str, reason: str) -> None:
    """A line that begins as an event must be one; a file without any is no log."""
    with pytest.raises(FormatError, match="^" + re.escape(reason)):
        porcupine.read(text, file="f")


def test_bytes_that_are_not_utf8_name_their_line() -> None:
    """Binary garbage among log lines."""
    with pytest.raises(FormatError, match=r"^f, line 2: expected UTF-8 text"):
        porcupine.read(LOG.encode() + b"0\t:ok\t:read\t1\n\xff", file="f")
