"""Op maps that are read by the hundred: which shapes are taken, and that every broken one still names its line."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch

import pytest

from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.formats import edn, edn_forms, edn_rows
from chaoskit.formats.edn_forms import Name


def slowly(text: str) -> History:
    """The history as it is read without shapes."""
    with patch.object(edn_rows, "SHAPES_MAX", 0):
        return edn.read(text)


def forms_read_slowly(text: str) -> int:
    """How many op maps the form reader had to read token by token."""
    maps = 0
    original = edn_forms.FormReader.next

    def counted(self: Any) -> Any:
        nonlocal maps
        form = original(self)
        maps += isinstance(form, dict)
        return form

    with patch.object(edn_forms.FormReader, "next", counted):
        edn.read(text)
    return maps


def lines(template: str, count: int = 300) -> str:
    return "".join(template.replace("%", str(number)) for number in range(count))


@pytest.mark.parametrize(
    "template",
    [
        "{:index %, :time 1%, :type :ok, :process 0, :f :read, :value nil}\n",
        "{:type :ok :f :cas :value [% 5] :process 1}",
        "#jepsen.history.Op{:index %, :type :ok, :process 1, :f :txn, :value [[:append :x %] [:r :x [1 (2)]]]}\n",
        '{:process :nemesis, :type :info, :f :start, :value "n%", :error [:a "b"]}, ',
        "{:type :ok, :process 7, :f :read, :value -%.5}\n",
        "{:type :ok, :process 7, :value [[:append :x %] [:r :x nil]]}\n",
        "{:type :ok, :process 7, :f nil, :value [[:append :x %] [:r :x nil]]}\n",
        '{:node "n1", :type :ok,\n :process 7, :f :read, :extra-1 :x, :value %}\n',
    ],
)
def test_op_maps_that_are_written_alike_are_not_read_token_by_token(template: str) -> None:
    """The first teaches the shape; the same history comes out as without."""
    for text in (lines(template), f"[{lines(template)}]"):
        assert forms_read_slowly(text) <= 2
        assert edn.read(text) == slowly(text)


def test_fields_that_not_every_op_map_has_are_learned() -> None:
    """An invocation has no value, a failure has an error: one shape holds them all."""
    invoke = "{:type :invoke, :f :read, :process 1, :time %}\n"
    fail = "{:type :fail, :f :read, :value %, :process 1, :error :no}\n"
    text = lines(invoke + fail)
    assert forms_read_slowly(text) <= 4
    assert edn.read(text) == slowly(text)


def test_orders_that_contradict_each_other_are_read_all_the_same() -> None:
    """The newest counts, so that a file made of two others is read fast in both halves."""
    one, other = "{:type :ok, :process 1, :f :read, :value %}\n", "{:f :read, :value %, :process 1, :type :ok}\n"
    assert forms_read_slowly(lines(one) + lines(other)) <= 4
    text = lines(one + other)
    assert edn.read(text) == slowly(text)


@pytest.mark.parametrize("odd", ['#inst "x"', "{:a 1}", "#{1}", r'"a\nb"', r"\a", "[[[[[[1]]]]]]", "1N", "x", "12 #_ 5"])
def test_a_value_that_no_shape_takes_is_left_to_the_form_reader(odd: str) -> None:
    """In the middle of many that are taken."""
    template = "{:type :ok, :process 1, :f :write, :value %}\n"
    text = lines(template) + template.replace("%", odd) + "; a comment\n" + lines(template)
    assert edn.read(text) == slowly(text)


@pytest.mark.parametrize("ends", ["", "\n", " ; the end\n", "\n\n#_ {:not :this}"])
def test_lines_are_counted_across_what_is_taken_together(ends: str) -> None:
    """An event that the history refuses, and the end of a cut-off file, have the same line either way."""
    template = "{:type :ok, :process 1, :f :write,\n :value %}\n"
    for text in (lines(template) + f"{{:type :odd, :process 1, :f :write, :value 1}}{ends}", f"[{lines(template)}{ends}"):
        errors = []
        for read in (edn.read, slowly):
            with pytest.raises(FormatError) as caught:
                read(text)
            errors.append(str(caught.value))
        assert errors[0] == errors[1]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("{:type :ok, :process 1, :f :write, :value 007}", "expected a number but got '007'."),
        ("{:type :ok, :process 1, :f :write, :value [1 (2]]}", "expected ')' for '(' of line 301 but got ']'."),
        ("{:type nil, :process 1, :f :write, :value 1}", "expected an event with :type but got {"),
        ("{:type :ok, :process 1, :f nil, :value 1}", "expected what the operation does (f, a name) but got f=None."),
        ("{:type :ok, :process -1, :f :write, :value 1}", "expected a process from 0 to 2147483647 but got process=-1."),
        ("{:type :ok, :process 1, :f :write, :value 99999999999999999999}", "expected integers of at most 64 bits but got"),
        ("{:type :ok, :process 1, :f :write, :value ::x}", "expected a keyword but got '::x'."),
        ("{:type :ok, :process 1, :f :write, :value 1, :value 2}", "expected every key of a map once but one occurs twice."),
    ],
)
def test_a_broken_op_map_among_many_names_its_line(broken: str, reason: str) -> None:
    """What is taken together is not blamed together."""
    template = "{:type :ok, :process 1, :f :write, :value %}\n"
    with pytest.raises(FormatError, match="^" + re.escape(f"f, line 301: {reason}")):
        edn.read(f"{lines(template)}{broken}\n{lines(template)}", file="f")


def test_a_field_that_is_passed_over_is_still_checked() -> None:
    """A file that is no EDN is not half believed."""
    template = "{:type :ok, :process 1, :f :write, :value %, :note %}\n"
    with pytest.raises(FormatError, match=r"^f, line 301: expected a number but got '0x'\."):
        edn.read(lines(template) + template.replace("%", "0x"), file="f")
    with pytest.raises(FormatError, match=r"^f, line 301: expected a number but got '0x'\."):
        edn.read(lines(template.replace("note", "line")) + template.replace("note %", "line 0x"), file="f")


def test_op_maps_of_very_many_fields_teach_nothing() -> None:
    """A pattern of thousands of groups would take longer to make than the file to read."""
    fields = " ".join(f":x{number} {number}" for number in range(20_000))
    text = f"{{:type :ok, :process 1, :f :read, :value 1, {fields}}}\n" * 2
    assert forms_read_slowly(text) == 2
    assert len(edn.read(text)) == 2


def test_spellings_are_forgotten_before_they_fill_memory() -> None:
    """A million different values are not a million remembered ones; nothing changes by it."""
    text = lines("{:type :ok, :process 1, :f :cas, :value [% 1]}\n")
    with patch.object(edn_rows, "KNOWN_MAX", 3):
        assert edn.read(text) == slowly(text)


def test_a_list_of_names_is_read_as_the_form_reader_reads_it() -> None:
    """Strings, names and lists within lists."""
    text = '[:a "b c" (1 [nil true]) -5 x/y 2.5]'
    assert edn_rows.Forms()[text] == [Name("a", ":"), "b c", [1, [None, True]], -5, Name("x/y", "'"), 2.5]
