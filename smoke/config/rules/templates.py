"""Values with placeholders, as the rules write them.

`{name}` in a text stands for a value of the run. A text that is nothing but one placeholder takes
the value as it is, and where there is none its key (or item) is left out. The table
`{gate = "billing", value = …}` is `value` where that gate is on and is left out elsewhere.
"""

import re
from typing import TYPE_CHECKING, Any

from smoke.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{([a-z_]+(?::[a-z_]+)?)\}")


class _Nothing:
    """What a placeholder without a value leaves behind: its place disappears."""


NOTHING = _Nothing()


def render(template: Any, values: "Mapping[str, Any]", gates_on: frozenset[str]) -> Any:
    """Return the template with its placeholders filled.

    Raises:
        DataError: a text with more than the placeholder names a value that is not there.
    """
    found = _render(template, values, gates_on)
    return None if found is NOTHING else found


def _render(template: Any, values: "Mapping[str, Any]", gates_on: frozenset[str]) -> Any:
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


def _text(template: str, values: "Mapping[str, Any]") -> Any:
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        value = values.get(whole.group(1))
        return NOTHING if value is None else value
    return PLACEHOLDER.sub(lambda found: _value(found.group(1), template, values), template)


def _value(name: str, template: str, values: "Mapping[str, Any]") -> str:
    if values.get(name) is None:
        raise DataError(
            f"rules: {template!r} needs {name!r}, which this run does not have. "
            f"It has: {', '.join(sorted(key for key, value in values.items() if value))}."
        )
    return str(values[name])
