"""What can go wrong that is not an assertion about the service.

Two families that never mix:

* `SmokeError` and its children stop the run. `exit_code` and `cause` say who must act.
* A wrong answer of the service is an `AssertionError` and fails one check.
  See `smoke.results.expectations`.
"""

from difflib import get_close_matches
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    """The suite is misused: nothing can be said about the service until that is mended."""

    exit_code: ClassVar[Exit] = Exit.MISUSED
    cause: ClassVar[Cause] = Cause.HARNESS


class ConfigError(SmokeError):
    """The configuration has mistakes, all of them reported together."""

    def __init__(self, mistakes: "Iterable[str]") -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class DataError(SmokeError):
    """A file of the project is broken; the message begins with the place."""


class RefusedError(SmokeError):
    """A request was not sent because this run must not send it; the check that tried fails."""


class LeftOutError(SmokeError):
    """This target does not take what a check needs; the check is skipped, with the reason."""


class BlockedError(AssertionError):
    """An entry could not be sent, because what it needs is not there; `cause` is the service.

    `by` names the entry that failed before and was reported then; empty where none was.
    """

    cause: ClassVar[Cause] = Cause.SERVICE

    def __init__(self, message: str, by: str = "") -> None:
        super().__init__(message)
        self.by = by


class UnverifiedError(SmokeError):
    """The run could not finish, so it says neither red nor green."""

    exit_code: ClassVar[Exit] = Exit.UNVERIFIED
    cause: ClassVar[Cause] = Cause.ENVIRONMENT


class BrokenError(SmokeError):
    """The service is wrong in a way that leaves nothing else to check."""

    exit_code: ClassVar[Exit] = Exit.RED
    cause: ClassVar[Cause] = Cause.SERVICE


class CrashedError(SmokeError):
    """Something of ours, of pytest or of a plugin raised where nothing may: nothing is verified."""

    exit_code: ClassVar[Exit] = Exit.INTERNAL
    cause: ClassVar[Cause] = Cause.HARNESS


def nearest(word: str, allowed: "Iterable[str]") -> str:
    """Return ` Did you mean 'x'?` for the nearest allowed word, or an empty string."""
    near = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
