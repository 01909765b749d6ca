"""
The entry of the command `smoke`.

`smoke --version` is answered before the command line library is imported, which takes most of the
start of a command.
"""

import sys


def run() -> int:
    """Run the command line of this process and return the exit code."""
    if sys.argv[1:] == ["--version"]:
        from smoke.cli.versions import own_version

        print(f"smoke {own_version()}")
        return 0
    from smoke.cli.main import run as run_command

    return run_command()
