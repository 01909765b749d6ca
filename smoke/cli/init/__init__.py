"""`smoke init`: from an empty directory to a project that can be run."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from smoke.cli.options import PLACE, root_option
from smoke.errors import ConfigError

CHOICES = ("github", "gitlab", "none")


@click.command("init")
@click.argument("url", required=False)
@click.option(
    "--openapi", metavar="FILE|URL", help="The contract, where it is not found by itself."
)
@click.option(
    "--target", metavar="NAME", help="Name of the deployment (default: local or staging)."
)
@click.option("--ci", type=click.Choice(CHOICES), help="Write the file of a CI.")
@root_option
def init_command(
    url: str | None, openapi: str | None, target: str | None, ci: str | None, root: Path
) -> None:
    """
    Make a project for the service at URL.

    Finds and keeps its contract, writes the configuration, the rules and the plan, one example
    check, a noxfile and .gitignore. A file that exists is kept. Asks only at a terminal.
    """
    from smoke.cli.init.project import make_project

    asking = sys.stdin.isatty() and sys.stdout.isatty()
    if not url:
        if not asking:
            raise ConfigError(
                ["Name the address of the service: smoke init https://api.example.com"]
            )
        url = click.prompt("Address of the service")
    if ci is None:
        ci = click.prompt("CI", type=click.Choice(CHOICES), default="none") if asking else "none"
    name = target or default_name(str(url))
    for line in make_project(root.resolve(), str(url), openapi, name, ci):
        print(line)


def default_name(url: str) -> str:
    """`local` for an address of this machine, else `staging`."""
    from smoke.config.hosts import is_loopback

    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError([f"{url!r} is not an address. Allowed: http:// or https:// and a host."])
    return "local" if is_loopback(url) else "staging"


__all__ = ["PLACE", "init_command"]
