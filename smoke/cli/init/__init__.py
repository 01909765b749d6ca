"""`smoke init`: creates a project that is ready to run, also in an empty directory."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from smoke.cli.options import PLACE, header_option, headers_of, root_option
from smoke.errors import ConfigError

CHOICES = ("github", "gitlab", "none")


@click.command("init")
@click.argument("url", required=False)
@click.option(
    "--openapi", metavar="FILE|URL", help="The contract, if it is not at one of the usual URLs."
)
@click.option(
    "--target", metavar="NAME", help="Name of the deployment (default: local or staging)."
)
@click.option(
    "--ci", type=click.Choice(CHOICES), help="Write the workflow file for this CI system."
)
@header_option
@root_option
def init_command(
    url: str | None, openapi: str | None, target: str | None, ci: str | None,
    headers: tuple[str, ...], root: Path,
) -> None:  # fmt: skip
    """
    Create a project for the service at URL.

    Downloads the contract, and writes the configuration, the rules, the plan, an example check, a
    noxfile and .gitignore. Sends a few reads to see whether the service asks for a sign-in.
    Existing files stay unchanged. Asks questions only at a terminal.
    """
    from smoke.cli.init.project import make_project

    asking = sys.stdin.isatty() and sys.stdout.isatty()
    if not url:
        if not asking:
            raise ConfigError(["Name the URL of the service: smoke init https://api.example.com"])
        url = click.prompt("URL of the service")
    if ci is None:
        ci = click.prompt("CI", type=click.Choice(CHOICES), default="none") if asking else "none"
    name = target or default_name(str(url))
    for line in make_project(root.resolve(), str(url), openapi, name, ci, headers_of(headers)):
        print(line)


def default_name(url: str) -> str:
    """`local` for a loopback URL, else `staging`."""
    from smoke.config.targets import is_loopback

    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError([f"Invalid URL: {url!r}. Allowed: http:// or https:// and a host."])
    return "local" if is_loopback(url) else "staging"


__all__ = ["PLACE", "init_command"]
