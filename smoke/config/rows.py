"""Rows of targets from elsewhere: from a template and its values, or from a fleet's list."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smoke.documents import TextError, UnreadableError, parse_json, parse_rows, read_text
from smoke.errors import ConfigError

# The key that makes a row a template: a list of tables, or the file of a list.
EACH = "each"

PLACE = re.compile(r"\{(\w+)\}")


# The variable that names a fleet's list, which may have rows that the project's file lacks.
MORE = "SMOKE_TARGETS"


def with_rows(table: Mapping[str, Any], root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """
    The table with each template filled, and with the rows of the fleet's list in `environ`.

    Raises:
        ConfigError: a template cannot be filled, or the list cannot be read.
    """
    targets = table.get("targets")
    # The schema reports another value later, together with all other mistakes.
    if not isinstance(targets, dict):
        return dict(table)
    return {**table, "targets": expanded(targets, root) | _listed(environ.get(MORE, ""), root)}


def _listed(file: str, root: Path) -> dict[str, Any]:
    if not file:
        return {}
    try:
        found = parse_json(read_text(root / file))
        # Rows without a target of their own are in the project's file.
        return {row["name"]: row["row"] for row in found["targets"] if row.get("row")}
    except (UnreadableError, TextError, LookupError, TypeError, AttributeError):
        raise ConfigError([f"{MORE} names {file}, which is not the list of a fleet."]) from None


def expanded(targets: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """
    The rows by name, with each template replaced by the rows that it generates.

    Raises:
        ConfigError: with every template that cannot be filled.
    """
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, row in targets.items():
        if not isinstance(row, dict) or EACH not in row:
            found[name] = row
            continue
        place = f'[tool.smoke.targets."{name}"]'
        try:
            for made, filled in _filled(name, row, root):
                if made in found or (made in targets and made != name):
                    raise TextError(f"makes the target {made!r} twice")
                found[made] = filled
        except TextError as error:
            mistakes.append(f"{place} {error.problem}.")
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _filled(name: str, row: Mapping[str, Any], root: Path) -> Iterator[tuple[str, Any]]:
    pattern = {key: value for key, value in row.items() if key != EACH}
    for values in _values(row[EACH], root):
        made = fill(name, values)
        if open_ := PLACE.search(made):
            raise TextError(f"has no value for {open_[0]} in each: {', '.join(values)}")
        yield made, fill(pattern, values)


def _values(each: Any, root: Path) -> list[dict[str, Any]]:
    """The tables that `each` has, or that are in the file it names."""
    if isinstance(each, list) and all(isinstance(one, dict) for one in each):
        return each
    if not isinstance(each, str):
        raise TextError("each is invalid. Allowed: a list of tables, or the name of a list's file")
    try:
        return parse_rows(read_text(root / each))
    except UnreadableError as error:
        raise TextError(f"each names {each}, which cannot be read: {error.reason}") from None
    except TextError as error:
        raise TextError(f"each names {each}:{error.place}: {error.problem}") from None


def fill(pattern: Any, values: Mapping[str, Any]) -> Any:
    """The pattern with `{name}` replaced by the value of that name; others stay as they are."""
    if isinstance(pattern, str):
        return PLACE.sub(lambda found: str(values.get(found[1], found[0])), pattern)
    if isinstance(pattern, list):
        return [fill(one, values) for one in pattern]
    if isinstance(pattern, dict):
        return {key: fill(value, values) for key, value in pattern.items()}
    return pattern
