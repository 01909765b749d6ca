"""`smoke fleet temporal`: runs a fleet on a Temporal server."""

import asyncio
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from smoke.cli.options import PLACE, root_option
from smoke.cli.units import pause_option
from smoke.errors import ConfigError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

queue_option = click.option(
    "--queue", default="smoke-fleet", show_default=True, help="Task queue of the workers."
)
id_option = click.option(
    "--id",
    "identity",
    default="smoke-fleet",
    show_default=True,
    help="Name of the workflow or schedule on the server.",
)


def _room(name: str) -> Any:
    """Import a module that needs the extra `temporal`."""
    try:
        return import_module(f"smoke.fleet.temporal.{name}")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("temporalio"):
            raise
        message = "Temporal needs an extra. Run: pip install 'smoke-http[temporal]'"
        raise ConfigError([message]) from None


def read_every(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """Convert a text such as `30s`, `5m` or `1h` to seconds."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", value)
    if value and not (found and int(found[1])):
        raise click.BadParameter(
            f"invalid time {value[:20]!r}. Allowed: such as 30s, 5m, 1h or 1d."
        )
    return float(int(found[1]) * UNITS[found[2]]) if found else 0.0


@click.group("temporal")
def temporal_command() -> None:
    """
    Run a fleet on a Temporal server.

    TEMPORAL_ADDRESS (default: localhost:7233), TEMPORAL_NAMESPACE and TEMPORAL_API_KEY, or a
    temporal.toml, select the server.
    """


@temporal_command.command("worker")
@root_option
@queue_option
@click.option("--unit", type=PLACE, required=True, metavar="DIR", help="Directory for records.")
@click.option("--at-once", type=click.IntRange(min=1), default=4, show_default=True)
@pause_option
@click.argument("fleet", type=PLACE, metavar="FLEET.JSON")
def worker_command(
    root: Path, queue: str, unit: Path, at_once: int, retry_pause: float, fleet: Path
) -> None:
    """Run units for the server until SIGTERM. All workers must share the directory DIR."""
    client, activities = _room("client"), _room("activities")
    words = (f"--retry-pause={retry_pause}",)
    own = activities.Activities(root.resolve(), fleet.resolve(), unit.resolve(), words)
    asyncio.run(client.work(own, queue, at_once))


@temporal_command.command("run")
@queue_option
@id_option
def run_command(queue: str, identity: str) -> int:
    """Run the fleet once; exit with the code of its verdict. SIGTERM cancels the run."""
    verdict = asyncio.run(_room("client").run(identity, queue, _show))
    summary = ", ".join(f"{count} {name}" for name, count in verdict.counts.items() if count)
    click.echo(f"files     {verdict.folder} (in the workers' store)\n")
    click.echo(
        f"{verdict.word.upper()}  {summary}" + (f"\n  {verdict.reason}" if verdict.reason else "")
    )
    click.echo(f"exit code {verdict.exit}")
    return int(verdict.exit)


def _show(progress: dict[str, int]) -> None:
    summary = ", ".join(f"{count} {name}" for name, count in progress.items())
    click.echo(f"progress  {summary}", err=True)


@temporal_command.command("schedule")
@queue_option
@id_option
@click.option("--every", "every_s", callback=read_every, default="", metavar="TIME")
@click.option(
    "--cron", default="", help="Cron expression with five fields, in UTC, instead of --every."
)
@click.option("--delete", is_flag=True, help="Delete the schedule.")
def schedule_command(queue: str, identity: str, every_s: float, cron: str, delete: bool) -> None:
    """Run the fleet regularly. A run starts only after the previous run has ended."""
    if sum(map(bool, (every_s, cron, delete))) != 1:
        raise click.UsageError("Name one of --every, --cron and --delete.")
    client = _room("client")
    if delete:
        asyncio.run(client.unschedule(identity))
        click.echo(f"schedule  {identity} deleted")
        return
    asyncio.run(client.schedule(identity, queue, every_s, cron))
    click.echo(f"schedule  {identity}: {cron or f'every {every_s:g} s'}, one run at a time")
