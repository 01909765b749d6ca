"""A pytest plugin that is careless with what a run knows: it logs, prints, warns and crashes.

`CARELESS=crash` raises inside pytest's own machinery, `CARELESS=kill` ends the process at once.
"""

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smoke.pytest_plugin.hooks import RunHooks


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Spread the last token that was sent."""
    hooks: RunHooks | None = item.config.pluginmanager.get_plugin("smoke-run")
    assert hooks is not None
    sent = [exchange.request_headers.get("authorization", "") for exchange in
            hooks.smoke.run.exchanges]  # fmt: skip
    token = next((value for value in reversed(sent) if value), "")
    logging.getLogger("careless").error("sent %s", token)
    print(f"printed {token}")  # noqa: T201
    if token and os.environ.get("CARELESS") == "fail":
        pytest.fail(f"failed with {token}")
    if token and os.environ.get("CARELESS") == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Crash with a token in hand."""
    if os.environ.get("CARELESS") == "crash" and "agents" in report.nodeid:
        sections = " ".join(text for _, text in report.sections)
        raise RuntimeError(f"crashed with {sections}")
