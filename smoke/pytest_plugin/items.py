"""The pytest items of a smoke run: their names, their operations, their order."""

import re
import shlex
from collections.abc import Sequence

import pytest

from smoke.plan import Entry, Plan
from smoke.session.readback import WRITTEN, Pair


def exercised(item: pytest.Item) -> tuple[str, ...]:
    """The operations that a check declares with `exercises`."""
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
    """The pytest arguments that run only this item: `-k name`, or the node id of an entry."""
    name = item.name.removeprefix("test_")
    plain = re.fullmatch(r"[\w\[\]./-]+", name)
    module = getattr(getattr(item, "module", None), "__name__", "")
    outside = item.nodeid.startswith("::")  # the engine is installed, not in the project
    here = ["--pyargs", f"{module}::{item.name}"] if outside else [_own_id(item)]
    words = ["-k", name] if plain and entry_of(item) is None else here
    return shlex.join(words)


def _own_id(item: pytest.Item) -> str:
    """The node id without `@target`, which a worker of several targets appends."""
    groups = [f"@{mark.args[0]}" for mark in item.iter_markers("xdist_group")]
    return item.nodeid.removesuffix(groups[0]) if groups else item.nodeid


# What derived checks ask for that come just before the plan takes its things away.
LATE = frozenset({"others", "paged_list", "lists_of_tenants", "inputs"})


def turn_of(item: pytest.Item, first: Sequence[str], plan: Plan) -> tuple[int, int, bool]:
    """When an item runs: checks that come first by name, the others, then the plan in its order.

    Another tenant tries what the plan made, and lists are walked, just before the plan begins to
    take it away. What all of them have seen is compared at the end. A check that is alone with all
    others comes after them, where they wait for each other anyway.
    """
    module = item.path.stem.removeprefix("test_")
    entry = entry_of(item)
    if entry is not None:
        return len(first) + 1, plan.places[entry.name], True
    pair = pair_of(item)
    if pair is not None:
        later = max(plan.places[pair.entry.name], _read_at(pair, plan))
        return len(first) + 1, later, True
    if "several_views" in getattr(item, "fixturenames", ()):
        return len(first) + 2, 0, False
    if LATE.intersection(getattr(item, "fixturenames", ())):
        return len(first) + 1, plan.first_destructive, False
    if any(not mark.args for mark in item.iter_markers("alone")):
        return len(first), 1, False
    return (first.index(module) if module in first else len(first)), 0, False


def pair_of(item: pytest.Item) -> Pair | None:
    """The pair of the plan that an item looks at, or None for any other."""
    callspec = getattr(item, "callspec", None)
    pair = callspec.params.get("pair") if callspec else None
    return pair if isinstance(pair, Pair) else None


def _read_at(pair: Pair, plan: Plan) -> int:
    """The place of the read that follows a creation; a change is looked at at once."""
    return plan.places[pair.reader.name] if pair.kind == WRITTEN else 0


def title_of(item: pytest.Item) -> str:
    """The first line of a check's docstring, which reads as a sentence."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or ""
    return text.strip().partition("\n")[0]
