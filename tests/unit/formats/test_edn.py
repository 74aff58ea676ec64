"""EDN histories: the shapes they come in, the values they hold, and how broken ones are refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.formats import edn
from chaoskit.formats.edn_forms import edn_text
from chaoskit.formats.sources import LINE_BYTES_MAX

OK = "{:type :ok, :process 0, :f :read, :value 1}"


def value_of(text: str) -> Any:
    [op] = edn.read(f"{{:type :ok, :process 0, :f :read, :value {text}}}")
    return op.value


@pytest.mark.parametrize(
    "text",
    [
        f"[{OK} {OK}]",
        f"({OK}\n{OK})",
        f"{OK}\n{OK}\n",
        f"{OK}{OK}",
        f"; a comment\n[{OK}, ; another\n {OK}] ; the last",
        f"#jepsen.history.History [#jepsen.history.Op{OK} {OK}]",
        f"#_ {{:not :this}} {OK} #_ #_ 1 2 {OK}",
    ],
)
def test_a_vector_a_list_and_bare_ops_are_the_same_history(text: str) -> None:
    """Jepsen, Knossos and people each have their own way to surround op maps."""
    assert [(op.type, op.process, op.f, op.value) for op in edn.read(text)] == [("ok", 0, "read", 1)] * 2


@pytest.mark.parametrize("text", ["", "  \n", "[]", "()", "; nothing"])
def test_no_ops_are_an_empty_history(text: str) -> None:
    """Emptiness is no brokenness."""
    assert len(edn.read(text)) == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nil", None),
        ("true", True),
        ("-0", 0),
        ("+7", 7),
        ("12N", 12),
        ("0x1F", 31),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("2.5M", 2.5),
        ("1/2", "1/2"),
        ("2/4", "1/2"),
        ("4/2", 2),
        ("##-Inf", float("-inf")),
        (r'"a\"\\\n\té\u00e9"', 'a"\\\n\téé'),
        (r'"\ud83d\ude00"', "😀"),
        ('"two\nlines"', "two\nlines"),
        (r"\a", "a"),
        (r"\newline", "\n"),
        (r"\u0041", "A"),
        (r"[\( \] 1]", ["(", "]", 1]),
        (":x", "x"),
        (":jepsen/x", "jepsen/x"),
        ("sym.bol/x", "sym.bol/x"),
        ("[1 2]", [1, 2]),
        ("(1 2)", [1, 2]),
        ("#{10 9 :b}", [9, 10, "b"]),
        ("{:a 1, :b {}}", {"a": 1, "b": {}}),
        ("{1 :x [2 3] :y}", {"1": "x", "[2 3]": "y"}),
        ('#inst "2026-11-21"', "2026-11-21"),
        ('#object[clojure.lang.Atom 0x2a "x"]', ["clojure.lang.Atom", 42, "x"]),
        ("#user.Record{:a 1}", {"a": 1}),
        ("[1 #_ 2 #_ #_ 3 4 5]", [1, 5]),
        ('#chaoskit/bytes "AP8="', b"\x00\xff"),
    ],
)
def test_a_value_reads_as_its_nearest_kind(text: str, value: Any) -> None:
    """The table of kinds in the module's docstring, one row each."""
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_keywords_of_fields_become_plain_names() -> None:
    """:type, :f and :process are words; the nemesis is a process like another."""
    [op] = edn.read('{:type :info, :process :nemesis, :f :start, :value "cut", :time 5, :error :not-held}')
    assert (op.type, op.process, op.f, op.time, op.error) == ("info", "nemesis", "start", 5, "not-held")


def test_an_error_that_is_no_word_is_kept_as_edn() -> None:
    """Jepsen's errors are often vectors."""
    [op] = edn.read('{:type :fail, :process 0, :f :read, :error [:no-conns "x"]}')
    assert op.error == '[:no-conns "x"]'


def test_a_keyword_keeps_its_colon_where_the_same_string_occurs() -> None:
    """:x and "x" are different values in Clojure; merged, a read of one would witness a write of the other."""
    ops = edn.read("".join(f"{{:type :ok, :process 0, :f :write, :value {text}}}" for text in (":x", '"x"', ":y", r"\x", '":x"')))
    assert [op.value for op in ops] == ["::x", "x", "y", "\\x", ":x"]


def test_keys_and_values_are_told_apart_on_their_own() -> None:
    """A key is never compared with a value, so :a as a key and "a" as a value do not disturb each other."""
    [op] = edn.read('{:type :ok, :process 0, :f :append, :key :a, :value "a"}')
    assert (op.key, op.value) == ("a", "a")


def test_what_a_transaction_does_is_a_word_even_beside_the_same_string() -> None:
    """[:r "r" nil] reads key "r"; checkers know "r" and not ":r"."""
    [op] = edn.read('{:type :ok, :process 0, :f :txn, :value [[:r "r" nil] ["w" :x 1]]}')
    assert op.value == [["r", "r", None], ["w", "x", 1]]


def test_a_transaction_may_leave_out_its_f() -> None:
    """Elle's own tests do; anything else without :f is broken."""
    [op] = edn.read("{:type :ok, :process 0, :f nil, :value [[:append :x 1] [:r :x [1]]]}")
    assert (op.f, op.value) == ("txn", [["append", "x", 1], ["r", "x", [1]]])
    with pytest.raises(FormatError, match=r"expected what the operation does \(f, a name\) but got f=None\.$"):
        edn.read("{:type :ok, :process 0, :value 1}")


@pytest.mark.parametrize("tag", ["", "#jepsen.independent.Tuple", "#clojure.lang.MapEntry"])
@pytest.mark.parametrize("pair", ["[:k 5]", "{:key :k, :value 5}"])
def test_a_keyed_history_splits_its_tuples(tag: str, pair: str) -> None:
    """However the tuple was printed; the nemesis has none."""
    write = f"{{:type :ok, :process 0, :f :write, :value {tag}{pair}}}"
    ops = edn.read(f"{write} {{:type :info, :process :nemesis, :f :kill, :value [1 2]}}", keyed=True)
    assert [(op.key, op.value) for op in ops] == [("k", 5), (None, [1, 2])]


def test_the_written_layout_is_jepsens() -> None:
    """Op maps of one line each, keywords where Jepsen has them, keys inside the values when asked."""
    history = History.of(
        [
            Op(type="invoke", process=0, f="txn", key="k", value=[["append", "x", 1], ["r", "x", None]]),
            Op(time=5, type="info", process="nemesis", f="start-kill", value={"nodes": ["n1"]}, error="odd"),
        ]
    )
    assert b"".join(edn.write(history)).decode().splitlines() == [
        '{:index 0, :time 0, :type :invoke, :process 0, :f :txn, :key "k", :value [[:append "x" 1] [:r "x" nil]]}',
        '{:index 1, :time 5, :type :info, :process :nemesis, :f :start-kill, :value {"nodes" ["n1"]}, :error "odd"}',
    ]
    assert b':f :txn, :value ["k" [[:append "x" 1] [:r "x" nil]]]}' in next(edn.write(history, keyed=True))


def test_a_value_that_edn_cannot_hold_is_a_model_error() -> None:
    """Whoever recorded it broke the contract."""
    with pytest.raises(ModelError, match=r"^expected a value that can be written as EDN but got"):
        edn_text([print])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[{:type :ok", 3, "expected '}' for '{' of line 3 but the text ends."),
        (f"[{OK}", 3, "expected ']' or another event but got the end of the text (is the file cut off?)."),
        (f"[{OK})", 3, "expected ']' or another event but got ')'."),
        (f"[{OK}]\n5", 4, "expected nothing after the closing ']' but got more; a history is one vector, one list or"),
        ("]", 3, "expected an event but got ']'."),
        ("5", 3, "expected an event (a map with :type, :process and :f) but got 5."),
        ("{:type :ok, :f :read}", 3, "expected an event with :process but got {:f :read, :type :ok}."),
        ("{:process 0, :f :read}", 3, "expected an event with :type but got {:f :read, :process 0}."),
        ("{:type :done, :process 0, :f :r}", 3, "expected an op type (one of invoke, ok, fail, info) but got type='done'."),
        ("{:type :ok, :process 1.5, :f :r}", 3, "expected a process (a number or a name) but got process=1.5."),
        ("{:type :ok, :process 0, :f :r, :time 0.5}", 3, "expected a time in nanoseconds, a 64-bit integer, but got time=0.5."),
        ("{:type :ok, :process 0, :f :r, :index :a}", 3, "expected an index (a whole number) but got index='a'."),
        ("{:type\n:ok :process}", 4, "expected a value for every key of a map but got an odd number of forms."),
        ("{:a 1 :a 2}", 3, "expected every key of a map once but one occurs twice."),
        ("#{1 1}", 3, "expected every element of a set once but one occurs twice."),
        ('{:a "b', 3, "expected a closing quote but the text ends within a string."),
        (r'"\q"', 3, r"expected an escape such as \n or \u00e9 in a string but got '\\q'."),
        (r'"\ud83d"', 3, "expected text but got half a character in"),
        (r"\nonsense", 3, r"expected a character such as \a, \newline or \u00e9 but got"),
        ("[#_]", 3, "expected a form after '#_'."),
        ("#inst", 3, "expected a form after '#inst'."),
        ("##Infinite", 3, "expected ##Inf, ##-Inf or ##NaN but got '##Infinite'."),
        ('#"regex"', 3, "expected an EDN form but got '#\"regex\""),
        ("@x", 3, "expected an EDN form but got '@x'."),
        ("::x", 3, "expected a keyword but got '::x'."),
        ("007", 3, "expected a number but got '007'."),
        ("1/0", 3, "expected a number but got '1/0'."),
        ("1e999", 3, "expected a number that a float can hold but got '1e999'."),
        ("0.10000000000000000000001M", 3, "expected a number that a float can hold but got"),
        ("9" * 5000, 3, "expected a number of at most 1000 digits but got 99999999999999999999…."),
        ("[" * 50_000, 3, "expected values nested at most 100 deep."),
        ("{:a #inst}", 3, "expected a form after '#inst'."),
        ("{:a #chaoskit/bytes 5}", 3, "expected base64 text after #chaoskit/bytes but got 5."),
        ("\x00", 3, "expected an event (a map with :type, :process and :f) but got \x00."),
    ],
)
def test_a_broken_text_is_told_by_file_line_and_reason(text: str, line: int, reason: str) -> None:
    """Every kind of brokenness, two lines into a file."""
    with pytest.raises(FormatError, match="^" + re.escape(f"bad.edn, line {line}: {reason}")):
        edn.read(f"\n; comment\n{text}", file="bad.edn")


def test_bytes_that_are_not_utf8_name_their_line() -> None:
    """Wherever in a piece they stand, and at the very end."""
    for data, line in ((b"[\n\n{:a \xff}", 3), (b"[\n\xe2\x82", 2)):
        with pytest.raises(FormatError, match=rf"^f, line {line}: expected UTF-8 text but got other bytes"):
            edn.read(data, file="f")


@pytest.mark.parametrize("start", ['{:a "', "[", ";", "x"])
def test_an_endless_operation_is_refused_before_memory_is(start: str) -> None:
    """An operation may span lines, but not for ever; nor may a word or a comment."""

    class Endless:
        given = 0

        def read(self, size: int) -> str:
            self.given += size
            return start if self.given == size else "x" * size

    stream: Any = Endless()
    with pytest.raises(FormatError, match=rf"^f, line 1: expected operations of at most {LINE_BYTES_MAX} characters but"):
        edn.read(stream, file="f")
    assert stream.given <= 3 * LINE_BYTES_MAX


def test_a_history_on_one_long_line_is_read_op_by_op() -> None:
    """The limit is for one operation: a vector of many on one line may be longer."""
    padded = "{:type :ok, :process 0, :f :read, :value " + '"' + "x" * 1_000_000 + '"}'
    assert len(edn.read("[" + " ".join([padded] * 12) + "]")) == 12


def test_line_numbers_are_those_of_the_op_and_not_of_what_follows() -> None:
    """An op spanning lines is told by its first line once it is read whole."""
    with pytest.raises(FormatError, match=r"^f, line 2: expected an op type"):
        edn.read(f"{OK}\n{{:type :odd,\n :process 0,\n :f :read}}\n{OK}", file="f")
