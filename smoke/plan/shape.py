"""The shape of a plan file: mistakes are reported before any request is sent."""

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from smoke.contract.pointers import join
from smoke.plan.values import MARKS, mark_of


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    text = Path(__file__).with_name("plan.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), offline=True)


def mistakes(document: Any) -> Iterator[tuple[str, str]]:
    """The pointer and the problem of every mistake in a plan file."""
    wrong = [(join(*e.instance_path), e.message[:200]) for e in _validator().iter_errors(document)]
    yield from wrong
    # The walk below relies on the shape.
    if wrong:
        return
    for number, entry in enumerate(document["entries"]):
        for key in ("path", "query", "headers", "body"):
            yield from _values(entry.get(key), ("entries", number, key))


def _values(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """The mistakes in tables with a special meaning, such as `$from`."""
    if isinstance(value, dict) and mark_of(value):
        if sum(mark in value for mark in MARKS) > 1:
            yield join(*place), "it has more than one mark"
        for key, member in value.items():
            is_it, words = FORMS.get(key, (None, ""))
            if is_it is not None and not is_it(member):
                yield join(*place, key), f"{str(member)[:60]!r} is not {words}"
    members: Any = value.items() if isinstance(value, dict) else ()
    for key, member in enumerate(value) if isinstance(value, list) else members:
        yield from _values(member, (*place, key))


def _is_file(value: Any) -> bool:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        return False
    try:
        base64.b64decode(value.get("base64", ""))
    except ValueError:
        return False
    return {"name", "type"} <= set(value)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(mark_of(item) == "$from" for item in value)


# The check of each member of a special table, and the expected kind in words.
FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "$from": (lambda value: isinstance(value, str), "a name"),
    "pointer": (lambda value: isinstance(value, str), "a JSON pointer"),
    "header": (lambda value: isinstance(value, str), "a name"),
    "sent": (lambda value: isinstance(value, str), "a JSON pointer"),
    "where": (lambda value: isinstance(value, dict), "a table"),
    "or": (_are_tables, "a list of references"),
    "owned": (lambda value: isinstance(value, bool), "true or false"),
    "keep": (lambda value: isinstance(value, list), "a list of names"),
    "$unique": (lambda value: isinstance(value, str), "a text"),
    "suffix": (lambda value: isinstance(value, str), "a text"),
    "label": (lambda value: isinstance(value, str), "a text"),
    "$text": (lambda value: isinstance(value, list), "a list"),
    "$file": (_is_file, "a file"),
    "$part": (lambda value: value is not None, "a value"),
    "type": (lambda value: isinstance(value, str), "a media type"),
}
