"""Valid data made wrong: something dropped, replaced, retyped, deepened, moved or said twice."""

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 3, 10**400, -(10**20), 0.5, 1e308),
    *("", "x", "\x00", "\x1b[2J", "~/~1", "é\u2028", "{", "{}", "(", "5", "x" * 300, "/", "#"),
    *([], {}, [[]], [None], [{}], {"": ""}, ["x", "x"], {"x": None}, {"a/b~": [1]}),
    *({"$ref": "#"}, {"$ref": "#/nowhere"}, {"$ref": 5}, {"$ref": "#/paths"}, {"$ref": ""}),
    *({"$ref": "https://schemas.invalid/x"}, {"$ref": "file:///dev/zero"}, {"$from": 5}),
)
"""Values that fit nowhere, or only here and there."""

PIECES = (
    *("", "\x00", "{", "}", "[[", "]", '"', "'", "\\", "\n", "\t", ":", "&a ", "*a", "!!x ", "? "),
    *("\ufeff", "\u2028", "9" * 5000, "1e999", "NaN", "-", "#", "\\ud800", "=", "."),
)
"""Pieces of text that mean something in JSON, YAML or TOML, or in none of them."""

Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> list[Path]:
    """The places of all parts of a value, without the value itself."""
    members: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else []
    members += enumerate(value) if isinstance(value, list) else []
    return [p for key, part in members for p in ((*path, key), *places(part, (*path, key)))]


def at(value: Any, path: Path) -> Any:
    """The part at a place."""
    for key in path:
        value = value[key]
    return value


def _drop(holder: Any, key: Any, _: Any, __: int) -> None:
    del holder[key]


def _replace(holder: Any, key: Any, other: Any, _: int) -> None:
    holder[key] = copy.deepcopy(other)


def _retype(holder: Any, key: Any, _: Any, n: int) -> None:
    kinds: tuple[Callable[[Any], Any], ...] = (
        *(str, lambda v: [v], lambda v: {"x": v}, bool, lambda v: [v, v], lambda v: len(str(v))),
    )
    holder[key] = kinds[n % len(kinds)](holder[key])


def _deepen(holder: Any, key: Any, _: Any, n: int) -> None:
    value = holder[key]
    for level in range(n):
        value = [value] if level % 2 else {"properties": value}
    holder[key] = value


def _rename(holder: Any, key: Any, other: Any, _: int) -> None:
    if isinstance(holder, dict):
        holder[str(other)[:40]] = holder.pop(key)


def _beside(holder: Any, key: Any, other: Any, _: int) -> None:
    if isinstance(holder, dict):
        holder[f"{key}2"] = copy.deepcopy(other)
    else:
        holder.insert(key, copy.deepcopy(other))


MUTATIONS = (_drop, _replace, _retype, _deepen, _rename, _beside)


@st.composite
def mutated(draw: "DrawFn", value: Any, most: int = 3) -> Any:
    """The value with some mutations, each at a place that still exists."""
    found = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, most))):
        rows = places(found)
        if not rows:
            break
        path = rows[draw(st.integers(0, len(rows) - 1))]
        parts = [at(found, row) for row in rows]
        other = draw(st.sampled_from(JUNK) | st.sampled_from(parts))
        mutate = draw(st.sampled_from(MUTATIONS))
        mutate(at(found, path[:-1]), path[-1], other, draw(st.integers(1, 12)))
    return found


@st.composite
def scratched(draw: "DrawFn", text: str, most: int = 3) -> str:
    """The text with pieces removed, repeated, or replaced by special characters."""
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        middle = draw(st.sampled_from(PIECES) | st.just(text[start:end] * 2))
        text = text[:start] + middle + text[end:]
    return text


def values() -> "SearchStrategy[Any]":
    """Any value of JSON."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    inside = st.recursive(
        scalars, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=20
    )
    return inside.filter(lambda value: value not in (float("inf"), float("-inf")))


def toml_of(value: Any) -> str:
    """A table as TOML, everything inline; null, which TOML has not, is `nan`."""
    return "\n".join(f"{json.dumps(str(key))} = {_inline(part)}" for key, part in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        rows = (f"{json.dumps(str(key))} = {_inline(part)}" for key, part in value.items())
        return "{ " + ", ".join(rows) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return "nan" if value is None else json.dumps(value).replace("\x7f", "\\u007f")
