"""Joins the report's modules and styles into the one script and the one style of a page, and hashes them.

No build tool: every module under `assets/` becomes a function of its own that returns what it exports, in the order of
the imports, so that the names of one never meet those of another. Understood are exactly the two forms the modules use,
`import { a } from "./b.js";` and `export` before a function, const or class; anything else is refused.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chaoskit.core.errors import InternalError

STYLES = ("theme.css", "page.css", "panels.css", "tables.css", "soak.css", "sweep.css", "print.css")
RUN, SWEEP = ENTRIES = ("main", "sweep")  # the module that begins each kind of page with a script

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The text of script and style, with the base64 SHA-256 of each for the content security policy."""

    script: str
    style: str
    script_hash: str
    style_hash: str


@cache
def bundle(entry: str = RUN) -> Bundle:
    """The script and the style of a kind of page."""
    script, style = _script(entry), "".join(_asset(name) for name in STYLES)
    return Bundle(script=script, style=style, script_hash=_hash(script), style_hash=_hash(style))


def joined(modules: dict[str, str], entry: str) -> str:
    """One script of these modules (name → source), imported ones first. Raises `InternalError` for a form unknown here."""
    ordered: dict[str, None] = {}
    _visit(entry, modules, ordered, ())
    parts = [f"const module_{name} = (() => {{\n{_closed(name, modules[name])}}})();\n" for name in ordered]
    return f'"use strict";\n(() => {{\n{"".join(parts)}}})();\n'


def _script(entry: str) -> str:
    assets = resources.files(__package__).joinpath("assets")
    names = sorted(asset.name for asset in assets.iterdir() if asset.name.endswith(".js"))
    script = joined({name.removesuffix(".js"): _asset(name) for name in names}, entry)
    if "</script" in script.lower() or "<!--" in script:
        raise InternalError("expected a script that can stand inside a page, but it holds what would end it.")
    return script


def _visit(name: str, modules: dict[str, str], ordered: dict[str, None], above: tuple[str, ...]) -> None:
    if name in ordered:
        return
    if name in above or name not in modules:
        raise InternalError(f"expected modules that import one another in a tree but got {' → '.join((*above, name))}.")
    for match in _IMPORT.finditer(modules[name]):
        _visit(match[2], modules, ordered, (*above, name))
    ordered[name] = None


def _closed(name: str, source: str) -> str:
    """A module's body, its imports taken from the modules before it and its exports returned."""
    body = _IMPORT.sub(lambda match: f"const {{{match[1]}}} = module_{match[2]};\n", source)
    exports = [match[1] for match in _EXPORT.finditer(body)]
    body = _EXPORT.sub("", body)
    left_over = _LEFT_OVER.search(body)
    if left_over:
        raise InternalError(f"expected only named imports and exports but got {left_over[0]!r} in {name}.js.")
    return f"{body}return {{ {', '.join(exports)} }};\n"


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("assets", name).read_text("utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
