"""The expectation list `fleet.json`: the targets that must come back, and their shards."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from smoke.documents import TextError, UnreadableError, parse_json, read_text, visible
from smoke.errors import ConfigError, DataError, nearest

# The version of the file: new members keep the version, and no member is ever removed.
SCHEMA = 1

# The key of the limit for targets on one host; other limits count tags `key:value`.
HOST = "host"

# The id of a run becomes part of file names, so it has no separator of paths.
RUN_ID = re.compile(r"[A-Za-z0-9_.-]{1,80}")

MAX_MISTAKES = 5


@dataclass(frozen=True)
class Expected:
    """
    One target that must come back.

    `unit_s` is the time limit of its unit, in seconds. `row` is its row if it comes from the list
    and not from the project's file.
    """

    name: str
    shard: int = 0
    tags: tuple[str, ...] = ()
    host: str = ""
    unit_s: float = 0.0
    row: Mapping[str, Any] = field(default_factory=dict)

    def groups(self, limits: Iterable[str]) -> list[tuple[str, str]]:
        """The limits that the target counts towards: its host, its owner, …"""
        values = dict(tag.split(":", 1) for tag in self.tags if ":" in tag)
        values[HOST] = self.host
        return [(key, values[key]) for key in limits if values.get(key)]


@dataclass(frozen=True)
class Fleet:
    """The plan of a fleet's run; times are ISO 8601 in UTC."""

    id: str
    created: str
    targets: tuple[Expected, ...]
    at_once: int
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def shards(self) -> int:
        """The number of shards, which is the number of jobs for an engine."""
        return max((target.shard for target in self.targets), default=-1) + 1

    def shard(self, number: int) -> tuple[Expected, ...]:
        """The targets of a shard."""
        return tuple(target for target in self.targets if target.shard == number)

    def shard_s(self, number: int) -> float:
        """The time limit of a shard in seconds; its targets run one after the other."""
        return sum(target.unit_s for target in self.shard(number))

    def of(self, name: str) -> Expected:
        """
        The target of that name.

        Raises:
            ConfigError: the list has no such target.
        """
        found = {target.name: target for target in self.targets}
        if name not in found:
            raise ConfigError([f"The fleet has no target {name!r}.{nearest(name, found)}"])
        return found[name]

    def text(self) -> str:
        """The file's text: one target per line, so that a review shows each change."""
        head = {"schema": SCHEMA, "id": self.id, "created": self.created, "at_once": self.at_once}
        rows = ",\n  ".join(json.dumps(_row(target)) for target in self.targets)
        text = json.dumps(head | {"limits": dict(self.limits)}, indent=1)
        return f'{text[:-2]},\n "targets": [\n  {rows}\n ]\n}}\n'


def _row(target: Expected) -> dict[str, Any]:
    values = {**vars(target), "tags": list(target.tags), "row": dict(target.row)}
    return {key: value for key, value in values.items() if key in ("name", "shard") or value}


def load(path: Path) -> Fleet:
    """
    The expectation list at a path.

    Raises:
        DataError: the file cannot be read, or is not an expectation list.
    """
    try:
        found = parse_json(read_text(path))
    except UnreadableError as error:
        raise DataError(f"{path}: cannot be read: {error.reason}. Run: smoke fleet plan") from None
    except TextError as error:
        raise DataError(f"{path}:{error.place}: {error.problem}.") from None
    problems = [f"{path}{problem}" for problem in _problems(found)]
    if problems:
        raise DataError("\n".join(problems[:MAX_MISTAKES]))
    rows = [Expected(**row | {"tags": tuple(row.get("tags", ()))}) for row in found["targets"]]
    return Fleet(found["id"], found["created"], tuple(rows), found["at_once"], found["limits"])


def _problems(found: Any) -> Iterable[str]:
    for error in _validator().iter_errors(found):
        place = "".join(f"/{step}" for step in error.instance_path)
        yield f"#{place}: {visible(error.message, 200)}."
    if isinstance(found, dict) and isinstance(rows := found.get("targets"), list):
        names = [str(row.get("name")) for row in rows if isinstance(row, dict)]
        yield from (f"#/targets: {name!r} occurs twice." for name in twice(names))


def twice(names: Sequence[Any]) -> list[str]:
    """The names that occur more than once, sorted."""
    return sorted(str(name) for name, count in Counter(names).items() if count > 1)


@cache
def _validator() -> jsonschema_rs.Draft7Validator:
    text = Path(__file__).with_name("fleet.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft7Validator(json.loads(text), validate_formats=True, offline=True)


# Characters of a target's name in a file name: file systems allow 255 bytes in total.
LONGEST = 80


# A target may be called anything: its files must neither be hidden nor leave their directory.
def file_name(target: str) -> str:
    """The target's name, escaped and shortened for a file name."""
    # Without dots no name can be hidden or mean a parent directory.
    name = quote(target, safe="").replace(".", "%2E")
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}-{sha256(target.encode()).hexdigest()[:8]}"


def folder_name(target: str, run: str, attempt: int) -> str:
    """The name of the directory with the files of an attempt."""
    return f"{file_name(target)}.{file_name(run)}.{attempt}"
