"""Errors say whose fault it is and what was meant."""

from __future__ import annotations

import pytest

from chaoskit.core.errors import ChaoskitError, FormatError, InternalError, ModelError, StoreError, UsageError, unknown_name

MODELS = ["raft", "abd", "primary_backup", "gossip"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raftt", "unknown model 'raftt'. Did you mean 'raft'? See 'chaoskit list models'."),
        ("primary-backup", "unknown model 'primary-backup'. Did you mean 'primary_backup'? See 'chaoskit list models'."),
        ("zzz", "unknown model 'zzz'. Expected one of: abd, gossip, primary_backup, raft. See 'chaoskit list models'."),
        ("", "unknown model ''. Expected one of: abd, gossip, primary_backup, raft. See 'chaoskit list models'."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, message: str) -> None:
    """Or with all, where none is near."""
    assert str(unknown_name("model", name, MODELS, listing="models")) == message


def test_an_unknown_name_of_an_empty_table_says_so() -> None:
    """A model may have no bugs."""
    assert str(unknown_name("bug of abd", "x", [])) == "unknown bug of abd 'x'. There are none."


def test_a_format_error_names_file_line_and_reason() -> None:
    """It is the person's input."""
    error = FormatError("expected an op", file="a.edn", line=3)
    assert str(error) == "a.edn, line 3: expected an op"
    assert str(FormatError("expected JSON")) == "<input>: expected JSON"
    assert (error.reason, error.file, error.line) == ("expected an op", "a.edn", 3)
    assert isinstance(error, UsageError)


def test_every_error_on_purpose_has_one_base() -> None:
    """The command line maps them to exit codes."""
    for error in (UsageError, ModelError, InternalError, StoreError):
        assert issubclass(error, ChaoskitError)
