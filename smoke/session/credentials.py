"""Secrets that a user hands in: each must be there, be sendable, and be long enough to mask."""

import re
from typing import TYPE_CHECKING

from smoke.errors import ConfigError
from smoke.results.secrets import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smoke.config.rules import Rules
    from smoke.config.targets import Target

SENDABLE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
"""The value of a header field (RFC 9110 §5.5), but for bytes that no sender should use."""


def keys_of(rules: "Rules", target: "Target", environ: "Mapping[str, str]") -> dict[str, str]:
    """Return the key of each actor that has one, by the actor's name.

    Raises:
        ConfigError: a key is not set, or cannot be used; all of them are named.
    """
    asked = target.actors or tuple(rules.actors)
    rows = [rules.actors[name] for name in asked if rules.login.kind == "key"]
    mistakes = [
        f"Actor {row.name!r} signs in with a key: set {row.key}."
        for row in rows
        if not environ.get(row.key or "")
    ]
    keys = {row.name: environ.get(row.key or "", "") for row in rows}
    mistakes += [line for row in rows for line in problems_of(str(row.key), keys[row.name])]
    if mistakes:
        raise ConfigError(mistakes)
    return keys


def problems_of(variable: str, value: str) -> "Iterator[str]":
    """Yield why the value of a variable cannot be sent as a secret; nothing where it is empty."""
    wrong = next((at for at, char in enumerate(value) if not " " <= char <= "~"), None)
    if wrong is not None:
        place = "at its end" if wrong == len(value.rstrip()) else f"at character {wrong + 1}"
        yield (
            f"{variable} has {_named(value[wrong])} {place}, which no header can carry. "
            "Nothing was sent. Remove it; files and secret stores often add a line break."
        )
    elif value and not SENDABLE.fullmatch(value):
        yield f"{variable} begins or ends with a blank. Nothing was sent. Remove it."
    elif value and len(value) < SHORTEST:
        yield (
            f"{variable} is shorter than {SHORTEST} characters, so it could not be masked in every "
            "output. Nothing was sent. Use a longer one."
        )


def _named(char: str) -> str:
    if char in "\r\n":
        return "a line break"
    return "a control character" if char < " " or char == "\x7f" else f"the character {char!r}"
