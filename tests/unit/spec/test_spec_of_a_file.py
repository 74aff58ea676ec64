"""A person's own specification from a Python file: `--spec mine.py:name`, and what is told who misspells it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chaoskit.catalogue import spec_named
from chaoskit.core.errors import ModelError, UsageError
from chaoskit.spec.counter import Counter
from chaoskit.spec.register import Register

TOGGLE = """
from dataclasses import dataclass

from chaoskit.spec import Illegal, Label, Spec
from chaoskit.spec.counter import Counter


@dataclass(frozen=True)
class Toggle:
    at_first: bool = False
    name: str = "toggle"
    functions: frozenset = frozenset({"flip"})

    def init(self):
        return self.at_first

    def step(self, state, label):
        return (not state,)

    def __post_init__(self):
        if not isinstance(self.at_first, bool):
            raise TypeError("on or off?")
"""
MORE = """
lit = Toggle(True)

def either(on=True):
    return Toggle(on)

class Half:
    def init(self):
        return 0

number = 5
"""
NAMELESS = """
class Nameless:
    functions = frozenset({"push"})
    def init(self):
        return 0
    def step(self, state, label):
        return (state,)
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one specification, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = Path("mine.py")
    path.write_text(TOGGLE)
    return path


def test_a_name_of_the_table_needs_no_file() -> None:
    """The same texts as ever."""
    assert spec_named("register:initial=0") == Register(initial=0)


@pytest.mark.parametrize(
    ("reference", "state"),
    [
        ("mine.py:Toggle", False),
        ("mine.py:Toggle:at-first=true", True),
        ("mine.py:Toggle:at_first=true", True),
        ("mine.py:lit", True),
        ("mine.py:either", True),
        ("mine.py:either:on=false", False),
    ],
)
def test_a_class_an_object_and_a_function_are_named_alike(mine: Path, reference: str, state: bool) -> None:
    """A class and a function take parameters; their values are typed as those of any spec."""
    mine.write_text(TOGGLE + MORE)
    assert spec_named(reference).init() is state


def test_the_only_specification_of_a_file_needs_no_name(mine: Path) -> None:
    """What the file imports is not what it is about; with an empty name parameters may follow."""
    assert spec_named("mine.py").name == "toggle"
    assert spec_named("mine.py::at-first=true").init() is True


def test_what_a_file_imports_can_be_named(mine: Path) -> None:
    """Where it says so."""
    assert spec_named("mine.py:Counter:initial=3") == Counter(initial=3)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("gone.py", "expected a Python file with a spec but there is no file 'gone.py', seen from the working directory."),
        ("mine.py", "expected one spec in mine.py but found Toggle, lit; say which with mine.py:NAME."),
        ("mine.py:Togle", "unknown spec in mine.py 'Togle'. Did you mean 'Toggle'?"),
        ("mine.py:Toggle:at-last=true", "unknown parameter of mine.py:Toggle 'at-last'. Did you mean 'at-first'?"),
        ("mine.py:Toggle:at-first", "expected at-first=value but got 'at-first'; write e.g. 'mine.py:Toggle:at-first=0'."),
        (
            "mine.py:Toggle:at-first=true,at_first=true",
            "expected at_first of mine.py:Toggle once but got it twice in 'at-first=true,at_first=true'.",
        ),
        (
            "mine.py:lit:at-first=true",
            "expected no parameters of mine.py:lit, which is made already, but got 'at-first=true'; name its class.",
        ),
    ],
)
def test_a_misspelt_specification_of_a_file_is_refused(mine: Path, reference: str, message: str) -> None:
    """Whole messages, as for models."""
    mine.write_text(TOGGLE + MORE)
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        spec_named(reference)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("mine.py:Half", "expected a spec with a method step() but got 'Half' without one; see chaoskit.spec.contract."),
        ("mine.py:number", "expected a spec with a method init() but got 'int' without one; see chaoskit.spec.contract."),
        ("mine.py:Nameless", "expected a spec with a name, a text, but Nameless has name=None."),
        ("mine.py:Toggle:at-first=2", "mine.py:Toggle could not be made: TypeError: on or off?"),
    ],
)
def test_a_broken_specification_of_a_file_is_its_own_fault(mine: Path, reference: str, message: str) -> None:
    """Told by what it lacks, or by what it raised."""
    mine.write_text(TOGGLE + MORE + NAMELESS)
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        spec_named(reference)


def test_a_file_that_cannot_be_imported_is_its_own_fault(mine: Path) -> None:
    """The error stands in the message."""
    mine.write_text("import nowhere_at_all\n")
    message = "mine.py could not be imported: ModuleNotFoundError in line 1 of mine.py: No module named 'nowhere_at_all'"
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        spec_named("mine.py:Toggle")


def test_a_file_without_a_specification_says_so(mine: Path) -> None:
    """Rather than that a name is missing."""
    mine.write_text("x = 1\n")
    with pytest.raises(UsageError, match=r"^expected a spec in mine\.py but nothing in it is one; name the file that has it\.$"):
        spec_named("mine.py")
