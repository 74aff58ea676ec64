"""`chaoskit show RUN --as pytest`: a test of the minimal case, which a person can paste: the plan in it, and nothing else needed.

It fails as long as the run does. Written by hand rather than by `repr`, so that what is left of a plan can be read.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from chaoskit.core.fault import At, Fault, On
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.record import RunRecord
from chaoskit.reports.view import View

COLUMNS = 120
INDENT = "    "


def pytest_text(record: RunRecord) -> str:
    """A module with one test: of the run's story where it has one, else of the run itself."""
    smallest = record.story or record
    view = View(smallest)
    plan = bare(smallest.outcome.plan)
    names = ["Cluster", "Pacing", "Plan", *(["Invocation"] if plan.invocations else [])]
    kinds = sorted({type(fault.when).__name__ for fault in plan.faults} | ({"Fault"} if plan.faults else set()))
    imports = [f"from chaoskit.core.fault import {', '.join(kinds)}"] if kinds else []
    imports += [
        f"from chaoskit.core.plan import {', '.join(sorted(names))}",
        "from chaoskit.testing.plans import assert_valid",
    ]
    lines = [
        *_docstring(f"{view.headline}: {plan.model}, seed {plan.seed}. Made by 'chaoskit show --as pytest'.", ""),
        "",
        *imports,
        "",
        f"PLAN = {_text(plan, 0)}",
        "",
        "",
        f"def test_{_name(plan, view.headline)}() -> None:",
        *_docstring(_claim(smallest), INDENT),
        f"{INDENT}assert_valid(PLAN)",
    ]
    return "\n".join(lines) + "\n"


def bare(plan: Plan) -> Plan:
    """The plan without what a replay does not consult: how faults fell out, and which code it was found with."""
    faults = [msgspec.structs.replace(fault, resolution=None) for fault in plan.faults]
    return msgspec.structs.replace(plan, faults=faults, model_digest="")


def _claim(record: RunRecord) -> str:
    """What went wrong, in a sentence."""
    first = next(iter(record.verdict.all_violations()), None)
    if first is None:
        return f"The run was {record.verdict.status}."
    return f"Fails as long as this happens: {first.summary}."


def _docstring(text: str, indent: str) -> list[str]:
    """Text as a docstring that is as wide as the rest."""
    plain = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    return textwrap.wrap(f'"""{plain}"""', COLUMNS, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _name(plan: Plan, headline: str) -> str:
    model = re.sub(r"\.py(:.*)?$", "", plan.model).rpartition("/")[2]
    words = re.findall(r"[a-z0-9]+", f"{model} {headline.partition(' · ')[0]} seed {plan.seed}".lower())
    return "_".join(words)


def _text(value: Any, depth: int) -> str:
    """A value as source, on one line where it fits, else an item a line."""
    whole = _whole(value)
    if len(whole) + len(INDENT) * (depth + 1) <= COLUMNS and not isinstance(value, Plan):
        return whole
    items = [f"{label}{_text(part, depth + 1)}" for label, part in _parts(value)]
    opening, closing = _brackets(value)
    if not items:
        return whole
    pad = INDENT * (depth + 1)
    return "\n".join([opening, *(f"{pad}{item}," for item in items), f"{INDENT * depth}{closing}"])


def _whole(value: Any) -> str:
    if isinstance(value, Plan | Cluster | Pacing | Fault | Invocation | At | On | Mapping | list | tuple):
        opening, closing = _brackets(value)
        inner = ", ".join(f"{label}{_whole(part)}" for label, part in _parts(value))
        return f"{opening}{inner}{',' if isinstance(value, tuple) and len(value) == 1 else ''}{closing}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    text = repr(value)
    return f'"{text[1:-1]}"' if isinstance(value, str) and text[0] == "'" and '"' not in text else text


def _brackets(value: Any) -> tuple[str, str]:
    if isinstance(value, Mapping):
        return "{", "}"
    if isinstance(value, list):
        return "[", "]"
    if isinstance(value, tuple):
        return "(", ")"
    return f"{type(value).__name__}(", ")"


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """(how it is introduced, what it is) of everything in a value; fields that are as by default are left out."""
    if isinstance(value, Mapping):
        yield from ((f"{_scalar(key)}: ", part) for key, part in value.items())
    elif isinstance(value, Sequence):
        yield from (("", part) for part in value)
    else:
        for field in msgspec.structs.fields(value):
            part = getattr(value, field.name)
            if part != _default(field):
                yield f"{field.name}=", part


def _default(field: Any) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else msgspec.NODEFAULT
