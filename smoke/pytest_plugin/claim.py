"""The folders of a run, claimed before anything can go wrong.

Whatever ends a run, a misspelt option or a kill, no file of an earlier run may pass for its result.
So the folders are claimed, and what lies in them is replaced, as soon as pytest knows the targets.
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
"""The folder of the reports of all targets together."""

CLAIMS = pytest.StashKey["Claims"]()


class Claims:
    """The folders of a run by target; `combined` is among them where there are several targets."""

    def __init__(self, records: "Path") -> None:
        self._records = records
        self._folders: dict[str, Folder] = {}
        self._settled = False

    def folder(self, name: str) -> "Path":
        """
        Return the folder of a target, claimed for this run.

        Raises:
            DataError: nothing can be written there.
        """
        from smoke.results.run_dir import Folder

        if name not in self._folders:
            self._folders[name] = Folder(self._records, name)
        return self._folders[name].path

    def clear(self, names: "Sequence[str]") -> None:
        """Replace what earlier runs left for these targets; where nothing is, nothing is made."""
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
        """Say in the files of the run why there was none."""
        from smoke.report.files import write_reports
        from smoke.results.unstarted import unstarted

        self._settled = True
        for name, folder in self._folders.items():
            with suppress(SmokeError):
                write_reports([unstarted(name, error)], folder.path, {}, {})

    def settled(self) -> None:
        """Note that the run has written its own result."""
        self._settled = True

    def release(self) -> None:
        """Let the next run have the folders."""
        if not self._settled:
            self.misused(UnverifiedError("the run was ended before it asked anything"))
        for folder in self._folders.values():
            folder.release()


def claim(config: pytest.Config, environ: "Mapping[str, str]") -> bool:
    """Claim the folders of the targets that a command names; tell whether it asks for a run."""
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
    """Say in the files of the run, too, why it did not begin; return what stops pytest."""
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
