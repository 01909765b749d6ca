"""Errors that stop a run, with their exit codes and causes.

Two families that never mix:

* `SmokeError` and its children stop the run. `exit_code` and `cause` say who must act.
* A wrong answer of the service is an `AssertionError` and fails one check.
  See `smoke.results.expectations`.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from typing import ClassVar, Self


class Exit(IntEnum):
    """Exit codes of a run; they are the same with and without pytest-xdist."""

    GREEN = 0
    RED = 1
    UNVERIFIED = 2
    INTERNAL = 3
    MISUSED = 4


class Cause(StrEnum):
    """Who must act on a failure."""

    SERVICE = "service"
    CONTRACT = "contract"
    ENVIRONMENT = "environment"
    HARNESS = "harness"


class SmokeError(Exception):
    """The suite is misused: a person must correct this before a run can check the service."""

    exit_code: ClassVar[Exit] = Exit.MISUSED
    cause: ClassVar[Cause] = Cause.HARNESS
    # The exchange that the message is about, if it is not the last one of the run.
    exchange: object = None

    def about(self, exchange: object) -> Self:
        """Return this error with the exchange that its message is about."""
        self.exchange = exchange
        return self


class ConfigError(SmokeError):
    """The configuration has mistakes, all of them reported together."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class DataError(SmokeError):
    """A file of the project is broken; the message begins with the place."""


class RefusedError(SmokeError):
    """A request was not sent because this run must not send it; the check that tried fails."""


class LeftOutError(SmokeError):
    """This target lacks something that a check needs; the check is skipped, with the reason."""


class BlockedError(AssertionError):
    """An entry could not be sent, because it needs a missing value; `cause` is the service.

    `by` names the entry that failed earlier and has its own report; empty if there is none.
    """

    cause: ClassVar[Cause] = Cause.SERVICE

    def __init__(self, message: str, by: str = "") -> None:
        super().__init__(message)
        self.by = by


class UnverifiedError(SmokeError):
    """The run could not finish, so its verdict is neither red nor green."""

    exit_code: ClassVar[Exit] = Exit.UNVERIFIED
    cause: ClassVar[Cause] = Cause.ENVIRONMENT


class BrokenError(SmokeError):
    """The service is wrong in a way that leaves nothing else to check."""

    exit_code: ClassVar[Exit] = Exit.RED
    cause: ClassVar[Cause] = Cause.SERVICE


class CrashedError(SmokeError):
    """The suite, pytest or a plugin raised an unexpected error: nothing is verified."""

    exit_code: ClassVar[Exit] = Exit.INTERNAL
    cause: ClassVar[Cause] = Cause.HARNESS


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest allowed word, or an empty string."""
    near = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
