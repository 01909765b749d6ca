"""Commands for finished runs: reports, differences, and leftovers on the service."""

import sys
from pathlib import Path

import click

from smoke.cli.options import PLACE, root_option, settings_of, target_option


@click.command("report")
@click.argument("records", type=PLACE, nargs=-1, required=True)
@click.option("--out", type=PLACE, required=True, help="Directory to write the files into.")
def report_command(records: tuple[Path, ...], out: Path) -> None:
    """Write the reports again from RECORDS (run.jsonl)."""
    from smoke.cli.records import report

    report(records, out, sys.stdout)


@click.command("compare")
@click.argument("was", type=PLACE)
@click.argument("now", type=PLACE)
def compare_command(was: Path, now: Path) -> int:
    """
    Show the changes between two records.

    Exit code 1 if something fails in NOW that did not fail in WAS.
    """
    from smoke.cli.records import compared

    return compared(was, now, sys.stdout)


@click.command("sweep")
@target_option
@click.option("--records", type=PLACE, default=Path(".smoke"), help="Directory of the records.")
@click.option("--now", is_flag=True, help="Also delete what a run with --keep left for an hour.")
@root_option
def sweep_command(target: str | None, records: Path, now: bool, root: Path) -> int:
    """Delete the leftovers of killed runs, and of runs with --keep, from a target."""
    from smoke.session.cleanup.sweep import sweep_records

    settings = settings_of(root, target)
    failed = False
    for line, bad in sweep_records(settings, root.resolve() / records, now=now):
        print(line)
        failed = failed or bool(bad)
    return int(failed)
