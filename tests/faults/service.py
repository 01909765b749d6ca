"""The reference service with a fault in it: `python -m tests.faults.service --entry NAME`."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from smoke.reference import app as application
from smoke.reference.settings import Settings
from smoke.reference.surfaces import LOGS, SURFACES, TEST_FIXTURES
from smoke.reference.web.server import listen, serve
from tests.faults.catalogue import ENTRIES
from tests.faults.entries import InApp


def main() -> int:
    """Serve on a free loopback port until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entry", required=True)
    parser.add_argument("--exit-with-stdin", action="store_true")
    options = parser.parse_args()
    mechanism = ENTRIES[options.entry].mechanism
    assert isinstance(mechanism, InApp), f"{options.entry} is not a fault in the service"
    # A change is in one module: what others imported by name before it stays as it was.
    for surface in (*SURFACES, LOGS, TEST_FIXTURES):
        surface.load()
    if mechanism.change is not None:
        mechanism.change()
    with tempfile.TemporaryDirectory(prefix="faulty-", ignore_cleanup_errors=True) as scratch:
        settings = Settings.from_environment(os.environ)
        # Looked up here, because the change may have replaced it.
        app = application.build_app(settings, Path(scratch, "service.db"), Path(scratch, "objects"))
        if mechanism.layer is not None:
            app = mechanism.layer(app)
        serve(app, listen("127.0.0.1", 0), exit_with_stdin=options.exit_with_stdin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
