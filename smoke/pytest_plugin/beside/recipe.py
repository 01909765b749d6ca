"""
The fixtures of a check that starts ahead of its turn.

pytest sets up what checks share. What belongs to one check is made in its own task, from the same
functions: the setup and the cleanup of checks then overlap, too.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from opcode import opmap
from types import CodeType
from typing import Any

import pytest

AWAIT = opmap["GET_AWAITABLE"]

# Marks with which pytest, and not the check alone, decides how a check runs.
OF_PYTEST = frozenset({"skip", "skipif", "xfail", "filterwarnings"})

# Modules with fixtures that no check changes.
ENGINE = ("smoke.pytest_plugin", "_pytest", "pytest_asyncio")


@dataclass(frozen=True)
class Own:
    """A fixture of one check: its function, and the fixtures that this asks for."""

    function: "Callable[..., Any]"
    needs: "Sequence[str]"


class Recipe:
    """How the values of a check's fixtures are made: those that exist, and the others in order."""

    def __init__(self, names: "Sequence[str]") -> None:
        self.names = names
        self.values: dict[str, Any] = {}
        self.own: dict[str, Own] = {}
        # The number of `await`s in its functions; most of them wait for an answer.
        self.awaits = 0

    async def make(self, stack: AsyncExitStack) -> dict[str, Any]:
        """Return all values by name; `stack` cleans up what was made."""
        made = dict(self.values)
        for name in self.names:
            await self._make(name, made, stack)
        return made

    async def _make(self, name: str, made: dict[str, Any], stack: AsyncExitStack) -> Any:
        if name not in made:
            own = self.own[name]
            needed = {need: await self._make(need, made, stack) for need in own.needs}
            made[name] = await value_of(own.function, needed, stack)
        return made[name]


async def value_of(
    function: "Callable[..., Any]", needed: "Mapping[str, Any]", stack: AsyncExitStack
) -> Any:
    """The value of a fixture function: plain or async, with or without `yield`."""
    if inspect.isasyncgenfunction(function):
        return await stack.enter_async_context(asynccontextmanager(function)(**needed))
    if inspect.isgeneratorfunction(function):
        return stack.enter_context(contextmanager(function)(**needed))
    value = function(**needed)
    return await value if inspect.iscoroutinefunction(function) else value


def is_skipped(item: pytest.Item) -> bool:
    """Whether pytest may skip an item before its fixtures are set up."""
    return any(mark.name in ("skip", "skipif") for mark in item.iter_markers())


def shared_names(item: pytest.Item) -> "Iterator[str]":
    """The fixtures of an item that all checks share, in the order in which pytest sets them up."""
    for name in getattr(item, "fixturenames", ()):
        definition = definition_of(item, name)
        if definition is not None and definition.scope == "session" and not definition.params:
            yield name


def is_dynamic(item: pytest.Item) -> bool:
    """Whether a fixture of an item asks for others while it runs, so that they are not known."""
    if not isinstance(item, pytest.Function):
        return False
    definitions = (definition_of(item, name) for name in item.fixturenames)
    return any(one is not None and is_asking(one) for one in definitions)


def is_asking(definition: Any) -> bool:
    """Whether a fixture of a check uses `request`; the values of a parametrisation do not."""
    uses = definition.scope == "function" and "request" in definition.argnames
    return uses and not _is_direct(definition)


def is_of_project(item: pytest.Item, name: str) -> bool:
    """Whether a fixture is the project's own, and not one of the engine or of pytest."""
    definition = definition_of(item, name)
    return definition is not None and not definition.func.__module__.startswith(ENGINE)


def is_set_up(item: pytest.Item, name: str) -> bool:
    """Whether pytest already has the value or the error of a fixture."""
    return definition_of(item, name).cached_result is not None


def needed_by(
    item: pytest.Item, names: "set[str]", there: "AbstractSet[str]" = frozenset()
) -> set[str]:
    """Return fixtures of an item, with all that they ask for: of those `there`, only the names."""
    found: set[str] = set()
    open_names = list(names)
    while open_names:
        name = open_names.pop()
        definition = definition_of(item, name)
        if name not in found and definition is not None:
            found.add(name)
            open_names += () if name in there else asked_by(item, definition)
    return found


def asked_by(item: pytest.Item, definition: Any) -> "Iterator[str]":
    """The fixtures that one asks for, also while it runs, as far as its code has their names."""
    yield from definition.argnames
    code = getattr(definition.func, "__code__", None)
    if "request" in definition.argnames and isinstance(code, CodeType):
        texts = (one for one in code.co_consts if isinstance(one, str))
        yield from (text for text in texts if definition_of(item, text) is not None)


def recipe_of(item: pytest.Item) -> Recipe | None:
    """
    Return how to make the fixtures of an item, or None if only pytest can run the item.

    That is the case for a function that is not async, for a method, for a check that pytest may
    skip, and for fixtures that use `request`, or that belong to a module or a class.
    """
    if not isinstance(item, pytest.Function) or item.cls is not None:
        return None
    if not inspect.iscoroutinefunction(item.obj):
        return None
    if any(mark.name in OF_PYTEST for mark in item.iter_markers()):
        return None
    params = item.callspec.params if hasattr(item, "callspec") else {}
    recipe = Recipe(item._fixtureinfo.initialnames)  # noqa: SLF001  (pytest has no public way)
    recipe.awaits += _awaits(item.function)
    wanted = list(recipe.names)
    for name in wanted:  # grows meanwhile
        definition = definition_of(item, name)
        if definition is None or definition.scope not in ("function", "session"):
            return None
        if name in params and _is_direct(definition):
            recipe.values[name] = params[name]
        elif definition.params:
            return None
        elif definition.scope == "function":
            if is_asking(definition) or name in definition.argnames:
                return None
            recipe.own[name] = Own(definition.func, definition.argnames)
            recipe.awaits += _awaits(definition.func)
            wanted += (need for need in definition.argnames if need not in wanted)
    return recipe


def _awaits(function: Any) -> int:
    code = getattr(function, "__code__", None)
    return code.co_code[::2].count(AWAIT) if isinstance(code, CodeType) else 0


def _is_direct(definition: Any) -> bool:
    """Whether a parametrisation gives the value itself, without a fixture function."""
    return bool(definition.func.__module__ == "_pytest.python")


def definition_of(item: pytest.Item, name: str) -> Any:
    """The fixture that an item gets by a name; None if pytest has none, as for `request`."""
    if not isinstance(item, pytest.Function):
        return None
    # pytest has no public way to find a fixture.
    found = item._fixtureinfo.name2fixturedefs.get(name)  # noqa: SLF001
    if found is None and name.isidentifier():  # one that is asked for while another runs
        found = item.session._fixturemanager.getfixturedefs(name, item)  # noqa: SLF001
    return found[-1] if found else None
