"""A real browser for the report's tests: Chromium without a window, driven by Selenium.

Without Chromium the tests are skipped with the reason; with CHAOSKIT_FORBID_SKIPS=1 its absence is a failure.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_html

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--force-device-scale-factor=1",
    "--window-size=1400,1000",
]
WATCH = """
window.complaints = [];
document.addEventListener("securitypolicyviolation", (event) => window.complaints.push(`policy: ${event.violatedDirective}`));
window.addEventListener("error", (event) => window.complaints.push(`error: ${event.message}`));
window.addEventListener("unhandledrejection", (event) => window.complaints.push(`rejection: ${event.reason}`));
window.alert = () => window.complaints.push("alert");
"""


class Reader:
    """A browser with a report open, and what a test asks of it."""

    def __init__(self, driver: object, folder: Path) -> None:
        self.driver = driver
        self._folder = folder

    def open(self, page: str, *, fragment: str = "", name: str = "report.html") -> None:
        """Opens a page from disk and waits until its script has begun."""
        path = self._folder / name
        path.write_text(page, encoding="utf-8")
        self.driver.get("about:blank")
        self.driver.get(f"{path.as_uri()}{fragment}")
        self.wait("document.documentElement.dataset.ready === 'true'")
        self.wait("document.getElementById('view-range').textContent !== ''")  # the timeline has its size and is drawn

    def js(self, body: str, *arguments: object) -> object:
        """Runs JavaScript in the page and gives what it returns."""
        return self.driver.execute_script(body, *arguments)

    def wait(self, condition: str, *, seconds: float = 10) -> None:
        """Waits for a condition in JavaScript."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(f"return {condition}")
        )

    def press(self, keys: str, *, on: str = "body") -> None:
        """Presses keys while the element has the focus."""
        element = self.driver.find_element("css selector", on)
        self.js("arguments[0].focus()", element)
        element.send_keys(keys)

    def click(self, selector: str) -> None:
        """Clicks an element wherever it is on the page."""
        self.js("document.querySelector(arguments[0]).click()", selector)

    def text(self, selector: str) -> str:
        """The text that an element shows."""
        return str(self.js("return document.querySelector(arguments[0]).innerText", selector))

    def complaints(self) -> list[object]:
        """Violations of the policy, errors, and whatever the console holds."""
        return [*self.js("return window.complaints"), *(entry["message"] for entry in self.driver.get_log("browser"))]


@pytest.fixture(scope="session")
def invalid_page(build_run: Callable[..., RunRecord]) -> str:
    """The page of a run with one stale read."""
    return render_html(build_run())


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One browser for all tests, with a profile of its own."""
    missing = _missing()
    if missing and os.environ.get("CHAOSKIT_FORBID_SKIPS") == "1":
        pytest.fail(f"CHAOSKIT_FORBID_SKIPS=1, but {missing}")
    if missing:
        pytest.skip(missing)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    yield Reader(driver, tmp_path_factory.mktemp("report"))
    driver.quit()


def _missing() -> str | None:
    absent = [str(path) for path in (CHROMIUM, DRIVER) if not path.exists()]
    if absent:
        return f"the report's tests need a browser: {' and '.join(absent)} not found; apt-get install chromium chromium-driver"
    if importlib.util.find_spec("selenium") is None:
        return "the report's tests need selenium: pip install 'chaoskit[test]'"
    return None
