"""What an entry of the catalogue says: what is done to a deployment, and what must come of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from tests.faults.interference import Begin


@dataclass(frozen=True)
class Proxied:
    """A proxy in front of the service interferes; this works in front of any URL."""

    begin: Begin


@dataclass(frozen=True)
class Http10:
    """A proxy of another age stands in front: HTTP/1.0, one request to a connection."""


@dataclass(frozen=True)
class InApp:
    """The reference service itself is changed before it starts, or wrapped in an ASGI layer."""

    change: Callable[[], None] | None = None
    layer: Callable[[ASGIApp], ASGIApp] | None = None


@dataclass(frozen=True)
class Environment:
    """The service runs with other settings or arguments."""

    variables: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Database:
    """SQL is executed in the service's database file, once its tables are there."""

    statements: tuple[str, ...]


@dataclass(frozen=True)
class Sockets:
    """No HTTP service at all: `listen` gives the URL of something that behaves like none."""

    listen: Callable[[], AbstractContextManager[str]]


Mechanism = Proxied | Http10 | Sockets | InApp | Environment | Database


@dataclass(frozen=True)
class Setting:
    """How the smoke run itself is set up; `edit` changes its own copy of the project."""

    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[Path], None] | None = None
    base_url: str = "{url}"


USUAL = Setting()


@dataclass(frozen=True)
class Fault:
    """
    A deployment that is broken: the run must be red.

    `caught_by` is a pattern of the check that must be the first red line; `says` must stand in its
    text. `why` states where a check of another surface rightly comes first, `missed` why no check
    can see it at all. `before` is called with the service's URL before the run.
    """

    name: str
    group: str
    surface: str
    mechanism: Mechanism
    caught_by: str
    says: str = ""
    why: str = ""
    missed: str = ""
    setting: Setting = USUAL
    before: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Harmless:
    """A deployment that is only different: the run must be green."""

    name: str
    mechanism: Mechanism | None = None
    setting: Setting = USUAL
    before: Callable[[str], None] | None = None


@dataclass(frozen=True)
class FalseGreen:
    """
    A run that verified nothing, or not everything: whatever it says, it must not be green.

    `says` must stand in its output, so that it is caught for its own reason.
    """

    name: str
    mechanism: Mechanism | None = None
    setting: Setting = USUAL
    says: str = ""


@dataclass(frozen=True)
class Hang:
    """A deployment that keeps the run waiting: at its deadline the run must end, unverified."""

    name: str
    mechanism: Mechanism | None = None
    deadline_s: float = 5
    setting: Setting = USUAL


Entry = Fault | Harmless | FalseGreen | Hang
