"""Planning a fleet's run: its targets, their source, and their shards."""

import math
import re
import secrets as entropy
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from smoke.config.targets import SECRET, Target, named
from smoke.documents import TextError, UnreadableError, parse_rows, read_text
from smoke.errors import ConfigError
from smoke.fleet.expectation import Expected, Fleet, twice
from smoke.fleet.unit import unit_s

# The keys of a target's row; another column of a list becomes a tag `column:value`.
ROW = {row.name for row in fields(Target)} - {"name", "allow", "sources", *SECRET}

# The defaults of a row; the type of a default is the type of the value.
DEFAULTS = vars(Target(""))

STDIN = "-"
LIST_ENDS = (".csv", ".json", ".yaml", ".yml", ".txt")


@dataclass(frozen=True)
class Cut:
    """The limits of a run: targets per shard, maximum of shards, units at once, limits by key."""

    shard: int = 1
    jobs: int = 0
    at_once: int = 8
    limits: Mapping[str, int] = field(default_factory=dict)


def plan_fleet(words: Sequence[str], table: Mapping[str, Any], cut: Cut) -> Fleet:
    """
    The expectation list of the targets that the words select; without words, of all deployments.

    A word is a target, an `@tag`, the file of a list, or `-` for a list on standard input.

    Raises:
        ConfigError: a word selects no target, or a list has mistakes.
    """
    targets = table.get("targets", {})
    rows = list(_chosen(words, targets) if words else _deployments(targets))
    if not rows:
        raise ConfigError(["The fleet would have no target: no row has a base_url."])
    again = twice([row.name for row in rows])
    if again:
        raise ConfigError(f"The target {name!r} is listed twice." for name in again)
    # With more targets than the engine has jobs, several share one.
    size = max(cut.shard, math.ceil(len(rows) / cut.jobs) if cut.jobs else 1)
    cut_up = (replace(row, shard=number // size) for number, row in enumerate(rows))
    now = datetime.now(UTC).isoformat()
    return Fleet(entropy.token_hex(4), now, tuple(cut_up), cut.at_once, cut.limits)


def _deployments(targets: Mapping[str, Any]) -> Iterator[Expected]:
    for name, row in targets.items():
        if isinstance(row, dict) and row.get("base_url"):
            yield _expected(name, row)


def _chosen(words: Sequence[str], targets: Mapping[str, Any]) -> Iterator[Expected]:
    # A dict, not a set: the fleet keeps the order of the words.
    known: dict[str, None] = {}
    for word in words:
        if word == STDIN or Path(word).suffix.lower() in LIST_ENDS:
            yield from _listed(word, targets)
        else:
            known |= dict.fromkeys(named([word], targets))
    yield from (_expected(name, targets[name]) for name in known)


def _listed(word: str, targets: Mapping[str, Any]) -> Iterator[Expected]:
    """The targets of a list: rows with a `name`, or a plain text with names and tags."""
    place = "standard input" if word == STDIN else word
    try:
        text = sys.stdin.read() if word == STDIN else read_text(word)
        first = text.lstrip().split("\n", 1)[0]
        if first[:1] in ("[", "{", "-") or "," in first or first.strip() == "name":
            yield from _rows(parse_rows(text), targets)
        else:
            yield from (_expected(n, targets[n]) for n in named(text.split(), targets))
    except UnreadableError as error:
        raise ConfigError([f"{place}: cannot be read: {error.reason}."]) from None
    except TextError as error:
        raise ConfigError([f"{place}:{error.place}: {error.problem}."]) from None


def _rows(rows: Iterable[Mapping[str, Any]], targets: Mapping[str, Any]) -> Iterator[Expected]:
    for number, row in enumerate(rows, start=1):
        name = row.get("name")
        if not isinstance(name, str) or not name:
            raise TextError(f"row {number} has no name")
        own: dict[str, Any] = {}
        for key, value in row.items():
            _take(own, key, value)
        given = {**targets.get(name, {}), **own}
        yield replace(_expected(name, given), row=given)


def _take(own: dict[str, Any], key: str, value: Any) -> None:
    """Put a column into a row: `gates.billing` into the table `gates`, an unknown key into tags."""
    table, _, inner = key.partition(".")
    if key in SECRET:
        raise TextError(f"{key} is a secret and is read from SMOKE_{key.upper()} only")
    if inner and isinstance(DEFAULTS.get(table), dict):
        own.setdefault(table, {})[inner] = value
    elif key == "tags":
        texts = re.split("[ ,;]+", value) if isinstance(value, str) else value
        own["tags"] = [*texts, *own.get("tags", ())]
    elif key in ROW:
        own[key] = _typed(key, value)
    elif key != "name":
        own.setdefault("tags", []).append(f"{key}:{value}")


def _typed(key: str, value: Any) -> Any:
    """The value of a row's key, converted to the type of the key: CSV has texts only."""
    default = DEFAULTS[key]
    if not isinstance(value, str):
        return value
    if isinstance(default, bool) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if type(default) is float:
        with suppress(ValueError):  # The unit reports it, as for a row of the project's file.
            return float(value)
    return value.split() if isinstance(default, tuple) else value


def _expected(name: str, row: Mapping[str, Any]) -> Expected:
    named_tags = row.get("tags", ())
    tags = tuple(map(str, named_tags)) if isinstance(named_tags, list) else ()
    deadline_s = row.get("deadline_s", Target.deadline_s)
    seconds = float(deadline_s) if isinstance(deadline_s, (int, float)) else Target.deadline_s
    return Expected(name, 0, tags, _host(row.get("base_url")), unit_s(seconds))


def _host(url: Any) -> str:
    try:
        return urlsplit(str(url or "")).hostname or ""
    except ValueError:
        return ""
