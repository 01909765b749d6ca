"""
Values in rules: literals, references to facts of the run, and values generated for the run.

- a text may hold `{run}`, `{world:NAME}`, `{email:ACTOR}`, `{env:NAME}` and the like; `{{` and `}}`
  stand for braces; a value of the environment is masked everywhere;
- `{ from = "OPERATION", pointer = "/…" }` is a value of an earlier response; `header` instead of
  `pointer` takes a header of it, `sent` a value of its request; `owned = true` means that this run
  created the thing with that value; a `*` in a pointer is the first item of a list, or with
  `where = { field = <value> }` the first item with these fields;
  `{run}` and `{tenant}` in a pointer are the run's id and tenant;
- `{ unique = "prefix" }` is a text that no other run has: the same prefix gives the same text
  within one run; `suffix` follows it, `as` chooses another kind;
- `{ text = [<value>, …] }` is its parts, joined;
- `{ totp = <value> }` is the time-based code (RFC 6238) of a secret.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smoke.errors import DataError

ACTOR_FIELDS = ("email", "password", "user_id", "tenant_id", "access", "refresh")
RUN_FIELDS = ("run", "tenant", "now", "today")
PLACEHOLDER = re.compile(r"{{|}}|{([a-z_]+)(?::([\w.-]+))?}")
SOURCES = frozenset({"pointer", "header", "sent"})
FROM_KEYS = frozenset({"from", "owned", "where"}) | SOURCES
UNIQUE_KEYS = frozenset({"unique", "suffix", "as"})
UNIQUE_KINDS = ("text", "uuid", "ipv4", "digits", "hex", "word")


def is_reference(value: Any) -> bool:
    """Whether a table is one of the special values instead of data."""
    return isinstance(value, dict) and any(is_it(value) for is_it in KINDS)


def is_from(value: dict[str, Any]) -> bool:
    """Whether a table names a value of an earlier answer or request."""
    return "from" in value and bool(SOURCES & set(value)) and set(value) <= FROM_KEYS


def is_unique(value: dict[str, Any]) -> bool:
    """Whether a table requests a value that only this run has."""
    return "unique" in value and set(value) <= UNIQUE_KEYS


def is_totp(value: dict[str, Any]) -> bool:
    """Whether a table requests a time-based one-time code."""
    return set(value) == {"totp"}


def is_text(value: dict[str, Any]) -> bool:
    """Whether a table is a text made of parts."""
    return set(value) == {"text"} and isinstance(value["text"], list)


KINDS = (is_from, is_unique, is_totp, is_text)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_pointer(value: Any) -> bool:
    return isinstance(value, str) and (not value or value.startswith("/"))


# The allowed values of the keys of special tables: a test, and the words for a message.
FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "from": (_is_text, "the name of a request"),
    "pointer": (_is_pointer, "a JSON pointer, which begins with '/'"),
    "sent": (_is_pointer, "a JSON pointer, which begins with '/'"),
    "header": (_is_text, "the name of a header"),
    "owned": (lambda value: isinstance(value, bool), "true or false"),
    "where": (lambda value: isinstance(value, dict), "a table of fields"),
    "unique": (_is_text, "a text"),
    "suffix": (_is_text, "a text"),
    "gate": (_is_text, "the name of a gate"),
}

Place = tuple[str | int, ...]


def malformed(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Place and problem of every wrong key of a special table, and of every infinity or NaN."""
    if isinstance(value, dict):
        special = is_reference(value) or set(value) == {"gate", "value"}
        for key, member in value.items():
            if special and key in FORMS and not FORMS[key][0](member):
                yield (*place, key), f"{key} = {str(member)[:60]!r}; {FORMS[key][1]} is expected."
            else:
                yield from malformed(member, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from malformed(item, (*place, index))
    # TOML has `inf` and `nan`, JSON has neither.
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, f"{value} is not a number that JSON can hold."


def references(value: Any) -> list[dict[str, Any]]:
    """Every special table inside a value."""
    if isinstance(value, dict):
        inner = [ref for member in value.values() for ref in references(member)]
        return [value, *inner] if is_reference(value) else inner
    if isinstance(value, (list, tuple)):
        return [ref for item in value for ref in references(item)]
    return []


def placeholders(value: Any) -> list[tuple[str, str]]:
    """Every placeholder of the texts inside a value, as (name, argument)."""
    if isinstance(value, dict):
        inside = ("where", "totp", "text") if is_reference(value) else tuple(value)
        return [p for key in inside if key in value for p in placeholders(value[key])]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in placeholders(item)]
    if isinstance(value, str):
        return [(m[1], m[2] or "") for m in PLACEHOLDER.finditer(value) if m[1]]
    return []


# Templates of the sign-in and of seeding: their placeholders are filled at the start of a run.
#
# A text that consists of one placeholder becomes the value itself, whatever its type; without a
# value its key (or item) disappears. The table `{gate = "billing", value = …}` becomes `value` if
# that gate is on, and disappears otherwise.


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
