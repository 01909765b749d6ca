"""Claims the directories of a run before any error can end it.

A misspelt option or a kill may end a run at any time. The files of an earlier run must never look
like its result, so pytest claims the directories and replaces their files as early as possible.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from smoke.errors import Exit, SmokeError, UnverifiedError
from smoke.pytest_plugin.asked import is_asked, listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from smoke.results.run_dir import Folder

COMBINED = "combined"
"""The directory of the reports over all targets."""

CLAIMS = pytest.StashKey["Claims"]()


class Claims:
    """The directories of a run by target, and `combined` for several targets."""

    def __init__(self, records: "Path") -> None:
        self._records = records
        self._folders: dict[str, Folder] = {}
        self._settled = False

    def folder(self, name: str) -> "Path":
        """
        Claim the directory of a target for this run, and return it.

        Raises:
            DataError: the directory is not writable.
        """
        from smoke.results.run_dir import Folder

        if name not in self._folders:
            self._folders[name] = Folder(self._records, name)
        return self._folders[name].path

    def clear(self, names: "Sequence[str]") -> None:
        """Replace the results of earlier runs for these targets; create no new directory."""
        from smoke.report.files import begin_reports
        from smoke.results.record import Record
        from smoke.results.run_dir import RECORD, put_aside
        from smoke.results.unstarted import header_without_settings

        for name in names if len(names) == 1 else (*names, COMBINED):
            if not (self._records / name).is_dir():
                continue
            with suppress(SmokeError, OSError):
                folder = self.folder(name)
                put_aside(folder / RECORD)
                (folder / RECORD).unlink(missing_ok=True)
                begin_reports([Record(header_without_settings(name))], folder)

    def misused(self, error: SmokeError) -> None:
        """Write the reason into the files of a run that could not start."""
        from smoke.report.files import write_reports
        from smoke.results.unstarted import unstarted

        self._settled = True
        for name, folder in self._folders.items():
            with suppress(SmokeError):
                write_reports([unstarted(name, error)], folder.path, {}, {})

    def settled(self) -> None:
        """Remember that the run has written its own result."""
        self._settled = True

    def release(self) -> None:
        """Release the directories for the next run."""
        if not self._settled:
            self.misused(UnverifiedError("the run was ended before it asked anything"))
        for folder in self._folders.values():
            folder.release()


def claim(config: pytest.Config, environ: "Mapping[str, str]") -> bool:
    """Claim the directories of the selected targets; return True if the command starts a run."""
    option = config.known_args_namespace
    if "PYTEST_XDIST_WORKER" in environ or not is_asked(option, config.rootpath):
        return False
    if listing(option):
        return False
    config.stash[CLAIMS] = claims = Claims(config.rootpath / option.records)
    config.add_cleanup(claims.release)
    with suppress(SmokeError):
        claims.clear(_targets(config, environ))
    return True


def misused(config: pytest.Config, error: SmokeError) -> BaseException:
    """Report why the run did not start, also in its files; return the exception for pytest."""
    if CLAIMS in config.stash:
        config.stash[CLAIMS].misused(error)
    if error.exit_code is Exit.MISUSED:
        return pytest.UsageError(f"\n{error}")
    return pytest.exit.Exception(str(error), returncode=int(error.exit_code))  # a full disk, say


def _targets(config: pytest.Config, environ: "Mapping[str, str]") -> "Sequence[str]":
    from smoke.config.settings import asked_targets
    from smoke.config.table import load_table

    flags = config.known_args_namespace.target
    return asked_targets(load_table(config.rootpath), environ, flags)
