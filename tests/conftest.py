"""Ends `pytest -m smoke` where the toolkit is not installed, before its tests are collected."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a smoke run without the plugin that would run it."""
    asked = "smoke" in str(config.getoption("markexpr") or "").split()
    if asked and not config.pluginmanager.has_plugin("smoke"):
        raise pytest.UsageError(
            "this Python does not have the plugin that runs the smoke checks, so nothing was sent. "
            "Run: nox -s smoke"
        )
