"""Values as operations carry them, odd things first: 1 beside 1.0 beside true, empty texts, keys that look like marks.

They are what canonical bytes can tell apart: integers of 64 bits, and text that is UTF-8.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chaoskit.formats.intake import INTEGER_MAX, INTEGER_MIN


def texts(*, max_size: int = 12) -> st.SearchStrategy[str]:
    """Any text that UTF-8 can hold."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=max_size)


def scalars() -> st.SearchStrategy[Any]:
    """Values without parts: None, booleans, integers, floats (infinities, not NaN), texts and bytes."""
    numbers = st.integers(-2, 2) | st.integers(INTEGER_MIN, INTEGER_MAX) | st.floats(allow_nan=False)
    return st.none() | st.booleans() | numbers | texts() | st.binary(max_size=8)


def values(*, max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Values as operations carry them: scalars, and lists and string-keyed dicts of them."""
    keys = texts(max_size=4) | st.sampled_from(["$bytes", "$$bytes", "$float", "$oid", "value"])

    def nested(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(parts, max_size=4) | st.dictionaries(keys, parts, max_size=3)

    return st.recursive(scalars(), nested, max_leaves=max_leaves)
