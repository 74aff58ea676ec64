"""Determinism is kept by a test, not by hope: what differs between two processes is banned where a run is decided.

Each ban names its cure. What is allowed in spite of it stands in `ALLOWED`, with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from source_tree import Source, sources, told

DETERMINISTIC = {"core", "draws", "generate", "sim", "model", "models", "nemeses", "check", "spec", "shrink", "workloads"}
CLOCK = "the world's clock (`Node.now`, `control.now`, `kernel.now`)"
DRAW = "an addressed draw (`Node.random`, `Draws`)"
EVENTS = "events of the world (`Node.set_timer`, `Node.sleep`): there is one thread"
MODULES = {
    "random": DRAW,
    "secrets": DRAW,
    "uuid": "`Node.unique`, or an id of the plan",
    "time": CLOCK,
    "datetime": CLOCK,
    "asyncio": EVENTS,
    "threading": EVENTS,
    "multiprocessing": EVENTS,
    "concurrent": EVENTS,
    "queue": EVENTS,
    "socket": "the simulated network (`Node.send`, `Node.call`)",
    "tempfile": "the simulated disk (`Node.disk`), or the store",
}
FLOATING = {"math": "integers: `log` and `exp` differ between C libraries; a law is a table (`chaoskit.draws.laws`)"}
FLOAT_FREE = {"core", "draws", "generate", "sim", "model", "models", "nemeses", "workloads"}
NAMES = {
    "hash": "`salt`, a canonical encoding or a digest: `hash()` of a string differs between processes",
    "id": "a number or name of your own: `id()` is an address in memory",
    "open": "the store: it is the only room that opens files",
    "input": "settings: nothing is asked while a run goes",
}
METHODS = {
    "urandom": DRAW,
    "environ": "settings: what a run depends on stands in its plan",
    "getenv": "settings: what a run depends on stands in its plan",
    "read_text": "the store: it is the only room that opens files",
    "write_text": "the store: it is the only room that opens files",
    "read_bytes": "the store: it is the only room that opens files",
    "write_bytes": "the store: it is the only room that opens files",
}
SORTED = "`sorted(...)`, or a dict or list instead: a set's order differs between processes"
ORDER_BLIND = {"sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all"}
IN_ORDER = {"list", "tuple", "enumerate", "iter", "zip", "map", "filter", "dict", "reversed"}

# (file, what): why it may stand there.
ALLOWED = {
    ("chaoskit/draws/generate_quantiles.py", "math"): "makes the stored tables; runs on a developer's machine only",
    ("chaoskit/draws/generate_quantiles.py", "write_text"): "writes the stored tables",
    ("chaoskit/check/clock.py", "time"): "the optional wall-clock limit of a check: what it decides is unknown, and says so",
    ("models/hotline/server.py", "asyncio"): "serves asyncio's streams, on whatever loop it is given",
    ("models/hotline/client.py", "asyncio"): "a client of asyncio's streams, on whatever loop it is given",
    ("models/hotline/reading.py", "asyncio"): "names the exception with which asyncio's readers tell an end",
    ("models/hotline/node.py", "asyncio"): "a program of the simulated world's own loop",
    ("models/hotline/accept.py", "asyncio"): "takes connections from an asyncio server, on whatever loop it is given",
    ("models/kv_http/http.py", "asyncio"): "a program of an asyncio host, whose loop is the world's",
    ("models/kv_http/node.py", "asyncio"): "as that",
    ("chaoskit/sim/forgetting.py", "id"): "where an object lies in memory is what it is about; nothing is decided by it",
    ("chaoskit/draws/laws.py", "hash"): "inside `__hash__`: for dicts in memory, never written down",
}


def banned(source: Source) -> Iterator[tuple[int, str, str]]:
    """(line, what, cure) for everything in a file that two processes may see differently."""
    modules = {**MODULES, **(FLOATING if source.room in FLOAT_FREE else {})}
    for line, module in source.imports():
        if module.split(".")[0] in modules:
            yield line, module.split(".")[0], modules[module.split(".")[0]]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            yield node.lineno, node.func.id, NAMES[node.func.id]
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield node.lineno, node.attr, METHODS[node.attr]
    for line in _Sets().lines(source.tree):
        yield line, "iteration over a set", SORTED


class _Sets(ast.NodeVisitor):
    """Finds loops over sets: over set expressions, and over names and attributes that are given sets in the same file."""

    def __init__(self) -> None:
        self._found: list[int] = []
        self._scopes: list[dict[str, bool]] = [{}]
        self._attributes: dict[str, bool] = {}

    def lines(self, tree: ast.Module) -> list[int]:
        for node in ast.walk(tree):  # attributes are known wherever in the file they are set
            if isinstance(node, ast.Assign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Attribute) and self._assigned(node):
                        self._attributes[target.attr] = True
        self.visit(tree)
        return self._found

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # ast's name
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self._scopes.append({argument.arg: _is_set_type(argument.annotation) for argument in arguments})
        self.generic_visit(node)
        self._scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # ast's name

    def visit_Assign(self, node: ast.Assign) -> None:  # ast's name
        self.generic_visit(node)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._scopes[-1][target.id] = self._assigned(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # ast's name
        self.generic_visit(node)
        if isinstance(node.target, ast.Name):
            self._scopes[-1][node.target.id] = self._assigned(node)

    def visit_For(self, node: ast.For) -> None:  # ast's name
        self._look(node.iter)
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:  # ast's name
        self._look(node.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:  # ast's name
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in IN_ORDER or name == "join":
            for argument in node.args:
                self._look(argument)
        if name in ORDER_BLIND and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
            self._comprehension(node.args[0], blind=True)
            for keyword in node.keywords:
                self.visit(keyword)
        elif name in ORDER_BLIND and any(isinstance(argument, ast.Starred) for argument in node.args):
            for argument in node.args:
                self.visit(argument.value if isinstance(argument, ast.Starred) else argument)
        else:
            self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:  # ast's name
        for element in node.elts:  # a set of a set's elements has no order either
            self.visit(element.value if isinstance(element, ast.Starred) else element)

    def visit_SetComp(self, node: ast.SetComp) -> None:  # ast's name
        self._comprehension(node, blind=True)

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> None:  # ast's name
        self._comprehension(node, blind=False)

    visit_GeneratorExp = visit_ListComp  # noqa: N815  # ast's name
    visit_DictComp = visit_ListComp  # noqa: N815  # ast's name

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, *, blind: bool) -> None:
        if not blind:
            for generator in node.generators:
                self._look(generator.iter)
        self.generic_visit(node)

    def _look(self, iterated: ast.expr) -> None:
        if self._is_set(iterated):
            self._found.append(iterated.lineno)

    def _assigned(self, node: ast.Assign | ast.AnnAssign) -> bool:
        if isinstance(node, ast.AnnAssign) and _is_set_type(node.annotation):
            return True
        return node.value is not None and self._is_set(node.value)

    def _is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Call(func=ast.Name(id="set" | "frozenset")):
                return True
            case ast.Call(func=ast.Attribute(attr="union" | "intersection" | "difference" | "symmetric_difference", value=value)):
                return self._is_set(value)
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), left=left, right=right):
                return self._is_set(left) or (not isinstance(node.op, ast.Sub) and self._is_set(right))
            case ast.Name(id=name):
                return next((scope[name] for scope in reversed(self._scopes) if name in scope), False)
            case ast.Attribute(attr=name):
                return self._attributes.get(name, False)
        return False


def _is_set_type(annotation: ast.expr | None) -> bool:
    """Whether an annotation says set or frozenset, not a mapping of them."""
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name) and base.id in ("set", "frozenset", "AbstractSet")


def test_nothing_that_differs_between_processes_decides_a_run() -> None:
    """In every deterministic room; see `ALLOWED` for the exceptions."""
    found = [
        f"{source.name}:{line}: {what} is banned in {source.room}, use {cure}."
        for source in sources()
        if source.room in DETERMINISTIC
        for line, what, cure in banned(source)
        if (source.name, what) not in ALLOWED
    ]
    assert not found, told(found)


def test_every_exception_is_still_needed() -> None:
    """What was mended leaves the list."""
    used = {(source.name, what) for source in sources() if source.room in DETERMINISTIC for _, what, _ in banned(source)}
    assert set(ALLOWED) <= used


def _banned_in(code: str) -> list[str]:
    source = Source.__new__(Source)
    source.name, source.room, source.text = "chaoskit/sim/example.py", "sim", code
    return [what for _, what, _ in banned(source)]


@pytest.mark.parametrize(
    "code",
    [
        "import random",
        "from random import shuffle",
        "import time as clock",
        "from datetime import datetime",
        "import asyncio",
        "from concurrent.futures import Future",
        "x = hash('a')",
        "x = id(y)",
        "import os\nx = os.urandom(8)",
        "import os\nx = os.environ['X']",
        "from math import log",
        "x = open('file')",
        "for x in {1, 2}: pass",
        "for x in set(y): pass",
        "x = [y for y in frozenset(z)]",
        "x = {y: 1 for y in {1, 2}}",
        "x = list({1, 2})",
        "x = ', '.join({'a', 'b'})",
        "x = [*{1, 2}]",
        "s = {1, 2}\nfor x in s: pass",
        "def f(s: set[int]) -> None:\n    for x in s: pass",
        "def f() -> None:\n    s: set[int] = g()\n    return [x for x in s]",
        "class A:\n    def f(self):\n        self.s = set()\n    def g(self):\n        for x in self.s: pass",
        "for x in a | {1}: pass",
        "for x in set(a) - b: pass",
        "for x in set(a).union(b): pass",
        "for i, x in enumerate({1, 2}): pass",
        "x = next(iter({1, 2}))",
    ],
)
def test_the_ban_sees(code: str) -> None:
    """One example of everything that it is there for."""
    assert len(_banned_in(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "for x in sorted({1, 2}): pass",
        "x = 1 in {1, 2}",
        "x = {y for y in {1, 2}}",
        "x = any(y > 1 for y in {1, 2})",
        "x = sorted(y for y in {1, 2})",
        "x = len({1, 2})",
        "x = max({1, 2})",
        "x = {*{1, 2}, 3}",
        "x = {1} | {2}",
        "s = {1, 2}\ns = sorted(s)\nfor x in s: pass",
        "def f(s: dict[str, set[int]]) -> None:\n    for x in s: pass",
        "for x in a - b: pass",
        "x.id(5)",
        "x.time",
        "x = y.hash",
    ],
)
def test_the_ban_lets_pass(code: str) -> None:
    """What has no order to lose, or has one."""
    assert _banned_in(code) == []
