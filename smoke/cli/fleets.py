"""`smoke fleet`: many targets, each with its own run, and one verdict over all."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from smoke.cli.options import PLACE, root_option
from smoke.cli.temporals import temporal_command
from smoke.cli.units import pause_option, run_option
from smoke.documents import visible
from smoke.errors import ConfigError, Exit

NUMBER = click.IntRange(min=1)


def read_limits(
    _context: click.Context, _option: click.Parameter, value: tuple[str, ...]
) -> dict[str, int]:
    """Read each limit, such as `host=2`."""
    found: dict[str, int] = {}
    for text in value:
        key, _, most = text.partition("=")
        if not key or not (most.isascii() and most.isdigit() and int(most[:9])):
            allowed = "KEY=NUMBER, such as host=2 or owner=1"
            raise click.BadParameter(f"invalid limit {text[:40]!r}. Allowed: {allowed}.")
        found[key] = int(most[:9])
    return found


list_argument = click.argument("fleet", type=PLACE, metavar="FLEET.JSON")


@click.group("fleet")
def fleet_command() -> None:
    """Run many targets, each with its own run, and give one verdict."""


fleet_command.add_command(temporal_command)


@fleet_command.command("plan")
@root_option
@click.option("--shard", type=NUMBER, default=1, show_default=True, help="Targets per job.")
@click.option(
    "--at-once",
    type=NUMBER,
    default=8,
    show_default=True,
    help="Maximum number of units at the same time.",
)
@click.option(
    "--limit", "limits", callback=read_limits, multiple=True, metavar="KEY=NUMBER",
    help="Maximum units at the same time per host, or per value of a tag KEY:VALUE (repeatable).",
)  # fmt: skip
@click.option("--out", type=PLACE, default=Path("fleet.json"), show_default=True)
@click.option(
    "--format", "engine", type=click.Choice(["github", "gitlab", "kubernetes", "argo", "helm"]),
    help="Also print the job definition for an engine.",
)  # fmt: skip
@click.option("--image", default="", help="Container image of the pods, or of GitLab's jobs.")
@click.option("--setup", default="", help="Command that installs smoke in a job (gitlab).")
@click.option("--cron", default="*/15 * * * *", show_default=True, help="Schedule (kubernetes).")
@click.argument("words", nargs=-1, metavar="[NAME|@TAG|FILE|-]...")
def plan_command(
    root: Path, shard: int, at_once: int, limits: dict[str, int], out: Path, engine: str | None,
    image: str, setup: str, cron: str, words: tuple[str, ...],
) -> None:  # fmt: skip
    """
    Write the list of expected results.

    The arguments are targets, tags, files with a list (CSV, JSON, YAML or text), or `-` for a list
    on standard input. Without arguments, the list has every target with a base_url.
    """
    from smoke.config.table import load_table
    from smoke.fleet.engines import FORMATS, JOBS
    from smoke.fleet.engines.kubernetes import Cluster
    from smoke.fleet.planning import Cut, plan_fleet

    cut = Cut(shard, JOBS.get(engine or "", 0), at_once, limits)
    fleet = plan_fleet(words, load_table(root.resolve(), os.environ), cut)
    document = FORMATS[engine](fleet, Cluster(image, setup, cron)) if engine else ""
    out.write_text(fleet.text(), encoding="utf-8", newline="\n")
    summary = f"{out}: {len(fleet.targets)} targets in {fleet.shards} jobs, run {fleet.id}"
    click.echo(summary, err=bool(engine))
    if engine:
        click.echo(document)


@fleet_command.command("run")
@root_option
@click.option("--unit", type=PLACE, required=True, metavar="DIR", help="Directory for records.")
@click.option("--shard", type=int, help="The shard to run (default: all).")
@click.option(
    "--at-once", type=NUMBER, help="Maximum units at the same time (default: from the list)."
)
@run_option
@pause_option
@list_argument
def run_command(
    root: Path, unit: Path, shard: int | None, at_once: int | None, run_id: str,
    retry_pause: float, fleet: Path,
) -> int:  # fmt: skip
    """Run the targets of a shard on this machine, and return the worst exit code."""
    import asyncio

    from smoke.fleet.expectation import load
    from smoke.fleet.local import run_local

    found = load(fleet)
    targets = found.targets if shard is None else found.shard(shard)
    if not targets:
        known = f"0 to {found.shards - 1}"
        raise ConfigError([f"The fleet has no shard {shard}. Shards: {known}."])
    start = [sys.executable, "-m", "smoke", "run", f"--root={root}"]
    words = [f"--unit={unit}", f"--fleet={fleet}", f"--run-id={run_id or found.id}"]
    words.append(f"--retry-pause={retry_pause}")
    running = run_local(
        found, targets, lambda name: [*start, name, *words], at_once or found.at_once,
        lambda name, code: click.echo(f"{code.name:<10} {visible(name)}"),
    )  # fmt: skip
    return int(asyncio.run(running))


@fleet_command.command("merge")
@click.option("--out", type=PLACE, required=True, metavar="DIR", help="Directory for the reports.")
@click.option(
    "--pages", type=click.IntRange(min=0), default=50, show_default=True, metavar="N",
    help="Maximum number of full pages for targets that are not green.",
)  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(min=0), default=0, metavar="SECONDS",
    help="Wait at most this long for missing records; RECORDS must then be one directory.",
)  # fmt: skip
@run_option
@list_argument
@click.argument("records", nargs=-1, required=True)
def merge_command(
    out: Path, pages: int, wait: float, run_id: str, fleet: Path, records: tuple[str, ...]
) -> int:
    """
    Merge the records into one verdict.

    RECORDS are directories, records, archives (tar), or URLs of any of these (s3://, https://, …).
    """
    from smoke.fleet.expectation import load
    from smoke.fleet.merge.run import Wanted, merge, screen

    found = load(fleet)
    if wait:
        from smoke.fleet.status import Status

        Status(found, run_id or found.id, Path(records[0])).wait(wait)
    with _progress("Reading", len(found.targets)) as advance:
        answer, page = merge(found, records, Wanted(out, pages, run_id), advance)
    for line in screen(answer, page):
        click.echo(visible(line))
    _step_summary(out / "summary.md")
    return int(answer.worst.exit)


def _step_summary(summary: Path) -> None:
    """Append the Markdown to the step summary when GitHub Actions runs this command."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        # A missing summary must not change the verdict of the fleet.
        with suppress(OSError), Path(file).open("a", encoding="utf-8") as page:
            page.write(summary.read_text(encoding="utf-8"))


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on standard error; yield the function that advances it."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


@fleet_command.command("status")
@click.option("--watch", is_flag=True, help="Update the table until the run ends.")
@run_option
@list_argument
@click.argument("records", type=PLACE, metavar="DIR")
def status_command(watch: bool, run_id: str, fleet: Path, records: Path) -> int:
    """Show the progress of a fleet. Exit code 0 if every target has a record, else 2."""
    from smoke.fleet.expectation import load
    from smoke.fleet.status import Status
    from smoke.fleet.watch import show

    found = load(fleet)
    complete = show(Status(found, run_id or found.id, records), watch=watch)
    return 0 if complete else int(Exit.UNVERIFIED)


@fleet_command.command("answer")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option(
    "--max-age", type=click.FloatRange(min=1), default=3600, show_default=True, metavar="SECONDS",
    help="Report an older verdict as unverified.",
)  # fmt: skip
@click.argument("merged", type=PLACE, metavar="DIR")
def answer_command(host: str, port: int, max_age: float, merged: Path) -> None:
    """
    Serve the verdict of the fleet over HTTP, from the files of `smoke fleet merge` in DIR.

    GET /verdict.json is for a web metric of Argo Rollouts. POST / is for a webhook of Flagger: the
    status is 200 if the fleet is green, else 412.
    """
    from smoke.fleet.answer import Verdicts, server

    with server(Verdicts(merged, max_age), host, port) as serving:
        click.echo(f"http://{host}:{serving.server_address[1]}/verdict.json")
        serving.serve_forever()
