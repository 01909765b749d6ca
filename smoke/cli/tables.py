"""Commands that print tables about a run, without sending requests."""

import sys
from pathlib import Path

import click

from smoke.cli.options import (
    PLACE,
    contract_of,
    openapi_option,
    root_option,
    settings_of,
    target_option,
)


@click.command("gates")
@target_option
@root_option
def gates_command(target: str | None, root: Path) -> None:
    """Show the gates of a target: state, source, operations, needs."""
    from smoke.cli.gate_table import show
    from smoke.contract import Contract
    from smoke.plan import load

    settings = settings_of(root, target)
    contract, plan = Contract.load(settings.contract), load(settings.plan)
    show(settings.target.name, settings.gates, contract, plan)


@click.command("ledger")
@target_option
@openapi_option
@click.option("--plan", type=PLACE, help="Plan to read (default: the configured one).")
@click.option("--out", type=PLACE, help="Markdown file to write (default: print to the terminal).")
@root_option
def ledger_command(
    target: str | None, openapi: str | None, plan: Path | None, out: Path | None, root: Path
) -> None:
    """Show which check covers each operation."""
    from smoke.plan import load
    from smoke.pytest_plugin.items import declared
    from smoke.results.coverage import coverage, markdown

    settings = settings_of(root, target)
    contract = contract_of(settings, openapi)
    # Unlike `python -m`, a console script does not add the working directory.
    sys.path.insert(0, str(settings.root))
    checks = declared(settings.checks)
    rows = coverage(contract, settings.gates, load(plan or settings.plan), checks)
    text = markdown(rows, contract)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: {len(rows)} operations")
