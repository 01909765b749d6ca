"""Commands that inspect a deployment: they sign in and read, and change nothing."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from smoke.cli.options import root_option, settings_of, target_option

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.session.run_actors import Actors


@asynccontextmanager
async def visiting(settings: "Settings") -> AsyncIterator["Actors"]:
    """Provide the actors of a target, for reading only: no seeding, no lasting record."""
    from smoke.http.client import Client
    from smoke.session.run_actors import Actors
    from smoke.session.seeding import Seeding
    from smoke.session.service_process import started
    from smoke.session.session import SmokeSession

    # Safety: these commands also run against production, so the client refuses every write.
    only_read = replace(settings, target=replace(settings.target, read_only=True))
    # The record of the last run must stay as it is.
    with TemporaryDirectory() as run_dir:
        smoke = SmokeSession(only_read, os.environ, Path(run_dir), started(only_read, os.environ))
        client = None
        try:
            client = Client(smoke.target(), smoke.contract, smoke.run, smoke.policy)
            seeding = Seeding(client, smoke.rules, client.target, smoke.gates_on, smoke.env)
            yield Actors(client, seeding, smoke)
        finally:
            if client is not None:
                await client.close()
            smoke.close()


@click.command("token")
@click.argument("actor")
@target_option
@click.option("--base-url", metavar="URL", help="URL of the target, instead of the one in its row.")
@root_option
def token_command(actor: str, target: str | None, base_url: str | None, root: Path) -> None:
    """
    Sign in as ACTOR, and print the header that authenticates requests.

    For example: curl -H "$(smoke token owner)" https://api.example.com/me
    """
    from smoke.errors import SmokeError

    settings = settings_of(root, target, base_url=base_url)

    async def headers() -> dict[str, str]:
        async with visiting(settings) as actors:
            return await actors.actor(actor).credential()

    found = asyncio.run(headers())
    if not found:
        raise SmokeError(f"{actor!r} has no header: the rules declare no sign-in that sets one.")
    for name, value in found.items():
        print(f"{name}: {value}")


@click.command("doctor")
@target_option
@click.option("--write", is_flag=True, help="Write the detected gate states into the target's row.")
@root_option
def doctor_command(target: str | None, write: bool, root: Path) -> int:
    """
    Check whether a deployment is ready, and which gates are open.

    Requests the readiness endpoint and the live contract, signs in, and sends one harmless read
    request per gate.
    """
    from smoke.cli.diagnosis import diagnose, lines_of
    from smoke.cli.gate_table import write_gates

    settings = settings_of(root, target)

    async def inspected() -> "tuple[list[str], dict[str, str], bool]":
        async with visiting(settings) as actors:
            found = await diagnose(actors)
            return lines_of(found, settings.gates), found.states, found.well

    lines, states, well = asyncio.run(inspected())
    for line in lines:
        print(line)
    if write and states:
        print(f"\n{write_gates(settings.root, settings.target.name, states)}")
    return 0 if well else 1
