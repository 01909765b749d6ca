"""The command line: everything beside the run itself, which is `pytest --target NAME`."""

import argparse
import os
import sys
import traceback
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.cli.arguments import Parser, port
from smoke.documents import visible
from smoke.errors import Exit, SmokeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smoke.config.settings import Settings
    from smoke.contract import Contract


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one subcommand and return the exit code: 4 for misuse, told in one message, 3 for us."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.command(options) or 0)
    except SmokeError as error:
        return _told(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        return _told(f"{error.filename or 'the system'}: {error.strerror}.", Exit.MISUSED)
    except Exception:  # nothing may end with the code of a service that answered wrongly
        traceback.print_exc()
        return _told("This is a mistake of ours; nothing was verified.", Exit.INTERNAL)


def _told(message: str, code: int) -> int:
    print("\n".join(visible(line, 2000) for line in message.split("\n")), file=sys.stderr)
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="python -m smoke",
        description="Red or green for a deployed HTTP API. The run itself is a nox session "
        "(nox -s smoke) or pytest --target NAME; these are the tools around it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve(commands.add_parser("serve", help="start the embedded service and print its URL"))
    _gates(commands.add_parser("gates", help="print the gates of a target"))
    _plan(commands.add_parser("plan", help="build the plan of the contract, and tell what changed"))
    _rules(commands.add_parser("rules", help="check the rules, or suggest some"))
    _ledger(commands.add_parser("ledger", help="print who is to see each operation succeed"))
    _report(commands.add_parser("report", help="write the reports of a record again"))
    _compare(commands.add_parser("compare", help="tell what changed from one run to another"))
    _sweep(commands.add_parser("sweep", help="take away what a killed run left behind"))
    _contract(commands.add_parser("contract", help="write the embedded service's OpenAPI document"))
    parser.known += commands.choices
    return parser


def _root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder of pyproject.toml")


def _settings(options: argparse.Namespace) -> "Settings":
    from smoke.config.settings import Flags, read_settings
    from smoke.config.table import load_table

    root = options.root.resolve()
    flags = Flags(target=options.target)
    return read_settings(load_table(root), root, os.environ, flags)


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default="8000", help="0 takes a free one (8000)")
    parser.add_argument("--database", help="SQLite file that keeps the state (default: temporary)")
    parser.add_argument("--storage", help="folder that keeps uploaded bytes (default: temporary)")
    _root(parser)
    parser.set_defaults(command=serve_command, target=None)


def serve_command(options: argparse.Namespace) -> int:
    """Serve the default target's module until it is interrupted; seeding is open."""
    from smoke.config import rules
    from smoke.session import service_process as serve
    from smoke.session.session import seeding_open

    settings = _settings(options)
    opened = seeding_open(rules.load(settings.rules))
    words = [f"--{name}={value}" for name, value in (
        ("host", options.host), ("port", options.port),
        ("database", options.database), ("storage", options.storage),
    ) if value]  # fmt: skip
    return serve.foreground(settings.target.serve, {**opened, **os.environ}, *words)


def _gates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", help="row of [tool.smoke.targets] (default: the table's)")
    _root(parser)
    parser.set_defaults(command=gates)


def gates(options: argparse.Namespace) -> None:
    """Print each gate: state, where that came from, how many operations it has, what it needs."""
    from smoke.cli.gate_table import show
    from smoke.contract import Contract
    from smoke.plan import load

    settings = _settings(options)
    contract, plan = Contract.load(settings.contract), load(settings.plan)
    show(settings.target.name, settings.gates, contract, plan)


def _contract(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="file to write (default: the configured contract)")
    _root(parser)
    parser.set_defaults(command=contract, target=None)


def contract(options: argparse.Namespace) -> None:
    """Write what the embedded service says of itself into the committed contract."""
    from smoke.session.service_process import described

    settings = _settings(options)
    out = options.out or settings.contract
    text = described(settings.target.serve, os.environ)
    changed = not out.exists() or out.read_text(encoding="utf-8") != text
    out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: {'written' if changed else 'unchanged'}")


def _other(options: argparse.Namespace) -> "tuple[Settings, Contract]":
    """The settings, and the contract they or `--openapi` name: a file, or an http(s) URL."""
    from smoke.contract import Contract

    settings = _settings(options)
    source = options.openapi or str(settings.contract)
    if source.startswith(("http://", "https://")):
        from smoke.http.download import download

        return settings, Contract.parse(download(source), source)
    return settings, Contract.load(source)


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--openapi", metavar="FILE|URL", help="contract to plan (default: configured)"
    )
    parser.add_argument("--rules", type=Path, help="rules to plan by (default: configured)")
    parser.add_argument("--out", type=Path, help="file to write (default: configured)")
    parser.add_argument("--explain", action="store_true", help="tell where each value comes from")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it is stale")
    parser.add_argument("--target", help="row of [tool.smoke.targets] (default: the table's)")
    _root(parser)
    parser.set_defaults(command=plan)


def plan(options: argparse.Namespace) -> int:
    """Build the plan, and say in words what changed."""
    from rich.console import Console
    from rich.progress import Progress

    from smoke.config import rules
    from smoke.plan import load
    from smoke.plan.build.builder import build
    from smoke.plan.changes import diff
    from smoke.plan.explain import table

    settings, contract = _other(options)
    out = options.out or settings.plan
    gates = [gate.name for gate in settings.gates]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Planning", total=None)
        made = build(
            contract,
            rules.load(options.rules or settings.rules),
            lambda done, total: progress.update(task, completed=done, total=total),
            gates,
        )
    old = load(out) if out.exists() else None
    for line in diff(old, made) if old else ():
        print(line)
    if options.explain:
        print(table(made))
    for problem in made.problems:
        print(f"\n{problem}")
    if options.check:
        return 1 if old is None or old.text() != made.text() else 0
    made.save(out)
    print(f"{out}: {len(made.entries)} entries, {len(made.problems)} for a person to decide")
    return 0


def _rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--openapi", metavar="FILE|URL", help="contract (default: configured)")
    parser.add_argument("--suggest", action="store_true", help="print rules for you to accept")
    parser.add_argument("--target", help="row of [tool.smoke.targets] (default: the table's)")
    _root(parser)
    parser.set_defaults(command=rules_command)


def rules_command(options: argparse.Namespace) -> None:
    """Check the rules against the contract; with --suggest, print candidates as TOML."""
    from smoke.config import rules
    from smoke.plan import load
    from smoke.plan.suggest import suggest

    settings, contract = _other(options)
    if options.suggest:
        known = load(settings.plan) if settings.plan.exists() and not options.openapi else None
        print(suggest(contract, known), end="")
        return
    found = rules.load(settings.rules)
    rules.check(contract, found, [gate.name for gate in settings.gates])
    print(f"{settings.rules}: {len(found.rules)} rules fit {contract.source}")


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("records", type=Path, nargs="+", help="run.jsonl of one or several runs")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the files into")
    parser.set_defaults(command=report_command)


def report_command(options: argparse.Namespace) -> None:
    """Write the reports of one or several records again, and print how the run ended."""
    from smoke.cli.records import report

    report(options.records, options.out, sys.stdout)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("was", type=Path, help="run.jsonl of the earlier run")
    parser.add_argument("now", type=Path, help="run.jsonl of the later run")
    parser.set_defaults(command=compare_command)


def compare_command(options: argparse.Namespace) -> int:
    """Tell what changed from one run to another; 1 where something fails that did not."""
    from smoke.cli.records import compared

    return compared(options.was, options.now, sys.stdout)


def _sweep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", help="row of [tool.smoke.targets] (default: the table's)")
    parser.add_argument("--records", default=".smoke", help="folder of the records")
    _root(parser)
    parser.set_defaults(command=sweep_command)


def sweep_command(options: argparse.Namespace) -> int:
    """Take away what runs against a target made and did not take away themselves."""
    from smoke.session.cleanup.sweep import sweep_records

    settings = _settings(options)
    failed = 0
    for line, bad in sweep_records(settings, options.root.resolve() / options.records):
        print(line)
        failed += bad
    return 1 if failed else 0


def _ledger(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", help="row of [tool.smoke.targets] (default: the table's)")
    parser.add_argument("--openapi", metavar="FILE|URL", help="contract (default: configured)")
    parser.add_argument("--plan", type=Path, help="plan (default: configured)")
    parser.add_argument("--out", type=Path, help="Markdown file to write, instead of printing")
    _root(parser)
    parser.set_defaults(command=ledger)


def ledger(options: argparse.Namespace) -> None:
    """Print who is to see each operation succeed; nothing is sent."""
    from smoke.plan import load
    from smoke.pytest_plugin.declared import declared
    from smoke.results.coverage import coverage, markdown

    settings, contract = _other(options)
    rows = coverage(
        contract, settings.gates, load(options.plan or settings.plan), declared(settings.checks)
    )
    text = markdown(rows, contract)
    if options.out is None:
        print(text, end="")
        return
    options.out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{options.out}: {len(rows)} operations")


def run() -> int:
    """Run the command line of this process and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal of another encoding shows what it can
            stream.reconfigure(errors="replace")
    return main()
