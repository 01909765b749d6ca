"""The command line: `python -m smoke.reference`."""

import argparse
import gc
import json
import os
import sys
import tempfile
from pathlib import Path

from .settings import Settings, SettingsError
from .variants import VARIANTS


def main() -> int:
    """Serve, or print the OpenAPI document; return the exit code."""
    options = _options()
    if options.openapi:
        sys.stdout.write(openapi_text())
        return 0
    gc.disable()  # imports make many objects and drop few; the application turns it on again
    from .app import build_app
    from .web.server import listen, serve

    try:
        variant = {"REFERENCE_VARIANT": options.variant} if options.variant else {}
        settings = Settings.from_environment({**os.environ, **variant})
        listener = listen(options.host, options.port)
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"Cannot start: {error}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="reference-", ignore_cleanup_errors=True) as scratch:
        database = options.database or Path(scratch, "service.db")
        storage = options.storage or (
            Path(f"{database}.objects") if options.database else Path(scratch, "objects")
        )
        app = build_app(settings, database, storage)
        names = (options.host, *options.allow_host)
        serve(app, listener, exit_with_stdin=options.exit_with_stdin, names=names)
    return 0


def openapi_text() -> str:
    """Return the OpenAPI document of all surfaces, the same bytes every time."""
    from .app import build_api

    everything = Settings(use_test_fixtures=True)
    return json.dumps(build_api(everything).openapi(), indent=2, sort_keys=True) + "\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m smoke.reference", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=0, help="port to listen on (default: a free one)")
    add(
        "--allow-host", metavar="NAME", action="append", default=[],
        help="answer requests for this host, too (default: its address and loopback names)",
    )  # fmt: skip
    add("--database", type=Path, help="SQLite file to keep (default: a temporary one)")
    add("--storage", type=Path, help="directory of objects (default: beside the database)")
    add("--variant", choices=VARIANTS, help="do what the contract leaves open in another way")
    add("--exit-with-stdin", action="store_true", help="stop with the parent, or its pipe")
    add("--openapi", action="store_true", help="print the OpenAPI document and exit")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        code = main()
    except SystemExit as end:  # a signal, or a wrong option
        code = int(end.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed and removed. Taking all modules apart would last as long again.
    os._exit(code)
