"""Detects a partial run: one that omits checks although the target supports them.

Gates, a read-only target and the rules describe the target, so they do not make a run partial. An
option, a node id, a conftest or a skip mark does, because it selects checks for this run only.
"""

import re
import shlex
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from smoke.pytest_plugin.items import name_of
from smoke.report.columns import many

SINGLE = {"keyword": "-k", "markexpr": "-m"}
LISTS = {"deselect": "--deselect", "ignore": "--ignore", "ignore_glob": "--ignore-glob"}
# Options of pytest that leave checks out, by the name under which it keeps their value.
SWITCHES = {"lf": "--last-failed", "stepwise": "--stepwise"}

# How a hand-written check begins in the text of its module.
CHECK = re.compile(r"^(?:async )?def test_(\w+)\(", re.MULTILINE)

# How the settings begin that change what pytest collects, as `-o python_files=x` does.
COLLECTING = ("python_", "norecursedirs", "collect_")


class Partial:
    """The hooks that record the omitted checks during collection."""

    def __init__(
        self, config: pytest.Config, environ: Mapping[str, str], folders: Sequence[Path]
    ) -> None:
        self._config = config
        self._added = environ.get("PYTEST_ADDOPTS", "")
        self._folders = folders
        self._ignored: list[str] = []
        self._deselected = 0
        self._removed = 0
        self._skipped_modules: list[str] = []
        self._skipped: list[str] = []
        self._selected: list[str] = []
        self._not_run: list[str] = []
        self._unseen: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(
        self, collection_path: Path
    ) -> Generator[None, bool | None, bool | None]:
        """Record a module with checks that pytest does not collect."""
        ignored = yield
        inside = any(collection_path.is_relative_to(folder) for folder in self._folders)
        if ignored and inside and _has_checks(collection_path):
            self._ignored.append(collection_path.name)
        return ignored

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count the checks that an option, a conftest or another plugin deselects."""
        self._deselected += len(items)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """Count the checks that a conftest or another plugin removes without reporting it."""
        before = {item for item in items if not item.name.endswith("[NOTSET]")}
        deselected = self._deselected
        self._unseen = sorted(_written(self._folders) - {_function_of(item) for item in items})
        yield
        gone = [item for item in before.difference(items) if OURS not in item.stash]
        self._removed = max(0, len(gone) - (self._deselected - deselected))
        self._selected = [name_of(item) for item in items]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a module that skips itself."""
        if report.skipped:
            self._skipped_modules.append(report.nodeid)

    def skipped(self, check: str) -> None:
        """Record a check that skipped itself, or that a mark or a conftest skipped."""
        self._skipped.append(check)

    def compare(self, ended: Collection[str]) -> None:
        """Record the selected checks that a complete run has not run, by those that it has."""
        self._not_run = [name for name in self._selected if name not in ended]

    @property
    def leaves_open(self) -> bool:
        """Whether it is not known which operations the omitted checks would have asked for."""
        return bool(self._words(self._skipped_modules))

    def words(self) -> list[str]:
        """Return the reasons for omitted checks, such as the option as the user wrote it."""
        return self._words([*self._skipped_modules, *self._skipped])

    def _words(self, skipped: Sequence[str]) -> list[str]:
        named = list(self._options())
        if self._ignored and not any(word.startswith("--ignore") for word in named):
            named.append(f"{', '.join(self._ignored)} ignored by a conftest or the settings")
        if self._deselected and not named:
            named.append(f"{many(self._deselected, 'check')} deselected by a conftest or a plugin")
        if self._removed:
            named.append(f"{many(self._removed, 'check')} removed by a conftest or a plugin")
        # Options and ignored modules are the reason where there are some.
        if self._unseen and not named:
            named.append(f"not collected by a conftest or a plugin: {', '.join(self._unseen)}")
        if skipped:
            named.append(f"skipped without a gate: {', '.join(skipped)}")
        if self._not_run:
            named.append(f"not run by a conftest or a plugin: {', '.join(self._not_run)}")
        return named

    def _options(self) -> Iterator[str]:
        option = self._config.option
        for name, flag in SINGLE.items():
            value = getattr(option, name, "")
            if value and (flag, value) != ("-m", "smoke"):
                yield self._with_source(f"{flag} {value!r}", value)
        for name, flag in LISTS.items():
            for value in getattr(option, name, None) or ():
                yield self._with_source(f"{flag} {value}", value)
        yield from (
            self._with_source(flag, flag)
            for name, flag in SWITCHES.items()
            if getattr(option, name, 0)
        )
        for text in getattr(option, "override_ini", None) or ():
            if text.startswith(COLLECTING):
                yield self._with_source(f"-o {text}", text)
        if self._config.args_source is pytest.Config.ArgsSource.ARGS:
            yield from self._config.args

    def _with_source(self, word: str, value: str) -> str:
        """The option; with the name of the variable if it is not on the command line."""
        added = any(value in part for part in shlex.split(self._added))
        return f"{word} (PYTEST_ADDOPTS)" if added else word


# Marks an item that a smoke run leaves out by itself.
OURS = pytest.StashKey[bool]()


def _has_checks(path: Path) -> bool:
    if path.is_dir():
        return any(path.rglob("test_*.py"))
    return path.name.startswith("test_") and path.suffix == ".py"


def _written(folders: Sequence[Path]) -> set[str]:
    """
    The checks of the modules in some folders, such as `agents.agent_is_known`, from their text.

    What a conftest keeps from being collected leaves no item behind that could be missed.
    """
    modules = (path for folder in folders for path in folder.rglob("test_*.py"))
    return {
        f"{path.stem.removeprefix('test_')}.{name}"
        for path in modules
        for name in CHECK.findall(path.read_text(encoding="utf-8", errors="replace"))
    }


def _function_of(item: pytest.Item) -> str:
    """The function of an item, as `_written` names it."""
    name = getattr(item, "originalname", None) or item.name
    return f"{item.path.stem.removeprefix('test_')}.{name.removeprefix('test_')}"
