"""Writes the generated parts of the reference: `python docs/reference/make.py` after a command, a model, a fault … has changed.

A page says where such a part belongs: between `<!-- generated: NAME -->` and `<!-- end of generated -->`. Everything there is
read off the program's own tables and docstrings, so that the reference says what the program does. A test holds the pages to it.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

REFERENCE = Path(__file__).parent
CLAIM_NODES = 5  # the size of cluster for which a model's claim is told
HEAD_ROWS = 2  # of a table
PROTOCOL_CLASSES = ("Node", "Request", "Client", "Disk", "RecordLog", "Table")
PROTOCOL_RECORDS = ("Model", "Tolerates", "Parameter", "Bug", "Invariant", "Breach", "Role", "Setting")
PROTOCOL_EXCEPTIONS = ("TimedOut", "Refused", "Disconnected", "DiskError")


class Required:
    """What a field has for a default when it has none."""


REQUIRED = Required()
_PART = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


def main() -> int:
    """Writes every page anew that is not as it should be, and names it."""
    for page in sorted(REFERENCE.glob("*.md")):
        before = page.read_text("utf-8")
        after = regenerated(before)
        if after != before:
            page.write_text(after, "utf-8")
            sys.stdout.write(f"{page.name}\n")
    return 0


def regenerated(text: str) -> str:
    """A page with all its generated parts as they are now. Raises `KeyError` for a part that nobody makes."""
    return _PART.sub(lambda found: f"{found[1]}\n{_joined(PARTS[found['name']]())}\n{found[3]}", text)


# The parts -------------------------------------------------------------------------------------------------------------------


def commands() -> list[str]:
    """Every command with its arguments and options, as the command line itself declares them."""
    import typer.main

    from chaoskit.cli.app import app

    group: Any = typer.main.get_command(app)
    lines: list[str] = []
    for name, command in group.commands.items():
        arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
        options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
        usage = " ".join(["chaoskit", name, *map(_usage, arguments)])
        lines += [f"## {name}", "", f"`{usage}`", "", *_paragraphs(command.help or ""), ""]
        lines += [f"- `{argument.metavar}`: {_escaped(argument.help or '')}" for argument in arguments] + [""]
        rows = [(_option(option), option.help or "") for option in options]
        lines += [*_table(("option", "meaning"), rows), ""] if rows else []
    return lines


def exit_codes() -> list[str]:
    """The exit codes with what they mean."""
    from chaoskit.cli.explanations import EXIT_CODES

    rows = [(f"`{int(code)}`", found.title, " ".join(found.paragraphs)) for code, found in EXIT_CODES.items()]
    return _table(("code", "meaning", "more"), rows)


def models() -> list[str]:
    """Every model: what it serves, claims, promises, and what can be set."""
    from chaoskit.catalogue import model_named, model_names

    lines: list[str] = []
    for model in map(model_named, model_names()):
        rows = [
            ("workloads", _codes(model.clients)),
            ("nodes", f"{_several(sorted(set(model.nodes)))} when drawn, {model.sizes[0]} to {model.sizes[1]} when asked for"),
            ("roles", ", ".join(f"`{name}`{f' ({role.count})' if role.count else ''}" for name, role in model.roles.items())),
            ("invariants", "; ".join(f"`{each.name}`: {each.summary}" for each in model.invariants) or "none"),
            ("planted bugs", _codes(bug.name for bug in model.bugs) or "none"),
        ]
        lines += [f"## {model.name}", "", f"{model.about}.", "", *_table(("", ""), rows), ""]
        lines += _parameters(model.parameters) if model.parameters else ["It has no parameters.", ""]
        lines += _claim(model)
    return lines


def workloads() -> list[str]:
    """Every workload: its parameters, and who judges it."""
    from chaoskit.catalogue import model_named, model_names
    from chaoskit.workloads import WORKLOADS

    lines: list[str] = []
    for name, workload in WORKLOADS.items():
        served = [model for model in model_names() if name in model_named(model).clients]
        defaults = {parameter: each.default for parameter, each in workload.parameters.items()}
        judges = _codes(checker.name for checker in workload.checkers(defaults, None))
        about = f"{_sentence(workload.summary)} Served by {_codes(served) or 'no model yet'}; judged by {judges}."
        lines += [f"## {name}", "", about, ""]
        lines += _parameters(workload.parameters)
    return lines


def specs() -> list[str]:
    """Every specification with its functions and parameters."""
    from chaoskit.spec import SPECS

    lines: list[str] = []
    for name, entry in SPECS.items():
        spec = entry.make()
        lines += [f"## {name}", "", f"{_sentence(entry.summary)} Functions: {_codes(sorted(spec.functions))}.", ""]
        lines += [*_paragraphs(_module_text(type(spec))), ""]
        rows = [
            (f"`{each.name}`", each.summary, _codes(each.choices) or each.expects, f"`{each.example}`")
            for each in entry.parameters
        ]
        lines += [*_table(("parameter", "meaning", "values", "default"), rows), ""] if rows else []
    return lines


def checkers() -> list[str]:
    """The checkers, with the question that each asks."""
    from chaoskit.check import CHECKERS

    return _table(("checker", "question"), [(f"`{name}`", entry.summary) for name, entry in CHECKERS.items()])


def anomalies() -> list[str]:
    """The kinds of violation, in prose."""
    from chaoskit.cli.explanations import ANOMALIES

    lines: list[str] = []
    for name, found in ANOMALIES.items():
        lines += [f"### {name}", "", _sentence(found.title), "", *(line for text in found.paragraphs for line in (text, ""))]
    return lines


def nemeses() -> list[str]:
    """The fault families: settings, tactics, targets, and the effects that make a fault effective."""
    from chaoskit.nemeses import NEMESES

    lines: list[str] = []
    for name, nemesis in NEMESES.items():
        lines += [f"## {name}", "", _sentence(nemesis.summary), "", *_paragraphs(_module_text(nemesis.strike)), ""]
        options = [(f"`{each.name}`", each.summary, each.expects) for each in nemesis.options.values()]
        lines += [*_table(("setting", "meaning", "what to write"), options), ""]
        tactics = [(f"`{tactic}`", each.summary) for tactic, each in nemesis.tactics.items()]
        lines += [*_table(("tactic", "what it does"), tactics), ""]
        lines += [f"Effective when one of these was counted: {', '.join(nemesis.effects)}.", ""]
        fields = _fields(nemesis.parameters)
        has_fields = len(fields) > HEAD_ROWS
        lines += ["Parameters of such a fault in a plan:", "", *fields, ""] if has_fields else ["It has no parameters.", ""]
    return lines


def events() -> list[str]:
    """The named events that a fault may wait for."""
    from chaoskit.sim.triggers import NAMED

    return _table(("event", "it happens when"), [(f"`{name}`", meaning) for name, meaning in NAMED.items()])


def generators() -> list[str]:
    """The combinators that workloads are made of."""
    from chaoskit import generate

    rows = []
    for name in generate.__all__:
        found = getattr(generate, name)
        if inspect.isfunction(found):
            rows.append((f"`{name}{_signature(found)}`", " ".join((inspect.getdoc(found) or "").split("\n\n"))))
    return _table(("generator", "what it asks for"), rows)


def formats() -> list[str]:
    """The formats of histories."""
    from chaoskit.formats.table import FORMATS

    rows = [
        (f"`{name}`", each.summary, _codes(each.extensions), "read and written" if each.write else "read")
        for name, each in FORMATS.items()
    ]
    return _table(("format", "what it is", "extensions", "direction"), rows)


def plan() -> list[str]:
    """The records of plan.json, field by field."""
    from chaoskit.core.fault import At, Fault, On, Resolution
    from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan

    return _records((Plan, Cluster, Pacing, Invocation, Fault, At, On, Resolution))


def manifest() -> list[str]:
    """The fields of manifest.json."""
    from chaoskit.core.record import Manifest

    return _records((Manifest,))


def journal() -> list[str]:
    """The kinds of journal entry with their fields."""
    from chaoskit.core.journal import FIELDS

    return _table(("kind", "fields"), [(f"`{kind}`", _codes(fields) or "none") for kind, fields in FIELDS.items()])


def protocol() -> list[str]:
    """What a protocol is written against, class by class."""
    from chaoskit import model

    lines: list[str] = []
    for name in PROTOCOL_CLASSES:
        kind = getattr(model, name)
        lines += [f"## {name}", "", *_paragraphs(inspect.getdoc(kind) or ""), "", *_methods(kind), ""]
    for name in PROTOCOL_RECORDS:
        kind = getattr(model, name)
        lines += [f"## {name}", "", *_paragraphs(inspect.getdoc(kind) or ""), "", *_fields(kind), ""]
    raised = [(f"`{name}`", inspect.getdoc(getattr(model, name)) or "") for name in PROTOCOL_EXCEPTIONS]
    return [*lines, "## What may be raised", "", *_table(("exception", "meaning"), raised)]


PARTS: Mapping[str, Callable[[], list[str]]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "models": models,
    "workloads": workloads,
    "specs": specs,
    "checkers": checkers,
    "anomalies": anomalies,
    "nemeses": nemeses,
    "events": events,
    "generators": generators,
    "formats": formats,
    "plan": plan,
    "manifest": manifest,
    "journal": journal,
    "protocol": protocol,
}


# Pieces ----------------------------------------------------------------------------------------------------------------------


def _usage(argument: Any) -> str:
    return argument.metavar if argument.required else f"[{argument.metavar}]"


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    takes = "" if option.is_flag or option.count else f" `{option.metavar}`"
    return f"{names}{takes}{', repeatable' if option.multiple else ''}"


def _parameters(parameters: Mapping[str, Any]) -> list[str]:
    rows = [
        (f"`{name}`", each.summary, each.describe(), _shown(each.default), _several(dict.fromkeys(each.swarm or (each.default,))))
        for name, each in parameters.items()
    ]
    return [*_table(("parameter", "meaning", "values", "default", "drawn from"), rows), ""]


def _claim(model: Any) -> list[str]:
    """What a model claims to survive, as sentences of a table."""
    defaults = {name: parameter.default for name, parameter in model.parameters.items()}
    claimed = model.claim(defaults, CLAIM_NODES)
    rows = [(f"`{name}`", _shown(getattr(claimed, name))) for name in claimed.__struct_fields__]
    why = inspect.getdoc(model.tolerates) if inspect.isfunction(model.tolerates) else ""
    told = f"Its claim with default parameters: {' '.join(why.split())}" if why else "Its claim:"
    return [told, "", *_table(("of", "at once"), rows), ""]


def _records(kinds: Iterable[type[Any]]) -> list[str]:
    lines: list[str] = []
    for kind in kinds:
        lines += [f"### {kind.__name__}", "", *_paragraphs(inspect.getdoc(kind) or ""), ""]
        tag = kind.__struct_config__.tag
        lines += [f'It begins with `"type": "{tag}"`.', ""] if tag else []
        lines += [*_fields(kind), ""]
    return lines


def _methods(kind: type[Any]) -> list[str]:
    """The public methods and properties of a class, in the order of its source."""
    rows = []
    for name, found in vars(kind).items():
        target = found.fget if isinstance(found, property) else found
        if name.startswith("_") or not (inspect.isfunction(target) or inspect.iscoroutinefunction(target)):
            continue
        shown = name if isinstance(found, property) else f"{name}{_signature(target)}"
        rows.append((f"`{shown}`", " ".join((inspect.getdoc(target) or "").split("\n\n"))))
    return _table(("member", "what it does"), rows)


def _fields(kind: type[Any]) -> list[str]:
    """The fields of a record, in its order."""
    found: Iterable[Any] = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else msgspec.structs.fields(kind)
    return _table(("field", "type", "default"), [(f"`{each.name}`", _type(each.type), _shown(_default(each))) for each in found])


def _signature(function: Callable[..., Any]) -> str:
    """A signature without `self`, without annotations of what it gives."""
    signature = inspect.signature(function)
    parameters = [each.replace(annotation=each.empty) for name, each in signature.parameters.items() if name != "self"]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def _default(field: Any) -> Any:
    """The default of a record's field; REQUIRED when it has none."""
    absent = (dataclasses.MISSING, msgspec.NODEFAULT)
    if field.default not in absent:
        return field.default
    return REQUIRED if field.default_factory in absent else field.default_factory()


def _type(kind: Any) -> str:
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(r"typing\.Annotated\[(\w+), msgspec\.Meta\(ge=(\d+)\)\]", r"\1 ≥ \2", text)
    text = re.sub(r"typing\.Annotated\[(\w+), msgspec\.Meta\(ge=(\d+), le=(\d+)\)\]", r"\1 from \2 to \3", text)
    text = re.sub(r"typing\.Optional\[(.*)\]$", r"\1 | None", text)
    return f"`{re.sub(r'(?:chaoskit|typing|collections)[.a-z_]*[.]', '', text)}`"


def _module_text(thing: Any) -> str:
    """The docstring of the module in which something is defined."""
    return inspect.getdoc(sys.modules[thing.__module__]) or ""


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, each on one line; indented ones are kept as they are written."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        is_picture = paragraph.startswith(" ")
        lines += [""] if lines else []
        lines += ["```text", *paragraph.splitlines(), "```"] if is_picture else [" ".join(paragraph.split())]
    return lines


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(tuple("---" for _ in head)), *(_row(row) for row in rows)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_escaped(' '.join(cell.split())) for cell in cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _codes(names: Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _several(values: Iterable[object]) -> str:
    return ", ".join(_shown(value) for value in values)


def _shown(value: object) -> str:
    """A value, as a person writes it."""
    match value:
        case Required():
            return "required"
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case str() | list() | tuple() | dict() if not value:
            return "empty"
        case tuple():
            return _codes(value)
        case msgspec.Struct():
            return f"`{type(value).__name__}()`"
        case _:
            return f"`{value}`"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}{'' if text.endswith('?') else '.'}"


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(main())
