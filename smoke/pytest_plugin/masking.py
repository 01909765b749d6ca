"""Masks secrets in pytest's own output: its reports, its trace, and the output with `-s`."""

import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

import pytest

from smoke.results.masked_output import MaskedStream, mask_logs
from smoke.results.secrets import Secrets


class Masking:
    """Masks from the start of a run to its end."""

    def __init__(self, config: pytest.Config, secrets: Secrets) -> None:
        self._mask = secrets.mask
        config.add_cleanup(mask_logs(secrets))
        _mask_trace(config.trace.root, secrets.mask)
        if config.option.capture == "no":
            # With `-s`, a check prints directly to the terminal.
            printed = ExitStack()
            printed.enter_context(redirect_stdout(_masked(sys.stdout, secrets.mask)))
            printed.enter_context(redirect_stderr(_masked(sys.stderr, secrets.mask)))
            config.add_cleanup(printed.close)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Mask a report before anything reads it, such as pytest's own `--junitxml`."""
        report = yield
        if isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            report.longrepr = path, line, self._mask(reason)
        elif report.longrepr is not None:
            report.longrepr = self._mask(report.longreprtext)
        report.sections = [(title, self._mask(text)) for title, text in report.sections]
        report.user_properties = [
            (name, self._mask(value) if isinstance(value, str) else value)
            for name, value in report.user_properties
        ]
        return report


def _masked(stream: TextIO, mask: Callable[[str], str]) -> TextIO:
    return cast("TextIO", MaskedStream(stream, mask))


def _mask_trace(trace: Any, mask: Callable[[str], str]) -> None:
    """Mask the file of `--debug`, which shows the arguments and results of all hooks."""
    write = trace._writer  # noqa: SLF001  (pluggy has no other way to ask)
    if write is not None:
        trace.setwriter(lambda text: write(mask(text)))
