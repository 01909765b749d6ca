"""The command `smoke`: its subcommands, and their exit codes."""

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from smoke.errors import Exit, SmokeError, nearest

# Each subcommand, in the order of the help: the module of this room that defines it, and the first
# sentence of its help.
COMMANDS = {
    "init": ("init", "Create a project for the service at URL."),
    "run": ("running", "Run the checks and the plan against targets."),
    "demo": ("services", "Serve a small notes API, for the tutorial."),
    "serve": (
        "services",
        "Start the service of the default target, with seeding enabled, and print its URL.",
    ),
    "contract": (
        "services",
        "Write the OpenAPI document of the service that `smoke serve` starts.",
    ),
    "doctor": ("deployments", "Check whether a deployment is ready, and which gates are open."),
    "token": ("deployments", "Sign in as ACTOR, and print the header that authenticates requests."),
    "gates": ("tables", "Show the gates of a target: state, source, operations, needs."),
    "ledger": ("tables", "Show which check covers each operation."),
    "plan": ("planning", "Build the plan, and show the changes."),
    "review": ("review", "Decide about the operations that the plan does not send."),
    "rules": ("planning", "Check the rules against the contract, or suggest new ones."),
    "report": ("reports", "Write the reports again from RECORDS (run.jsonl)."),
    "compare": ("reports", "Show the changes between two records."),
    "sweep": (
        "reports",
        "Delete the leftovers of killed runs, and of runs with --keep, from a target.",
    ),
    "fleet": ("fleets", "Run many targets, each with its own run, and give one verdict."),
    "schema": ("editors", "Print the JSON Schema of FILE, for editors."),
    "completion": ("editors", "Print the completion script for SHELL."),
}


class Commands(click.Group):
    """The subcommands. A module is imported only when its command runs, so that help is fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's own)
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command with that name, or None if it does not exist."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"smoke.cli.{COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from smoke.cli.start import own_version

        print(f"smoke {own_version()}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Other ways to start a run: pytest --target NAME, or a nox session.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show the version and exit.",
)  # fmt: skip
def smoke() -> None:
    """Red or green for a deployed HTTP API, in seconds, with the reason on screen."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return its exit code: 4 for misuse, 3 for an error of smoke itself."""
    try:
        words = None if arguments is None else list(arguments)
        return int(smoke.main(words, prog_name="smoke", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as shown:
        return _report(f"{shown.format_message()}\n\nsmoke: name a command.", Exit.MISUSED)
    except click.ClickException as error:
        return _report(_misuse(error), Exit.MISUSED)
    except click.Abort:
        return _report("Interrupted.", Exit.UNVERIFIED)
    except SmokeError as error:
        return _report(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has ended; Python must not report it at its exit.
        sys.stderr.close()
        return 0
    except OSError as error:
        return _report(f"{error.filename or 'the system'}: {error.strerror}.", Exit.MISUSED)
    except Exception:
        # Python itself would exit with 1, which means here that the service is wrong.
        traceback.print_exc()
        return _report("This is an error in smoke itself. Nothing was verified.", Exit.INTERNAL)


def _misuse(error: click.ClickException) -> str:
    """The usage of a misused command, then the message with the nearest allowed word."""
    context = getattr(error, "ctx", None)
    usage = f"{context.get_usage()}\n{context.command_path}: " if context else ""
    wrong: Any = getattr(error, "option_name", None)
    if isinstance(error, click.NoSuchOption) and context:
        known = [name for option in context.command.params for name in option.opts]
        return f"{usage}no such option {wrong!r}.{nearest(str(wrong), known)}"
    name = getattr(error, "command_name", None)
    if name is not None:
        group: Any = context.command if context else smoke
        known = group.list_commands(context)
        return f"{usage}no such command {name!r}.{nearest(str(name), known)}"
    return usage + error.format_message()


def _report(message: str, code: int) -> int:
    # Only a message needs it: the readers of all file formats come along.
    from smoke.documents import visible

    print("\n".join(visible(line, 2000) for line in message.split("\n")), file=sys.stderr)
    return code


def run() -> int:
    """Run the command line of this process and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # An old terminal may lack some of our characters; that must not end a run.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = main()
    if "temporalio" in sys.modules:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """
    End this process without a shutdown of the interpreter.

    Threads of Temporal's client may call Python during a shutdown, which then aborts with SIGABRT
    (temporalio/sdk-python, issue 300).
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader of a pipe may have ended
            stream.flush()
    os._exit(code)
