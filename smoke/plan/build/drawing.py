"""
Drawing: the simplest request that schemathesis and Hypothesis make, as plain JSON.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from math import isfinite
from time import process_time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_S = 5.0
"""Seconds of CPU for the request of one operation; nearly all take a hundredth of one."""

BASE64 = "c21va2U="
"""Bytes as JSON has them."""


@dataclass(frozen=True, slots=True)
class Example:
    """Generated values by location; `problem` says why there are none."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    problem: str = ""


def simplest(operation: Any) -> Example:
    """The simplest request of one of schemathesis' operations."""
    from schemathesis import GenerationMode
    from schemathesis.core import NotSet

    try:
        case = _draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        return Example(
            path=_unquoted(_plain(dict(case.path_parameters or {}))),
            query=_plain(dict(case.query or {})),
            headers=_plain(dict(case.headers or {})),
            cookies=_plain(dict(case.cookies or {})),
            body=None if isinstance(case.body, NotSet) else _plain(case.body),
        )
    except Exception as error:  # whatever a generator trips over is told, not raised
        return Example(problem=reason(error))


def _unquoted(values: dict[str, Any]) -> dict[str, Any]:
    """Values of a path as they are: schemathesis encodes them, and so does who sends them."""
    return {k: unquote(v) if isinstance(v, str) else v for k, v in values.items()}


def _plain(value: Any) -> Any:
    """
    A generated value as JSON has it; bytes are text, as they are in JSON (OpenAPI 3.1.0, 4.8.14.4).

    Raises:
        TypeError: JSON has no such value.
    """
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, str):
        return value if type(value) is str else BASE64  # schemathesis wraps bytes as a kind of text
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def reason(error: Exception) -> str:
    """What a generator tripped over, in one line."""
    first, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first[:160]}"


class TooLongError(Exception):
    """Nothing that fits was found in the time that one operation has."""


def _draw(strategy: Any) -> Any:
    """
    The first value Hypothesis draws is its simplest one; a fixed seed settles the rest.

    Raises:
        TooLongError: what was drawn did not fit, again and again.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
    from hypothesis.strategies import composite

    drawn: list[Any] = []
    until = process_time() + MOST_S

    @composite
    def in_time(draw: Callable[[Any], Any]) -> Any:
        if process_time() > until:
            raise TooLongError(f"nothing fitted in {MOST_S:g} s")
        return draw(strategy)

    @seed(0)
    @settings(
        database=None,
        max_examples=1,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(in_time())
    def take(value: Any) -> None:
        drawn.append(value)

    take()
    return drawn[0]
