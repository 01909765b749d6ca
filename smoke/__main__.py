"""`python -m smoke`: the same as the command `smoke`."""

import sys

from smoke.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
