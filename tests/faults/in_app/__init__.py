"""Changes to the reference service: what breaks it before it starts, and layers around it."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from smoke.reference import app as application
from smoke.reference.settings import Settings

Change = Callable[[], None]


def replace(owner: Any, name: str, instead: Any) -> Change:
    """Return the change that puts something else under a name of a module or class."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: the reference service has changed.")

    def change() -> None:
        setattr(owner, name, instead)

    return change


def wrap(owner: Any, name: str, around: Callable[[Any], Any]) -> Change:
    """Return the change that puts something around what stands under a name."""
    return replace(owner, name, around(getattr(owner, name)))


def each(*changes: Change) -> Change:
    """Return one change made of several."""

    def change() -> None:
        for one in changes:
            one()

    return change


def with_api(alter: Callable[[FastAPI], object]) -> Change:
    """Return the change that alters the application when it is built."""
    build = application.build_api

    def built(settings: Settings) -> FastAPI:
        api = build(settings)
        alter(api)
        return api

    return replace(application, "build_api", built)
