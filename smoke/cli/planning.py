"""Commands that build the plan, and check the rules behind it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smoke.cli.options import (
    PLACE,
    contract_of,
    header_option,
    headers_of,
    openapi_option,
    root_option,
    settings_of,
    target_option,
)
from smoke.errors import ConfigError

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.contract import Contract
    from smoke.plan import Plan

# Where runs write their records unless --records names another directory.
RECORDS = Path(".smoke")


@click.command("plan")
@openapi_option
@header_option
@click.option("--rules", type=PLACE, help="Rules file to use (default: the configured one).")
@click.option("--out", type=PLACE, help="File to write (default: the configured plan).")
@click.option("--explain", is_flag=True, help="Show where each value comes from.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if the plan is stale.")
@click.option(
    "--quick",
    "record",
    type=PLACE,
    metavar="RECORD",
    help="Also choose the checks of a quick run, by the record of a full run.",
)
@click.option(
    "--arazzo",
    type=PLACE,
    metavar="FILE",
    help="Write nothing but FILE: the plan's chains as Arazzo workflows.",
)
@click.option(
    "--learn",
    is_flag=True,
    help="Write nothing; show what the target's last run suggests for the rules, as a diff.",
)
@target_option
@root_option
def plan_command(
    openapi: str | None, headers: tuple[str, ...], rules: Path | None, out: Path | None,
    explain: bool, check: bool, record: Path | None, arazzo: Path | None, learn: bool,
    target: str | None, root: Path,
) -> int:  # fmt: skip
    """
    Build the plan, and show the changes.

    The plan comes from the contract and the rules. Commit it. A contract at a URL is saved first.
    """
    from smoke.plan import load
    from smoke.plan.changes import diff
    from smoke.plan.explain import table

    settings = settings_of(root, target)
    contract = contract_of(settings, openapi, headers_of(headers))
    if learn:
        return _learn(settings, contract)
    if arazzo is not None:
        from smoke.cli.workflows import write_arazzo

        return write_arazzo(settings, contract, arazzo)
    if openapi and "://" in openapi and not (check or out):
        _save(contract, settings.contract)
    out = out or settings.plan
    made = built(contract, rules or settings.rules, [gate.name for gate in settings.gates])
    old = load(out) if out.exists() else None
    for line in diff(old, made) if old else ():
        print(line)
    if explain:
        print(table(made))
    if not check:
        # Saved before the long output, since `| head` may close the pipe.
        made.save(out)
    for problem in made.problems:
        print(f"\n{problem}")
    if check:
        return 1 if old is None or old.text() != made.text() else 0
    print(f"{out}: {len(made.entries)} entries, {len(made.problems)} for a person to decide")
    if record is not None:
        _choose(settings, contract, made, record, out)
    return 0


def _learn(settings: "Settings", contract: "Contract") -> int:
    """Print what the record of the target's last run suggests."""
    from smoke.cli.choosing import learned
    from smoke.plan import load

    record = settings.root / RECORDS / settings.target.name / "run.jsonl"
    if not record.exists():
        again = f"Run first: smoke run {settings.target.name}."
        raise ConfigError([f"{record}: there is no record to learn from. {again}"])
    diff = learned(settings, contract, load(settings.plan), record)
    print(diff, end="")
    what = "review it, then apply it with: smoke plan --learn | git apply" if diff else "no rules"
    print(f"{record}: {what}", file=sys.stderr)
    return 0


def _save(contract: "Contract", path: Path) -> None:
    """Save a contract as it was read, with the parts of other files that it refers to."""
    text = json.dumps(contract.document, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path}: written")


def _choose(
    settings: "Settings", contract: "Contract", made: "Plan", record: Path, out: Path
) -> None:
    """Choose the checks of a quick run from a record, and write them beside the plan."""
    from smoke.cli.choosing import chosen
    from smoke.plan.depth import beside

    quick = chosen(settings, contract, made, record)
    beside(out).write_text(quick.text(), encoding="utf-8", newline="\n")
    print(
        f"{beside(out)}: {len(quick.checks)} checks; a quick run sends about {quick.requests} "
        f"requests and signs in {quick.sign_ins} times"
    )


def built(contract: "Contract", rules: Path, gates: Sequence[str]) -> "Plan":
    """Build a plan, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from smoke.config import rules as rules_of
    from smoke.plan.build.builder import build

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Planning", total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return build(contract, rules_of.load(rules), show, list(gates))


@click.command("rules")
@openapi_option
@click.option("--suggest", is_flag=True, help="Print suggested rules for review.")
@click.option(
    "--arazzo", type=PLACE, metavar="FILE", help="Print the steps of an Arazzo file as rules."
)
@target_option
@root_option
def rules_command(
    openapi: str | None, suggest: bool, arazzo: Path | None, target: str | None, root: Path
) -> None:
    """Check the rules against the contract, or suggest new ones."""
    from smoke.config import rules
    from smoke.plan import load
    from smoke.plan.explain import suggest as suggested

    settings = settings_of(root, target)
    contract = contract_of(settings, openapi)
    if arazzo is not None:
        from smoke.cli.workflows import read_arazzo

        read_arazzo(contract, arazzo)
        return
    if suggest:
        known = load(settings.plan) if settings.plan.exists() and not openapi else None
        print(suggested(contract, known), end="")
        return
    found = rules.load(settings.rules)
    rules.check(contract, found, [gate.name for gate in settings.gates])
    print(f"{settings.rules}: {len(found.rules)} rules fit {contract.source}")
