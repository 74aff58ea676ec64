"""`chaoskit explain`: an anomaly, a checker, a fault family, a planted bug, an outcome of a sweep, an exit code …, in prose."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.checker_explanations import CHECKERS, LEVELS
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.explanations import ANOMALIES, EXIT_CODES, NEMESES, paragraphs_of
from chaoskit.cli.spec_explanations import SPECS
from chaoskit.cli.sweep_explanations import OUTCOMES
from chaoskit.core.errors import UsageError
from chaoskit.core.units import plural

if TYPE_CHECKING:
    from chaoskit.model import Bug, Model

EXIT_CODE_LIST = "exit-codes"

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="An anomaly (stale-read), checker, consistency level, specification, fault family, planted bug, outcome of a "
        "sweep (hang), exit code (3) or exit-codes.",
        autocompletion=lambda incomplete: [name for name in known_names() if name.startswith(incomplete)],
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One meaning of a name: what kind of thing it is, its title, paragraphs, and lines that are not to be wrapped."""

    name: str
    what: str
    title: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def explain(name: Name, *, color: options.Color = "auto") -> ExitCode:
    """Say in prose what a name means that reports and messages use. A name with several meanings gets them all."""
    console = Console(color=color)
    entries = entries_of(name)
    if not entries:
        near = difflib.get_close_matches(name, known_names(), n=1, cutoff=0.5)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(
            f"unknown name {name!r}.{guess} "
            "Names are anomalies, checkers, specs, nemeses and bugs of 'chaoskit list', outcomes of sweeps and exit codes."
        )
    for place, entry in enumerate(entries):
        if place:
            console.say()
        _tell(entry, console)
    return ExitCode.VALID


def entries_of(name: str) -> list[Entry]:
    """All that a name means."""
    return [entry for lookup in _LOOKUPS for entry in lookup(name)]


def known_names() -> list[str]:
    """Everything that can be explained, each name once."""
    from chaoskit.check import CHECKERS as CHECKER_TABLE
    from chaoskit.check.weak import LEVELS as LEVEL_TABLE
    from chaoskit.nemeses import NEMESES as NEMESIS_TABLE
    from chaoskit.spec import SPECS as SPEC_TABLE

    codes = [str(int(code)) for code in EXIT_CODES]
    bugs = [bug.name for _, bug in _bugs()]
    tables = [*ANOMALIES, *CHECKER_TABLE, *LEVEL_TABLE, *SPEC_TABLE, *NEMESIS_TABLE, *OUTCOMES]
    return list(dict.fromkeys([*tables, *bugs, *codes, EXIT_CODE_LIST]))


def _anomalies(name: str) -> list[Entry]:
    if name not in ANOMALIES:
        return []
    found = ANOMALIES[name]
    return [Entry(name=name, what="anomaly", title=found.title, paragraphs=found.paragraphs)]


def _checkers(name: str) -> list[Entry]:
    from chaoskit.check import CHECKERS as TABLE

    if name not in TABLE or name in LEVELS:  # a level is explained as one
        return []
    more = paragraphs_of(CHECKERS[name]) if name in CHECKERS else ()
    return [Entry(name=name, what="checker", title=TABLE[name].summary, paragraphs=more)]


def _levels(name: str) -> list[Entry]:
    from chaoskit.check.weak import LEVELS as TABLE

    if name not in TABLE:
        return []
    more = paragraphs_of(LEVELS[name])
    lines = (f"try  chaoskit check FILE --consistency {name}",)
    return [Entry(name=name, what="consistency level", title=TABLE[name].summary, paragraphs=more, lines=lines)]


def _specs(name: str) -> list[Entry]:
    from chaoskit.spec import SPECS as TABLE

    if name not in TABLE:
        return []
    entry = TABLE[name]
    more = paragraphs_of(SPECS[name]) if name in SPECS else ()
    lines = [f"functions: {', '.join(sorted(entry.make().functions))}"]
    if entry.parameters:
        lines += ["", f"parameters, as in --spec '{name}:{entry.parameters[0].name}=…':"]
    for each in entry.parameters:
        expects = " or ".join(each.choices) or each.expects
        lines.append(f"  {each.name:<16} {each.summary}: {expects}; by default {each.example}")
    return [Entry(name=name, what="specification", title=entry.summary, paragraphs=more, lines=tuple(lines))]


def _nemeses(name: str) -> list[Entry]:
    from chaoskit.nemeses import NEMESES as TABLE

    if name not in TABLE:
        return []
    nemesis = TABLE[name]
    more = paragraphs_of(NEMESES[name]) if name in NEMESES else ()
    settings = [f"  {option.name:<16} {option.summary}: {option.expects}" for option in nemesis.options.values()]
    tactics = [f"  {tactic:<16} {each.summary}" for tactic, each in nemesis.tactics.items()]
    return [
        Entry(
            name=name,
            what="fault family",
            title=nemesis.summary,
            paragraphs=more,
            lines=(f"settings, as in --nemesis '{name}:interval=5s':", *settings, "", "tactics:", *tactics),
        )
    ]


def _planted(name: str) -> list[Entry]:
    return [_bug_entry(model, bug) for model, bug in _bugs() if bug.name == name]


def _bug_entry(model: Model, bug: Bug) -> Entry:
    needs = [
        *([f"the workload {bug.workload}"] if bug.workload else []),
        *([plural(bug.nodes, "node")] if bug.nodes else []),
        *(f"{name}={value}" for name, value in bug.parameters.items()),
    ]
    seeds = f"Within {plural(bug.seeds, 'seed')} of default settings it is expected to show"
    return Entry(
        name=bug.name,
        what=f"planted bug of {model.name}",
        title=bug.summary,
        paragraphs=(
            f"It shows as {', '.join(dict.fromkeys(bug.expect))}. {seeds}{f': it {bug.reason}' if bug.reason else ''}."
            + (f" It sets {' and '.join(needs)}." if needs else ""),
        ),
        lines=(f"try  chaoskit run {model.name} --bug {bug.name}",),
    )


def _bugs() -> list[tuple[Model, Bug]]:
    from chaoskit.catalogue import model_named, model_names

    return [(model, bug) for model in map(model_named, model_names()) for bug in model.bugs]


def _outcomes(name: str) -> list[Entry]:
    from chaoskit.core.sweep import OUTCOMES as TABLE

    if name not in TABLE:
        return []
    kind = TABLE[name]
    what = "finding of a wire sweep" if kind.finding else "outcome in a wire sweep"
    line = f"letter in the matrix: {kind.letter}"
    return [Entry(name=name, what=what, title=kind.summary, paragraphs=paragraphs_of(OUTCOMES[name]), lines=(line,))]


def _exit_codes(name: str) -> list[Entry]:
    if name == EXIT_CODE_LIST:
        lines = tuple(f"  {int(code):>3}  {found.title}" for code, found in EXIT_CODES.items())
        return [Entry(name=name, what="exit codes", title="what the exit code of every command means", lines=lines)]
    return [
        Entry(name=name, what="exit code", title=found.title, paragraphs=found.paragraphs)
        for code, found in EXIT_CODES.items()
        if name == str(int(code))
    ]


_LOOKUPS: tuple[Callable[[str], list[Entry]], ...] = (
    _anomalies,
    _checkers,
    _levels,
    _specs,
    _nemeses,
    _planted,
    _outcomes,
    _exit_codes,
)


def _tell(entry: Entry, console: Console) -> None:
    console.say(f"{console.paint(entry.name, 'bold')}  ({entry.what})")
    for paragraph in (_sentence(entry.title), *entry.paragraphs):
        console.say()
        console.say(
            textwrap.fill(paragraph, width=console.width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
        )
    if entry.lines:
        console.say()
    for line in entry.lines:
        console.say(f"  {line}".rstrip())


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:]}{'' if title.endswith(('.', '?')) else '.'}"
