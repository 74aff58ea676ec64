"""Values and operations as a person reads them in a sentence: `write k3=5`, `read k3 → nil`, `cas k3 1→2`.

Long collections are cut, and say how much was left out.
"""

from __future__ import annotations

import json
from typing import Any

from chaoskit.core.units import plural
from chaoskit.spec.exact import Exact

ITEMS_SHOWN = 24
CHARACTERS_SHOWN = 80


def show(value: Any) -> str:
    """A value for people.

    >>> show([1, True, None, "a"])
    '[1, true, nil, "a"]'
    """
    match value:
        case Exact():
            return show(value.value)
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(_cut(value), ensure_ascii=False)
        case list() | tuple():
            return f"[{_listed([show(item) for item in value[:ITEMS_SHOWN]], len(value))}]"
        case set() | frozenset():
            shown = sorted((show(item) for item in value), key=lambda text: (len(text), text))  # so that 9 comes before 10
            return f"{{{_listed(shown[:ITEMS_SHOWN], len(shown))}}}"
        case dict():
            shown = [f"{show_key(key)}: {show(item)}" for key, item in list(value.items())[:ITEMS_SHOWN]]
            return f"{{{_listed(shown, len(value))}}}"
        case _:
            return _cut(repr(value))


def show_key(key: Any) -> str:
    """A key for people: a text stands without quotes."""
    return _cut(key) if isinstance(key, str) else show(key)


def call_text(f: str, key: Any, *arguments: Any, result: Any = None, shows_result: bool = False) -> str:
    """An operation for people.

    >>> call_text("write", "k3", 5), call_text("read", "k3", result=4, shows_result=True), call_text("write", None, 5)
    ('write k3=5', 'read k3 → 4', 'write 5')
    """
    argument = ", ".join(map(show, arguments))
    if key is None:
        call = f"{f} {argument}" if argument else f
    else:
        call = f"{f} {show_key(key)}={argument}" if argument else f"{f} {show_key(key)}"
    return f"{call} → {show(result)}" if shows_result else call


def _listed(shown: list[str], total: int) -> str:
    left_out = [f"… {total - len(shown)} more"] if total > len(shown) else []
    return ", ".join(shown + left_out)


def _cut(text: str) -> str:
    left_out = len(text) - CHARACTERS_SHOWN
    return text if left_out <= 0 else f"{text[:CHARACTERS_SHOWN]}… {plural(left_out, 'more character')}"
