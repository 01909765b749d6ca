"""The version of the installed distribution."""

import os
import sys

DISTRIBUTION = "smoke_http"
INFO = ".dist-info"


def own_version() -> str:
    """The version of the installed distribution, or a note for a checkout without one."""
    # The name of this directory has the version (PEP 427); importlib.metadata takes ten times as
    # long to import as to list the directories.
    for folder in sys.path:
        try:
            names = os.listdir(folder)  # noqa: PTH208  (pathlib would double the time)
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{DISTRIBUTION}-") and name.endswith(INFO):
                return name.removeprefix(f"{DISTRIBUTION}-").removesuffix(INFO)
    return "(a checkout that is not installed)"
