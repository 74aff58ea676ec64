"""The page of a soak in a real browser: from disk, without a script, without a complaint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chaoskit.core.soak import SoakRecord
from chaoskit.reports.soak import render_soak


@pytest.fixture
def opened(reader: Any, soak_record: SoakRecord, tmp_path: Path) -> Any:
    """The browser with the page of a soak."""
    page = tmp_path / "index.html"
    page.write_text(render_soak(soak_record), encoding="utf-8")
    reader.driver.get("about:blank")
    reader.driver.get(page.as_uri())
    return reader


def test_the_page_of_a_soak_opens_without_a_complaint(opened: Any) -> None:
    """No violation of the policy, nothing in the console, nothing wider than the window, and it is dressed."""
    assert opened.complaints() == []
    assert opened.js("return document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.js("return getComputedStyle(document.querySelector('.badge.invalid')).backgroundColor") == "rgb(192, 31, 58)"


def test_a_class_links_to_its_report_beside_the_page(opened: Any) -> None:
    """Within the soak's directory, so that the whole directory can be moved."""
    link = opened.js("return document.querySelector('.soak a').href")
    assert link == opened.js("return new URL('stale-read-5/report.html', location.href).href")


def test_the_page_of_a_soak_has_landmarks_and_pictures_with_words(opened: Any) -> None:
    """One h1, one main, a skip link first, and a label on each drawing."""
    assert opened.js("return document.querySelectorAll('h1').length") == 1
    assert opened.js("return document.querySelectorAll('main').length") == 1
    assert opened.js("return document.querySelector('a').getAttribute('href')") == "#main"
    assert opened.js("return [...document.querySelectorAll('svg')].filter((one) => !one.getAttribute('aria-label')).length") == 0
