"""Commands for a service that smoke itself starts."""

import os
from pathlib import Path

import click

from smoke.cli.options import PLACE, root_option, settings_of

MOST_PORT = 65535


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", type=click.IntRange(0, MOST_PORT), default=8000, show_default=True,
    help="0 chooses a free port.",
)  # fmt: skip
@click.option("--database", help="SQLite file for the state (default: temporary).")
@click.option("--storage", help="Directory for uploaded files (default: temporary).")
@root_option
def serve_command(
    host: str, port: int, database: str | None, storage: str | None, root: Path
) -> int:
    """Start the service of the default target, with seeding enabled, and print its URL."""
    from smoke.config import rules
    from smoke.session import service_process as serve
    from smoke.session.session import seeding_open

    settings = settings_of(root)
    # Seeding is closed on real deployments; a service for development needs it open.
    opened = seeding_open(rules.load(settings.rules))
    values = {"host": host, "port": str(port), "database": database, "storage": storage}
    words = [f"--{name}={value}" for name, value in values.items() if value]
    return serve.foreground(settings.target.serve, {**opened, **os.environ}, *words)


@click.command("contract")
@click.option("--out", type=PLACE, help="File to write (default: the configured contract).")
@root_option
def contract_command(out: Path | None, root: Path) -> None:
    """Write the OpenAPI document of the service that `smoke serve` starts."""
    from smoke.session.service_process import described

    settings = settings_of(root)
    out = out or settings.contract
    text = described(settings.target.serve, os.environ)
    changed = not out.exists() or out.read_text(encoding="utf-8") != text
    out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: {'written' if changed else 'unchanged'}")
