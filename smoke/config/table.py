"""The table `[tool.smoke]`: finding it, reading it, and reporting its mistakes."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from smoke.config.rows import with_rows
from smoke.config.schemas import Place, mistakes
from smoke.documents import TextError, UnreadableError, parse_toml, read_text, visible
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
