"""
Templates of the sign-in and of seeding: their placeholders are filled at the start of a run.

A text that consists of one placeholder becomes the value itself, whatever its type; without a
value its key (or item) disappears. The table `{gate = "billing", value = …}` becomes `value` if
that gate is on, and disappears otherwise.
"""

import re
from collections.abc import Mapping
from typing import Any

from smoke.config.rules.values import PLACEHOLDER
from smoke.errors import DataError


class _Nothing:
    """The result of a placeholder without a value: its key or item disappears."""


NOTHING = _Nothing()


def render(template: Any, values: Mapping[str, Any], gates_on: frozenset[str]) -> Any:
    """
    Return the template with its placeholders filled.

    Raises:
        DataError: a longer text has a placeholder without a value.
    """
    found = _render(template, values, gates_on)
    return None if found is NOTHING else found


def _render(template: Any, values: Mapping[str, Any], gates_on: frozenset[str]) -> Any:
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, (list, tuple)):
        items = [_render(item, values, gates_on) for item in template]
        return [item for item in items if item is not NOTHING]
    if not hasattr(template, "items"):
        return template
    if set(template) == {"gate", "value"}:
        shut = template["gate"] not in gates_on
        return NOTHING if shut else _render(template["value"], values, gates_on)
    members = {key: _render(value, values, gates_on) for key, value in template.items()}
    return {key: value for key, value in members.items() if value is not NOTHING}


def _text(template: str, values: Mapping[str, Any]) -> Any:
    # A whole placeholder keeps the type of its value: a number stays a number.
    whole = PLACEHOLDER.fullmatch(template)
    if whole and whole[1]:
        value = values.get(_name(whole))
        return NOTHING if value is None else value
    return PLACEHOLDER.sub(
        lambda found: _value(_name(found), template, values) if found[1] else found[0][0], template
    )


def _name(found: re.Match[str]) -> str:
    return f"{found[1]}:{found[2]}" if found[2] else found[1]


def _value(name: str, template: str, values: Mapping[str, Any]) -> str:
    if values.get(name) is None:
        known = ", ".join(sorted(key for key, value in values.items() if value is not None))
        raise DataError(
            f"rules: {template!r} needs {name!r}, which this run does not have. It has: {known}."
        )
    return str(values[name])
