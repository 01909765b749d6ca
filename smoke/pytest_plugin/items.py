"""The pytest items of a smoke run: their names, their operations, their order."""

import importlib
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from smoke.errors import SmokeError
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
    outside = module.startswith(f"{__package__}.")  # the engine's place is not the same everywhere
    here = ["--pyargs", f"{module}::{item.name}"] if outside else [_own_id(item)]
    words = ["-k", name] if plain and entry_of(item) is None else here
    return shlex.join(words)


def _own_id(item: pytest.Item) -> str:
    """The node id without `@target`, which a worker of several targets appends."""
    groups = [f"@{mark.args[0]}" for mark in item.iter_markers("xdist_group")]
    return item.nodeid.removesuffix(groups[0]) if groups else item.nodeid


# What derived checks ask for that come just before the plan takes its things away.
LATE = frozenset({"others", "paged_list", "lists_of_tenants", "plain_reads", "inputs"})


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
        # A change is looked at at once; after a creation the plan's own read comes first.
        read_at = plan.places[pair.reader.name] if pair.kind == WRITTEN else 0
        return len(first) + 1, max(plan.places[pair.entry.name], read_at), True
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


def title_of(item: pytest.Item) -> str:
    """The first line of a check's docstring, which reads as a sentence."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or ""
    return text.strip().partition("\n")[0]


# Collect without running, without a cache, and take modules as they were imported.
QUIET = ("--collect-only", "-qq", "--color=no", "--assert=plain", "-p", "no:cacheprovider",
         "-o", "asyncio_default_fixture_loop_scope=session")  # fmt: skip


class _Collected:
    """Keeps the items of a collection."""

    def __init__(self) -> None:
        self.items: Sequence[pytest.Item] = ()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep what was collected."""
        self.items = session.items


def declared(package: str) -> dict[str, list[str]]:
    """Return the operations that the checks of a package declare, each with its checks' names.

    pytest collects the package, so that marks on functions, modules and parameters count as they do
    in a run. An empty name declares nothing.

    Raises:
        SmokeError: the package, or one of its modules, cannot be imported.
    """
    found: dict[str, list[str]] = {}
    for item in _items(package) if package else ():
        # A mark on a module may repeat what the mark on a check says.
        for operation in dict.fromkeys(exercised(item)):
            found.setdefault(operation, []).append(name_of(item))
    return found


def fixtures_of(package: str) -> dict[str, frozenset[str]]:
    """
    Return all checks of a package, each with the fixtures of that package that others use, too.

    Raises:
        SmokeError: the package, or one of its modules, cannot be imported.
    """
    found = {name_of(item): _own(item, package) for item in (_items(package) if package else ())}
    users = Counter(name for fixtures in found.values() for name in fixtures)
    return {check: frozenset(n for n in found[check] if users[n] > 1) for check in found}


def _own(item: pytest.Item, package: str) -> frozenset[str]:
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs.items()  # noqa: B009
    modules = {name: found[-1].func.__module__ for name, found in definitions}
    return frozenset(name for name in modules if modules[name].startswith(f"{package}."))


def _items(package: str) -> Sequence[pytest.Item]:
    collected, output = _Collected(), StringIO()
    with redirect_stdout(output):
        code = pytest.main([*QUIET, str(_folder_of(package))], plugins=[collected])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        reason = output.getvalue().strip()
        raise SmokeError(f"The checks in {package!r} cannot be imported:\n{reason}")
    return collected.items


def _folder_of(package: str) -> Path:
    try:
        return Path(next(iter(importlib.import_module(package).__path__)))
    except (ImportError, AttributeError) as error:
        raise SmokeError(f"The checks in {package!r} cannot be imported: {error}.") from error
