"""`report.html`: the whole run as one file that works from disk, offline, for years.

One inline style and one inline script, both hashed in a strict content security policy; no request goes out. What a
model or a person wrote is escaped by the templates and shown by the script as text, never as markup. Nothing in the
page depends on the machine or the clock.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote

from chaoskit.core.record import RunRecord
from chaoskit.reports.bundle import RUN, bundle
from chaoskit.reports.packed import packed, page_data
from chaoskit.reports.panels import HEADER, PANELS
from chaoskit.reports.view import View

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
_STILL = "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'"  # without a script
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="{colour}"/>'
    '<path d="{mark}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
_ICONS = {
    "valid": ("#17743f", "M8 17l6 6 10-13"),
    "invalid": ("#c01f3a", "M10 10l12 12M22 10L10 22"),
    "unknown": ("#8f5a00", "M11 12a5 5 0 1 1 6 5c-1 .4-1 1-1 3M16 25v.1"),
}


def render_html(record: RunRecord) -> str:
    """The page of a run."""
    view = View(record)
    shown = [panel for panel in PANELS if panel.applies(view)]
    data = {panel.NAME: panel.data(view) for panel in shown}
    scripted = {panel.NAME: data[panel.NAME] for panel in shown if panel.SCRIPTED}
    return render_page(
        "page.html",
        status=str(view.status),
        entry=RUN,
        title=f"{str(view.status).upper()}: {view.headline} — {view.model}, seed {view.plan.seed} — chaoskit",
        header=HEADER.data(view),
        panels=[{"name": panel.NAME, "title": panel.TITLE, "data": data[panel.NAME]} for panel in shown],
        run_data=packed(page_data(view, scripted)),
    )


def render_page(template: str, *, status: str, entry: str | None = None, **values: object) -> str:
    """A page: a template of ours and what it shows, with the script that an entry begins, or none."""
    assets = bundle() if entry is None else bundle(entry)
    policy = (_STILL if entry is None else _POLICY).format(script=assets.script_hash, style=assets.style_hash)
    page = _environment().get_template(template)
    return page.render(policy=policy, icon=_icon(status), style=assets.style, script=assets.script, status=status, **values)


def _icon(status: str) -> str:
    colour, mark = _ICONS[status]
    return f"data:image/svg+xml,{quote(_ICON.format(colour=colour, mark=mark))}"


@cache
def _environment() -> Environment:
    """Jinja, imported late: the command line's other commands never need it."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(lambda name: resources.files(__package__).joinpath("templates", name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
