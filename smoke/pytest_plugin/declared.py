"""Collects the operations that hand-written checks declare."""

import importlib
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.items import exercised, name_of

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
