"""`smoke run TARGET --unit DIR`: a run as the unit of work of an engine."""

import os
from pathlib import Path

import click

from smoke.cli.options import PLACE, root_option

PAUSE = click.FloatRange(min=0, max=3600)


def checked_id(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse an id that cannot be part of a file name."""
    from smoke.fleet.expectation import RUN_ID

    if value and not RUN_ID.fullmatch(value):
        allowed = "up to 80 letters, digits, '_', '.' and '-'"
        raise click.BadParameter(f"invalid id {value[:90]!r}. Allowed: {allowed}.")
    return value


run_option = click.option(
    "--run-id", callback=checked_id, default="", metavar="ID",
    help="Id of the fleet's run (default: the id in its list).",
)  # fmt: skip
pause_option = click.option(
    "--retry-pause", type=PAUSE, default=10.0, show_default=True, metavar="SECONDS",
    help="Pause before the second attempt of a run that could not finish.",
)  # fmt: skip


@click.command("run", context_settings={"ignore_unknown_options": True})
@root_option
@click.argument("target")
@click.option("--unit", type=PLACE, required=True, metavar="DIR", help="Directory for records.")
@click.option("--fleet", type=PLACE, metavar="FILE", help="Fleet list that defines the target.")
@run_option
@pause_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST OPTION]...")
def unit_command(
    root: Path, target: str, unit: Path, fleet: Path | None, run_id: str, retry_pause: float,
    words: tuple[str, ...],
) -> int:  # fmt: skip
    """
    Run one target in its own process group, which ends with this process or its parent.

    Each attempt gets a directory in DIR, with `verdict.json` and `run.jsonl.gz`. A run that could
    not finish (exit code 2) is repeated once; both attempts are kept.
    """
    from smoke.config.table import MORE, load_table
    from smoke.fleet.expectation import load
    from smoke.fleet.unit import Order, run_unit

    run = run_id or (load(fleet).id if fleet else "")
    environ = {**os.environ, **({MORE: str(fleet.resolve())} if fleet else {})}
    root = root.resolve()
    order = Order(
        target, load_table(root, environ), root, unit.resolve(), environ, run, retry_pause, words
    )
    return int(run_unit(order))
