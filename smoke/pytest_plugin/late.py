"""
Errors of other plugins where pytest catches none: in its last hooks, and before its first.

A conftest that raises in `pytest_unconfigure` ends pytest with 1, which means here that the service
is wrong. One that calls `pytest.exit(…, returncode=0)` at the start ends it with 0.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from smoke.errors import CrashedError, Exit
from smoke.pytest_plugin.claim import CLAIMS


@contextmanager
def caught(report: Callable[[pytest.ExceptionInfo[BaseException]], None]) -> Iterator[None]:
    """Report any error of the block instead of raising it, also one such as `sys.exit(0)`."""
    try:
        yield
    except BaseException:
        report(pytest.ExceptionInfo.from_current())


@contextmanager
def last_word(config: pytest.Config) -> Iterator[None]:
    """Correct the result of a run if an error in this block, or an early exit, makes it wrong."""
    session = config.pluginmanager.get_plugin("session")
    if CLAIMS not in config.stash or session is None:
        yield
        return
    claims = config.stash[CLAIMS]

    def crashed(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # The service is wrong, however the run ended.
        if Exit.RED in (session.exitstatus, claims.code):
            return
        error = CrashedError(f"the run crashed: {excinfo.exconly()}")
        sys.stderr.write(f"\nUNVERIFIED ({error.cause})  {error}\n")
        claims.replace(error)
        claims.code = session.exitstatus = int(error.exit_code)

    with caught(crashed):
        yield
    if claims.code is not None:  # another plugin may have changed it
        session.exitstatus = claims.code
    elif session.exitstatus == Exit.GREEN and not claims.are_settled:
        session.exitstatus = int(Exit.UNVERIFIED)
