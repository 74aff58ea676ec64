"""The page in a real browser: opened from disk, under its own policy, with pointer, keys and address bar."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_html
from chaoskit.reports.operations import Operations

Build = Callable[..., RunRecord]
CANVAS = "#timeline-canvas"


@pytest.mark.parametrize("status", ["invalid", "valid", "unknown"])
def test_the_page_opens_from_disk_without_a_complaint(reader: Any, build_run: Build, status: str) -> None:
    """No violation of the policy, no error, nothing in the console; the timeline is drawn and nothing is missing."""
    reader.open(render_html(build_run(status=status)))
    colours = reader.js(
        """const canvas = document.querySelector(arguments[0]);
        const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return new Set(pixels).size""",
        CANVAS,
    )
    assert colours > 20
    assert reader.js("return document.getElementById('trouble').hidden") is True
    assert reader.complaints() == []


def test_markup_from_a_model_stays_text_wherever_it_is_shown(reader: Any, build_run: Build) -> None:
    """As a node, a value, an error, a summary, a log line and on the hover card: seen as written, never an element."""
    reader.open(render_html(build_run(hostile=True)))
    reader.click("#operations-all")
    reader.js("document.getElementById('operations-filter').value = 'onerror'")
    reader.js("document.getElementById('operations-filter').dispatchEvent(new Event('input'))")
    reader.wait("document.getElementById('operations-showing').textContent.startsWith('showing')")
    for selector in ("#explanation .summary", "#explanation .states", "#messages-figure", "#operations-table"):
        shown = reader.js("return document.querySelector(arguments[0]).textContent", selector)
        assert "<img src=x onerror=alert(1)>" in shown, selector
    assert reader.js("return document.images.length") == 0
    assert reader.complaints() == []


def test_a_mentioned_operation_is_selected_everywhere(reader: Any, invalid_page: str) -> None:
    """A link in a sentence marks the bar of the figure and the row, shows the facts, and goes into the address."""
    reader.open(invalid_page)
    reader.click('.sentences a[data-op="142"]')
    assert reader.text("#selection h3") == "r142 read k3 → 4"
    assert "c5" in reader.text("#selection dl")
    assert reader.js("return document.querySelectorAll('.selected[data-op=\"142\"]').length") >= 3
    assert reader.js("return location.hash").startswith("#op=142&t=")
    assert "r142 read k3 → 4, outcome ok" in reader.js("return document.getElementById('spoken').textContent")


def test_back_returns_to_the_operation_selected_before(reader: Any, invalid_page: str) -> None:
    """A selection is a step of the browser's history."""
    reader.open(invalid_page)
    reader.click('.sentences a[data-op="85"]')
    reader.click('.sentences a[data-op="142"]')
    reader.driver.back()
    reader.wait("document.querySelector('#selection h3').textContent.startsWith('w85 ')")


def test_an_address_opens_the_moment_it_names(reader: Any, invalid_page: str) -> None:
    """A link to a moment can be sent."""
    reader.open(invalid_page, fragment="#op=85&t=0.5-0.9")
    reader.wait("document.getElementById('view-range').textContent === '0.500 s to 0.900 s (400.0 ms)'")
    assert reader.text("#selection h3") == "w85 write k3=4"


def test_the_timeline_begins_round_the_anomaly_and_shows_the_whole_run_on_demand(reader: Any, invalid_page: str) -> None:
    """By button and by key, and back."""
    reader.open(invalid_page)
    reader.wait("document.getElementById('view-range').textContent.startsWith('0.678 s to 1.464 s')")
    reader.click("#view-whole")
    reader.wait("document.getElementById('view-range').textContent.startsWith('0.000 s to 3.5')")
    reader.click("#view-anomaly")
    reader.wait("document.getElementById('view-range').textContent.startsWith('0.678 s')")
    reader.press("0", on=CANVAS)
    reader.wait("document.getElementById('view-range').textContent.startsWith('0.000 s')")


def test_the_keyboard_alone_reaches_the_anomaly_and_its_operations(reader: Any, invalid_page: str) -> None:
    """n goes to the anomaly; on the canvas Enter selects, j and k step along the lane, Escape lets go."""
    reader.open(invalid_page)
    reader.press("n")
    assert reader.js("return document.getElementById('spoken').textContent") == "anomaly 1 of 1: stale-read · key k3"
    reader.press("\ue007", on=CANVAS)
    first = reader.text("#selection")
    reader.press("j", on=CANVAS)
    second = reader.text("#selection")
    reader.press("k", on=CANVAS)
    assert reader.text("#selection") == first != second
    reader.press("\ue00c", on=CANVAS)
    assert reader.js("return document.getElementById('selection').hidden") is True
    reader.press("?")
    assert reader.js("return document.getElementById('help').open") is True


def test_pointing_at_an_operation_shows_its_card_and_clicking_selects_it(reader: Any, invalid_page: str) -> None:
    """Found at the place where the layout draws it: the middle of the stale read."""
    from selenium.webdriver.common.action_chains import ActionChains

    reader.open(invalid_page)
    reader.js("document.getElementById('timeline').scrollIntoView({ block: 'center' })")
    canvas = reader.driver.find_element("css selector", CANVAS)
    width, height = reader.js("const box = arguments[0].getBoundingClientRect(); return [box.width, box.height]", canvas)
    time = (1.331 - 0.6776) / (1.4644 - 0.6776)
    x, y = 64 + time * (width - 64), 28 + 2 * 20 + 6 + 5.5 * 30
    over = ActionChains(reader.driver).move_to_element_with_offset(canvas, int(x - width / 2), int(y - height / 2))
    over.perform()
    assert reader.text("#card strong") == "r142 read k3 → 4"
    over.click().perform()
    assert reader.text("#selection h3") == "r142 read k3 → 4"
    assert reader.complaints() == []


def test_a_faults_row_moves_the_timeline_to_it(reader: Any, invalid_page: str) -> None:
    """With some room to either side."""
    reader.open(invalid_page)
    reader.click("#faults button[data-fault='f2']")
    reader.wait("document.getElementById('view-range').textContent.startsWith('1.880 s to 2.720 s')")
    assert reader.js("return document.querySelector('tr.chosen').dataset.fault") == "f2"


def test_the_messages_show_who_was_cut_off_and_what_the_anomaly_caused(reader: Any, invalid_page: str) -> None:
    """A lifeline a node, the read's request and answer emphasised, losses drawn once for those lost together."""
    reader.open(invalid_page)
    assert reader.text("#messages-showing") == "Round 1.352 s: showing 100 of 498 messages of the run."
    hosts = reader.js("return [...document.querySelectorAll('#messages .host')].map((host) => host.textContent)")
    assert hosts == ["n1", "n2", "n3", "n4", "n5", "c2", "c5"]
    concerned = reader.js("return [...document.querySelectorAll('#messages .concerned .name')].map((name) => name.textContent)")
    assert concerned == ["Answer", "Request", "Answer"]
    assert reader.js("return document.querySelectorAll('#messages .lost').length") > 0
    assert reader.js("return document.querySelectorAll('#messages g.bar.ok[data-op]').length") >= 1


def test_all_operations_can_be_scrolled_and_filtered_and_read_as_in_python(reader: Any, build_run: Build) -> None:
    """The script says each operation as the templates do; what is left out is counted."""
    record = build_run(ops=3000)
    reader.open(render_html(record))
    assert reader.text("#operations-showing") == "showing 201 of 3,000 operations"
    reader.click("#operations-all")
    assert reader.text("#operations-showing") == "all 3,000 operations"
    rows = reader.js("return [...document.querySelectorAll('#operations-table tr[data-op]')].map((row) => row.innerText)")
    operations = Operations(record.outcome.history, slots=8)
    assert len(rows) < 100
    for row, text in enumerate(rows):
        operation = operations[row]
        cells = text.split("\t")
        assert cells[:5] == [str(operation.index), operation.lane, operation.process, operation.text, operation.type]
        assert cells[5] == (operation.result or operation.error or "")
    reader.press("type:info f:read t>0.1s", on="#operations-filter")
    reader.wait("document.getElementById('operations-showing').textContent.startsWith('showing')")
    reads = [row for row in range(len(operations)) if operations[row].type == "info" and operations[row].f == "read"]
    late = [row for row in reads if (operations[row].end or 10**18) > 100_000_000]
    assert reader.text("#operations-showing") == f"showing {len(late)} of 3,000 operations"
    assert reader.complaints() == []


def test_the_theme_can_be_chosen_and_the_canvas_follows(reader: Any, invalid_page: str) -> None:
    """Auto, light, dark, and round again; the canvas is drawn anew in the theme's colours."""
    reader.open(invalid_page)
    corner = "return [...document.querySelector(arguments[0]).getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"
    reader.click("#theme")
    reader.click("#theme")
    assert reader.text("#theme") == "Theme: dark"
    reader.wait(f"(() => {{ {corner.replace('arguments[0]', repr(CANVAS))} }})().join() === '22,26,33'")
    reader.click("#theme")
    assert reader.text("#theme") == "Theme: auto"
    assert reader.js("return 'theme' in document.documentElement.dataset") is False


def test_the_page_reads_well_without_its_script(reader: Any, invalid_page: str) -> None:
    """Figure, sentences, faults and rows stand; controls that would do nothing are not shown."""
    reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.driver.get("about:blank")
        path = reader._folder / "quiet.html"
        path.write_text(invalid_page, encoding="utf-8")
        reader.driver.get(path.as_uri())
        shown = {
            selector: reader.driver.find_element("css selector", selector).is_displayed()
            for selector in (".anomaly-figure svg", ".sentences", "#operations-table", "#timeline noscript p", ".actions", CANVAS)
        }
    finally:
        reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert shown == {
        ".anomaly-figure svg": True,
        ".sentences": True,
        "#operations-table": True,
        "#timeline noscript p": True,
        ".actions": False,
        CANVAS: False,
    }


def test_the_page_has_landmarks_headings_in_order_and_a_way_past_the_bar(reader: Any, invalid_page: str) -> None:
    """One h1, no level left out, one main, labelled sections, a skip link first, a name for each control."""
    reader.open(invalid_page)
    levels = reader.js(
        """const headings = [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => !one.closest("dialog"));
        return headings.map((one) => Number(one.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert reader.js("return document.querySelectorAll('main').length") == 1
    assert reader.js("return document.querySelector('a').getAttribute('href')") == "#main"
    nameless = reader.js(
        """return [...document.querySelectorAll('button, input, canvas[tabindex], a')]
        .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.closest('label'))).length"""
    )
    assert nameless == 0
