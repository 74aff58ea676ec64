"""What a person sees of a run: the page, the text and the JSON, and what CI servers read, all of the same evidence.

`render_html`, `render_text`, `render_json` and `render_junit` each take a `RunRecord` and are pure: the same run gives the
same bytes on any machine. The way of the data is `view` (plain values from the record), `panels` (one part of the page
each), then a renderer. Nothing here judges a run.
"""

from __future__ import annotations

from chaoskit.reports.github import github_annotations, github_summary
from chaoskit.reports.html import render_html
from chaoskit.reports.json_report import render_json, run_object
from chaoskit.reports.junit import render_junit
from chaoskit.reports.text import render_text

__all__ = [
    "github_annotations",
    "github_summary",
    "render_html",
    "render_json",
    "render_junit",
    "render_text",
    "run_object",
]
