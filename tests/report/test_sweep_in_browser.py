"""The page of a wire sweep in a real browser: from disk, a cell told under the pointer and the focus, and moved to by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chaoskit.core.sweep import SweepRecord
from chaoskit.reports.sweep import render_sweep

RIGHT, DOWN = "\ue014", "\ue015"  # as Selenium sends the arrow keys


@pytest.fixture
def opened(reader: Any, sweep_record: SweepRecord, tmp_path: Path) -> Any:
    """The browser with the page of a sweep."""
    page = tmp_path / "report.html"
    page.write_text(render_sweep(sweep_record), encoding="utf-8")
    reader.driver.get("about:blank")
    reader.driver.get(page.as_uri())
    reader.wait("document.documentElement.dataset.ready === 'true'")
    return reader


def test_the_page_of_a_sweep_opens_without_a_complaint(opened: Any) -> None:
    """No violation of the policy, nothing in the console, nothing wider than the window, and it is dressed."""
    assert opened.complaints() == []
    assert opened.js("return document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.js("return getComputedStyle(document.querySelector('td.cell.hang')).backgroundColor") == "rgb(192, 31, 58)"
    assert opened.js("return getComputedStyle(document.querySelector('td.cell.failed')).backgroundColor") == "rgb(255, 230, 242)"


def test_the_cell_under_the_pointer_is_told(opened: Any) -> None:
    """With what it came to and the command that runs it again; what a handler said is text."""
    opened.js("document.querySelector('[data-cell=\"eof@1:client\"]').dispatchEvent(new PointerEvent('pointerenter'))")
    told = opened.text("#told")
    assert told.startswith("eof@1:client failed: the handler said </script><img src=x onerror=alert(1)>")
    assert "again chaoskit sweep greeting --bug hasty --cell eof@1:client" in told
    assert opened.js("return document.querySelectorAll('img').length") == 0


def test_keys_go_from_cell_to_cell_and_from_finding_to_finding(opened: Any) -> None:
    """One cell can be reached by Tab, the first finding; the link in the address bar follows."""
    tabbed = opened.js("return [...document.querySelectorAll('[tabindex=\"0\"]')].map((one) => one.dataset.cell)")
    assert tabbed == ["stall@0:client"]
    opened.press(RIGHT, on="[tabindex='0']")
    opened.press(DOWN, on="[tabindex='0']")
    assert opened.js("return document.activeElement.dataset.cell") == "eof@1:client"
    assert opened.js("return location.hash") == "#eof%401%3Aclient"
    assert opened.text("#told").startswith("eof@1:client")
    opened.press("n", on="[tabindex='0']")
    assert opened.js("return document.activeElement.dataset.cell") == "stall@3:client"
    opened.press("p", on="[tabindex='0']")
    assert opened.js("return document.activeElement.dataset.cell") == "eof@0:client"


def test_a_link_to_a_cell_opens_it(opened: Any) -> None:
    """From a line of the text report, say."""
    opened.js("location.hash = '#fail%401%3Aserver'; location.reload()")
    opened.wait("document.documentElement.dataset.ready === 'true'")
    assert opened.js("return document.activeElement.dataset.cell") == "fail@1:server"


def test_the_page_of_a_sweep_has_landmarks_and_named_tables(opened: Any) -> None:
    """One h1, one main, a skip link first, and a name on each block."""
    assert opened.js("return document.querySelectorAll('h1').length") == 1
    assert opened.js("return document.querySelectorAll('main').length") == 1
    assert opened.js("return document.querySelector('a').getAttribute('href')") == "#main"
    names = opened.js("return [...document.querySelectorAll('[role=grid]')].map((one) => one.getAttribute('aria-label'))")
    assert names[0] == "what the client says, message 1"
    assert len(names) == len(set(names)) == 4
