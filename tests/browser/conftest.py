"""The browser: Debian's chromium, headless, with an eye on its console and its network."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from smoke.report.files import write_reports
from tests.results.records import green, red

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--disable-domain-reliability", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
"""How the browser is started: without a screen, and without a way to look any name up."""

BINARIES = ("chromium", "chromium-browser", "google-chrome")


def started_browser() -> Chrome:
    """Start chromium without a screen; it looks up no name and reports its console and network."""
    binary = next(filter(None, map(shutil.which, BINARIES)), None)
    driver = shutil.which("chromedriver")
    assert binary and driver, "The browser's tests need chromium and its driver: .ci/browser"  # noqa: PT018
    options = ChromeOptions()
    options.binary_location = binary
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chrome(options=options, service=Service(driver))


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """One browser for all tests."""
    started = started_browser()
    yield started
    started.quit()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report of two targets: one red and hostile, one green."""
    place = tmp_path_factory.mktemp("report")
    write_reports([red(place, "eu"), green(place, "us")], place, {})
    return place


@pytest.fixture
def page(browser: Chrome, folder: Path) -> Chrome:
    """The browser with the report freshly opened, 1280 by 900, light."""
    look(browser, 1280, "light")
    log(browser, "browser")
    log(browser, "performance")
    browser.get((folder / "report.html").as_uri())
    return browser


def look(browser: Chrome, width: int, scheme: str) -> None:
    """Set the width of the page and whether the reader likes it dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What a log of the browser has got since it was last read."""
    rows: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return rows


def requested(browser: Chrome) -> list[str]:
    """The URLs the page has asked for since the log was last read."""
    messages: list[dict[str, Any]] = [
        json.loads(row["message"])["message"] for row in log(browser, "performance")
    ]
    return [
        row["params"]["request"]["url"]
        for row in messages
        if row["method"] == "Network.requestWillBeSent"
    ]
