"""
Ends `pytest -m smoke` where the toolkit is not installed, before its tests are collected, and keeps
the garbage collector away from what all tests have.
"""

import gc

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a smoke run without the plugin that would run it."""
    asked = "smoke" in str(config.getoption("markexpr") or "").split()
    if asked and not config.pluginmanager.has_plugin("smoke"):
        raise pytest.UsageError(
            "this Python does not have the plugin that runs the smoke checks, so nothing was sent. "
            "Run: nox -s smoke"
        )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests stay to the end: a test that collects garbage need not go through them."""
    if not session.config.getoption("target", None):  # a smoke run is short
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Plugins that end now may look for what refers to their objects."""
    if not session.config.getoption("target", None):
        gc.unfreeze()
