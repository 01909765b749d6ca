"""The demo service of the tutorial, as a command."""

import os
from contextlib import suppress

import click

from smoke.errors import ConfigError

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
    from smoke.demo.service import Server
    from smoke.demo.store import EMAILS, Store

    password = os.environ.get(PASSWORD, "")
    if len(password) < SHORTEST:
        advice = f"Set it to at least {SHORTEST} characters."
        raise ConfigError([f"{PASSWORD} is the password of the demo's users. {advice}"])
    with Server(port, Store(password, bug)) as server:
        print(server.url, flush=True)
        print(f"users {' and '.join(EMAILS)}; stop it with Ctrl-C", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
