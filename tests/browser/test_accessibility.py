"""The report has no accessibility violation that axe-core finds."""

import os
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

# axe-core as one script, for example `axe.min.js` of the package axe-playwright-python.
AXE = os.environ.get("AXE_CORE", "")

RUN = """
const done = arguments[arguments.length - 1];
axe.run(document).then((found) => done(found.violations.map((v) => v.id + ": " + v.help)));
"""


@pytest.mark.skipif(not AXE, reason="AXE_CORE names no axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_violation(page: Chrome, width: int, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.execute_script(Path(AXE).read_text(encoding="utf-8"))
        page.set_script_timeout(60)
        assert page.execute_async_script(RUN) == []
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
