"""
The entry of the command `smoke`.

`smoke --version` is answered before the command line library is imported, which takes most of the
start of a command.
"""

import os
import sys


def run() -> int:
    """Run the command line of this process and return the exit code."""
    if sys.argv[1:] == ["--version"]:
        print(f"smoke {own_version()}")
        return 0
    from smoke.cli.main import run as run_command

    return run_command()


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
