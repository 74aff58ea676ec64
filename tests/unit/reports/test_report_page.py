"""The page: its content security policy, what it must not contain, determinism, size, and its panels."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_html, render_json, render_text
from chaoskit.reports.panels import HEADER, PANELS
from chaoskit.reports.view import View

Build = Callable[..., RunRecord]

PRINT_ALL = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("synthetic_run", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from chaoskit.reports import render_html, render_json, render_text
record = module.build()
sys.stdout.buffer.write((render_html(record) + render_text(record, full=True)).encode() + render_json(record))
"""


class Page(HTMLParser):
    """Every element with its attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in self.inside and self.cdata_elem:
            self.inside[self.elements[-1][0]].append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element with this tag."""
        return [attributes for name, attributes in self.elements if name == tag]


def digest(text: str) -> str:
    """As a content security policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture(scope="module")
def hostile_page(build_run: Build) -> str:
    """The page of a run full of markup."""
    return render_html(build_run(hostile=True))


def test_the_policy_admits_the_pages_own_script_and_style_and_nothing_else(invalid_run: RunRecord) -> None:
    """Exactly the specified policy, with the hashes of exactly one script and one style."""
    page = Page(render_html(invalid_run))
    data, script = page.inside["script"]
    (style,) = page.inside["style"]
    (policy,) = [meta["content"] for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src 'sha256-{digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", data)


@pytest.mark.parametrize("status", ["invalid", "valid", "unknown"])
def test_no_element_has_inline_style_or_handlers_or_asks_for_anything_outside(build_run: Build, status: str) -> None:
    """No style or on… attribute, no address but fragments of this page and the icon in it."""
    for tag, attributes in Page(render_html(build_run(status=status))).elements:
        assert not any(name == "style" or name.startswith("on") for name in attributes), (tag, attributes)
        address = attributes.get("href") or attributes.get("src")
        assert address is None or address.startswith(("#", "data:image/svg+xml,")), (tag, attributes)


def test_what_a_model_wrote_is_never_markup(hostile_page: str) -> None:
    """A value, a node's name, an error, a summary and a log line full of markup give no element."""
    page = Page(hostile_page)
    assert page.named("img") == []
    assert len(page.named("script")) == 2
    assert "<img" not in hostile_page
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in hostile_page


def test_the_title_and_the_icon_carry_the_verdict(build_run: Build) -> None:
    """A tab among many tells whether it held."""
    icons = []
    for status, word in [
        ("invalid", "INVALID: stale-read · key k3 — raft, seed 7"),
        ("valid", "VALID: linearizable, invariants"),
    ]:
        page = render_html(build_run(status=status))
        assert f"<title>{word}" in page
        icons += [link["href"] for link in Page(page).named("link")]
    assert len(set(icons)) == 2


def test_the_same_run_gives_the_same_bytes_in_another_process() -> None:
    """Two processes with different hash seeds write equal pages, texts and JSON."""
    run = Path(__file__).with_name("synthetic_run.py")
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PRINT_ALL, str(run)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 100_000


def test_no_report_depends_on_the_machine_or_the_place(build_run: Build) -> None:
    """Wall times, versions of Python and packages, directories and paths stand in the manifest alone."""
    record = build_run()
    for text in (render_html(record), render_text(record, full=True), render_json(record).decode()):
        for secret in ("/home/someone", "3.11.9", "2.4.6", "41.7251"):
            assert secret not in text


def test_no_report_depends_on_the_order_of_a_map(build_run: Build) -> None:
    """What was just run and what was read back from disk hold their maps in different orders, and are told alike."""

    def turned(values: dict[str, Any]) -> dict[str, Any]:
        return {name: turned(value) if isinstance(value, dict) else value for name, value in reversed(values.items())}

    def reports(record: RunRecord) -> list[str]:
        return [render_html(record), render_text(record, full=True), render_json(record).decode()]

    record, other = build_run(status="valid"), build_run(status="valid")
    plan, outcome = other.outcome.plan, other.outcome
    outcome.plan = structs.replace(
        plan,
        cluster=structs.replace(
            plan.cluster,
            **{name: turned(getattr(plan.cluster, name)) for name in ("roles", "network", "disk", "clocks")},
        ),
        model_parameters=turned(plan.model_parameters),
        workload_parameters=turned(plan.workload_parameters),
    )
    outcome.effects = turned(outcome.effects)
    outcome.stats = structs.replace(outcome.stats, phases=turned(outcome.stats.phases))
    other.manifest = structs.replace(other.manifest, digests=turned(other.manifest.digests))
    parts = [structs.replace(part, results=turned(part.results)) for part in other.verdict.parts]
    other.verdict = structs.replace(other.verdict, parts=parts)
    assert reports(other) == reports(record)


def test_digests_and_phases_are_told_in_their_own_order(build_run: Build) -> None:
    """From what clients saw to everything, and from the first phase to the last."""
    lines = render_text(build_run(), full=True).splitlines()
    assert [line.split()[0] for line in lines[lines.index("[digests]") + 1 :]] == ["history", "journal", "full"]
    first = lines.index("[phases]") + 1
    assert [line.split()[0] for line in lines[first : first + 2]] == ["main", "recovery"]


def test_the_data_in_the_page_is_the_run(invalid_run: RunRecord) -> None:
    """Unpacked, it has every operation, every injected fault and the anomaly; its header holds no time."""
    packed = base64.b64decode(Page(render_html(invalid_run)).inside["script"][0])
    assert packed[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    data = json.loads(gzip.decompress(packed))
    assert len(data["operations"]["index"]) == 200
    assert [fault["id"] for fault in data["faults"]] == ["f1", "f3", "f2"]
    assert data["anomalies"][0]["names"] == {"142": "r142", "107": "w107", "85": "w85"}
    assert len(data["panels"]["messages"]["windows"][0]["messages"]) == 100


def test_a_page_grows_by_so_little_that_a_hundred_thousand_operations_fit_in_three_megabytes(build_run: Build) -> None:
    """At most 28 bytes an operation, seen on twenty thousand; and the table says what it leaves to its script."""
    small, large = render_html(build_run(ops=200)), render_html(build_run(ops=20_000))
    assert len(large.encode()) - len(small.encode()) <= 28 * 19_800
    assert len(small.encode()) <= 200_000
    assert "showing 201 of 20,000 operations" in large


def test_every_panel_has_a_template_and_a_title() -> None:
    """And no template is left over."""
    names = [panel.NAME for panel in (HEADER, *PANELS)]
    templates = {entry.name for entry in resources.files("chaoskit.reports").joinpath("templates").iterdir()}
    assert templates == {f"{name}.html" for name in names} | {"page.html", "head.html", "figure.html", "soak.html", "sweep.html"}
    assert len({panel.TITLE for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("invalid", ["explanation", "timeline", "messages", "faults", "operations", "reproduce", "facts"]),
        ("valid", ["exercise", "timeline", "faults", "operations", "reproduce", "facts"]),
        ("unknown", ["undecided", "exercise", "timeline", "faults", "operations", "reproduce", "facts"]),
    ],
)
def test_a_page_has_the_panels_that_its_verdict_calls_for(build_run: Build, status: str, shown: list[str]) -> None:
    """What was exercised stands where nothing was found; why it is unknown where nobody knows."""
    record = build_run(status=status)
    assert [panel.NAME for panel in PANELS if panel.applies(View(record))] == shown
    sections = [attributes["id"] for attributes in Page(render_html(record)).named("section") if attributes.get("id")]
    assert sections == shown


def test_the_page_explains_itself_without_its_script(invalid_run: RunRecord) -> None:
    """The figure is in the page as SVG, the sentences and the rows round the anomaly as HTML."""
    page = render_html(invalid_run)
    assert page.count('<g class="bar ok" data-op=') == 3
    assert page.count('<tr data-op="') == 200
    assert 'role="img" aria-label="The operations of anomaly 1 in the order of their events"' in page


def test_an_empty_run_has_a_page(build_run: Build) -> None:
    """Nothing asked, nothing answered: no panel may stumble."""
    record = build_run(ops=3, status="valid", faults=False)
    assert "no operation succeeded" in render_html(record)


def test_an_interrupted_run_says_so(build_run: Build) -> None:
    """On the page and in the text."""
    record = build_run(status="valid")
    record.outcome.interrupted = "Ctrl-C"
    assert "interrupted: Ctrl-C" in render_html(record)
    assert "interrupted: Ctrl-C" in render_text(record, full=True)
