"""The table `[tool.smoke]`: finding it, filling its templates, and reporting its mistakes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from smoke.config.schemas import Place, mistakes
from smoke.documents import (
    TextError,
    UnreadableError,
    parse_json,
    parse_rows,
    parse_toml,
    read_text,
    visible,
)
from smoke.errors import ConfigError, DataError

# The two files that may hold the table: the whole of the first, `[tool.smoke]` of the second.
OWN, SHARED = "smoke.toml", "pyproject.toml"

TABLE = "[tool.smoke"


def load_table(root: Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """
    Return the table of the project in a directory, from the file that holds it.

    Templates of targets are filled; `environ` may name a fleet's list with more targets.

    Raises:
        DataError: no file holds it, or the file cannot be read.
        ConfigError: both files do, or a template cannot be filled.
    """
    return with_rows(_loaded(root), root, environ or {})


def _loaded(root: Path) -> dict[str, Any]:
    own, shared = root / OWN, root / SHARED
    if not own.exists():
        if not shared.exists():
            raise DataError(f"{root}: there is no {OWN} and no {SHARED}. Run: smoke init")
        return read_table(shared)
    # With two tables, one would be ignored unnoticed.
    if shared.exists() and _table_of(_document(shared)) is not None:
        raise ConfigError([f"{root}: both {OWN} and {SHARED} configure smoke. Keep one of them."])
    return read_table(own)


def read_table(path: Path) -> dict[str, Any]:
    """
    Return `[tool.smoke]` of a pyproject.toml, or the whole of a smoke.toml.

    Raises:
        DataError: the file cannot be read, is not TOML, or has no such table.
    """
    document = _document(path)
    table = document if path.name == OWN else _table_of(document)
    if table is None:
        raise DataError(f"{path}: has no [tool.smoke] table. Run: smoke init")
    return table


def _document(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(read_text(path))
    except UnreadableError as error:
        raise DataError(f"{path}: cannot be read: {error.reason}.") from None
    except TextError as error:
        raise DataError(f"{path}:{error.place}: {error.problem}.") from None


def _table_of(document: dict[str, Any]) -> dict[str, Any] | None:
    tools = document.get("tool")
    table = tools.get("smoke") if isinstance(tools, dict) else None
    return table if isinstance(table, dict) else None


def checked(table: Mapping[str, Any], target: str) -> tuple[dict[str, Any], list[str]]:
    """
    Return the table without the values that its schema refuses, and the mistakes.

    The rest stays readable, so that one message reports all mistakes. A mistake in the row of
    another target does not stop this run.
    """
    clean, sentences = deepcopy(dict(table)), []
    for place, problem in mistakes("tool", table):
        # A colleague's half-written row must not stop the runs of other targets.
        if place[:1] == ("targets",) and len(place) > 1 and place[1] != target:
            continue
        sentences.append(_sentence(place, problem))
        # A missing key has no value that could be removed.
        if "is missing" not in problem:
            _remove(clean, place)
    return clean, sentences


def _sentence(place: Place, problem: str) -> str:
    """The mistake after the header of its table; every table refuses a secret."""
    *table, key = place or ("",)
    if key == "user_password" and table[:1] == ["targets"]:
        problem = "user_password is a secret and is read from SMOKE_USER_PASSWORD only."
    elif problem.endswith("is missing.") and place:
        table = list(place)
    else:
        problem = problem.removeprefix(".".join([*map(str, table), ""]))
    return f"{TABLE}{''.join(f'.{name}' for name in table)}] {problem}"


def _remove(clean: dict[str, Any], place: Sequence[str | int]) -> None:
    node: Any = clean
    for step in place[:-1]:
        node = node.get(step) if isinstance(node, dict) else None
    if isinstance(node, dict) and place:
        node.pop(place[-1], None)


def in_file(root: Path, mistake: str) -> str:
    """The mistake after the name of its file; a mistake in a variable or a flag has no file."""
    if not mistake.startswith(TABLE):
        return visible(mistake)
    if not (root / OWN).exists():
        return f"{SHARED}: {visible(mistake)}"
    header, _, rest = mistake.removeprefix(TABLE).partition("]")
    return f"{OWN}: " + visible(f"[{header[1:]}]{rest}" if header else rest.lstrip())


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
