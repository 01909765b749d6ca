"""What the items of a smoke run are: their names, what they declare, how to run one alone."""

import re
import shlex

import pytest

from smoke.plan import Entry


def exercised(item: pytest.Item) -> tuple[str, ...]:
    """The operations a check declares to see succeed."""
    return tuple(name for mark in item.iter_markers("exercises") for name in mark.args)


def entry_of(item: pytest.Item) -> Entry | None:
    """The entry of the plan that an item sends, or None for a hand-written check."""
    callspec = getattr(item, "callspec", None)
    entry = callspec.params.get("entry") if callspec else None
    return entry if isinstance(entry, Entry) else None


def name_of(item: pytest.Item) -> str:
    """The short name of a check, `agents.agents_are_listed`, or of an entry: its operation."""
    entry = entry_of(item)
    if entry is not None:
        return entry.name
    return f"{item.path.stem.removeprefix('test_')}.{item.name.removeprefix('test_')}"


def selection_of(item: pytest.Item) -> str:
    """What makes pytest run this one alone: `-k name`, or the node id of an entry."""
    name = item.name.removeprefix("test_")
    plain = re.fullmatch(r"[\w\[\]./-]+", name)
    words = ["-k", name] if plain and entry_of(item) is None else [item.nodeid]
    return shlex.join(words)


def title_of(item: pytest.Item) -> str:
    """The first line of a check's docstring, which reads as a sentence."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or ""
    return text.strip().partition("\n")[0]
