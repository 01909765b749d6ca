"""Claims the directories of a run before any error can end it.

A misspelt option or a kill may end a run at any time. The files of an earlier run must never look
like its result, so pytest claims the directories and replaces their files as early as possible.
"""

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.errors import CrashedError, Exit, SmokeError, UnverifiedError
from smoke.pytest_plugin.asked import LISTINGS, is_asked, listing

if TYPE_CHECKING:
    from smoke.results.run_dir import Folder


# The directory of the reports over all targets.
COMBINED = "combined"

CLAIMS = pytest.StashKey["Claims"]()

WATCHED = pytest.StashKey[bool]()

# Words that make a command ask about the checks or about pytest, and run nothing.
QUESTIONS = frozenset({"-h", "--help", "-V", "--version", "--co", *LISTINGS.values()})


class Claims:
    """The directories of a run by target, and `combined` for several targets."""

    def __init__(self, records: Path) -> None:
        self._records = records
        self._folders: dict[str, Folder] = {}
        self.are_settled = False
        self.code: int | None = None

    def folder(self, name: str) -> Path:
        """
        Claim the directory of a target for this run, and return it.

        Raises:
            DataError: the directory is not writable.
        """
        from smoke.results.run_dir import Folder

        if name not in self._folders:
            self._folders[name] = Folder(self._records, name)
        return self._folders[name].path

    def clear(self, names: Sequence[str]) -> None:
        """Replace the results of earlier runs for these targets; create no new directory."""
        from smoke.report.files import begin_reports
        from smoke.results.heading import header_without_settings
        from smoke.results.record import Record
        from smoke.results.run_dir import RECORD, put_aside

        for name in names if len(names) == 1 else (*names, COMBINED):
            if not (self._records / name).is_dir():
                continue
            with suppress(SmokeError, OSError):
                folder = self.folder(name)
                put_aside(folder / RECORD)
                (folder / RECORD).unlink(missing_ok=True)
                begin_reports([Record(header_without_settings(name))], folder)

    def replace(self, error: SmokeError) -> None:
        """Replace the result of a run that an error kept from starting or from ending."""
        from smoke.report.files import write_reports
        from smoke.results.heading import unstarted

        self.are_settled = True
        for name, folder in self._folders.items():
            with suppress(SmokeError):
                write_reports([unstarted(name, error)], folder.path, {}, {})

    def settled(self, code: int) -> None:
        """Remember that the run has written its own result, and its exit code."""
        self.are_settled, self.code = True, code

    def release(self) -> None:
        """Release the directories for the next run."""
        if not self.are_settled:
            wrong = _mistake()
            early = UnverifiedError("the run was ended before it asked anything")
            self.replace(SmokeError(wrong) if wrong else early)
        for folder in self._folders.values():
            folder.release()


def claim(config: pytest.Config, environ: Mapping[str, str]) -> bool:
    """Claim the directories of the selected targets; return True if the command starts a run."""
    option = config.known_args_namespace
    if "PYTEST_XDIST_WORKER" in environ or not is_asked(option, config.rootpath):
        return False
    if listing(option):
        return False
    config.stash[CLAIMS] = claims = Claims(config.rootpath / option.records)
    config.add_cleanup(claims.release)
    with suppress(SmokeError):
        claims.clear(_targets(option, config.rootpath, environ))
    return True


class Watch:
    """
    A plugin that sees pytest read its command line, and watches for mistakes in it.

    pytest reads its own options before it loads installed plugins. `root` is the directory of the
    project, which pytest does not know by then.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def pytest_addoption(self, pluginmanager: pytest.PytestPluginManager) -> None:
        """Watch the configuration from its first moment on."""
        watch(pluginmanager, self._root)


def watch(pluginmanager: pytest.PytestPluginManager, root: Path | None = None) -> None:
    """Report misuse in the files of a run if pytest cannot read its command line."""
    config = pluginmanager.get_plugin("pytestconfig")
    if config is not None and WATCHED not in config.stash:
        config.stash[WATCHED] = True
        config.add_cleanup(lambda: _unreadable(config, root))


def _unreadable(config: pytest.Config, root: Path | None) -> None:
    """Settle the files of a command that failed before `claim` could read its options."""
    wrong = _mistake()
    words = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *config.invocation_params.args]
    if wrong and CLAIMS not in config.stash and not QUESTIONS.intersection(words):
        root = root or config.rootpath
        if is_asked(_options_in(words), root):
            settle(root, words, SmokeError(wrong))


def settle(root: Path, words: Sequence[str], error: SmokeError) -> None:
    """Replace the results of the run that a command line asks for, and that an error prevents."""
    option = _options_in(words)
    claims = Claims(root / option.records)
    with suppress(SmokeError):
        claims.clear(_targets(option, root, os.environ))
    claims.replace(error)
    claims.release()


def _options_in(words: Sequence[str]) -> Namespace:
    """The options in a command line that name what it would run, whatever else is wrong in it."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--target", nargs="?", action="append", default=[])
    parser.add_argument("--records", nargs="?", default=".smoke")
    parser.add_argument("-m", nargs="?", dest="markexpr")
    found = parser.parse_known_args(words)[0]
    found.target = [name for name in found.target if name]
    return found


def _mistake() -> str:
    """The mistake in the command line that ends pytest just now; empty if it is not that."""
    error = sys.exc_info()[1]
    if not isinstance(error, pytest.UsageError):
        return ""
    return str(error).rpartition("error: ")[2].partition("\n")[0]


def misused(config: pytest.Config, error: SmokeError) -> BaseException:
    """Report why the run did not start, also in its files; return the exception for pytest."""
    if CLAIMS in config.stash:
        config.stash[CLAIMS].replace(error)
    if error.exit_code is Exit.MISUSED:
        return pytest.UsageError(f"nothing was sent.\nMISUSED ({error.cause})  {error}")
    return pytest.exit.Exception(str(error), returncode=int(error.exit_code))  # a full disk, say


def _targets(option: Namespace, root: Path, environ: Mapping[str, str]) -> Sequence[str]:
    from smoke.config.settings import asked_targets
    from smoke.config.table import load_table

    try:
        table = load_table(root)
    except SmokeError:
        # Any of the results may be of the run that cannot start.
        return option.target or sorted(path.parent.name for path in _verdicts(root, option))
    return asked_targets(table, environ, option.target)


def _verdicts(root: Path, option: Namespace) -> Iterator[Path]:
    records: Path = root / option.records
    return records.glob("*/verdict.json")


# Errors of other plugins where pytest catches none: in its last hooks, and before its first.
#
# A conftest that raises in `pytest_unconfigure` ends pytest with 1, which means here that the
# service is wrong. One that calls `pytest.exit(…, returncode=0)` at the start ends it with 0.


@contextmanager
def caught(report: Callable[[pytest.ExceptionInfo[BaseException]], None]) -> Iterator[None]:
    """Report any error of the block instead of raising it, also one such as `sys.exit(0)`."""
    try:
        yield
    except BaseException:
        report(pytest.ExceptionInfo.from_current())


@contextmanager
def last_word(config: pytest.Config) -> Iterator[None]:
    """Correct the result of a run if an error in this block, or an early exit, makes it wrong."""
    session = config.pluginmanager.get_plugin("session")
    if CLAIMS not in config.stash or session is None:
        yield
        return
    claims = config.stash[CLAIMS]

    def crashed(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # The service is wrong, however the run ended.
        if Exit.RED in (session.exitstatus, claims.code):
            return
        error = CrashedError(f"the run crashed: {excinfo.exconly()}")
        sys.stderr.write(f"\nUNVERIFIED ({error.cause})  {error}\n")
        claims.replace(error)
        claims.code = session.exitstatus = int(error.exit_code)

    with caught(crashed):
        yield
    if claims.code is not None:  # another plugin may have changed it
        session.exitstatus = claims.code
    elif session.exitstatus == Exit.GREEN and not claims.are_settled:
        session.exitstatus = int(Exit.UNVERIFIED)
