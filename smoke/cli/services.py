"""Commands for a service that smoke itself starts."""

import os
from contextlib import suppress
from pathlib import Path

import click

from smoke.cli.options import PLACE, root_option, settings_of
from smoke.errors import ConfigError

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

    settings = settings_of(root)
    # Seeding is closed on real deployments; a service for development needs it open.
    opened = serve.seeding_open(rules.load(settings.rules))
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


PASSWORD = "SMOKE_USER_PASSWORD"  # noqa: S105  (the name of a variable)
SHORTEST = 12


@click.command("demo")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
    help="0 chooses a free port.",
)  # fmt: skip
@click.option("--bug", is_flag=True, help="Add a bug: the service does not save changes of notes.")
def demo_command(port: int, bug: bool) -> None:
    """
    Serve a small notes API, for the tutorial.

    Its users ada@example.com and bob@example.com have the password in SMOKE_USER_PASSWORD.
    """
    from smoke.demo.service import EMAILS, Server, Store

    password = os.environ.get(PASSWORD, "")
    if len(password) < SHORTEST:
        advice = f"Set it to at least {SHORTEST} characters."
        raise ConfigError([f"{PASSWORD} is the password of the demo's users. {advice}"])
    with Server(port, Store(password, bug)) as server:
        print(server.url, flush=True)
        print(f"users {' and '.join(EMAILS)}; stop it with Ctrl-C", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
