"""The options that several commands share, and reading the settings and the contract."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import click

from smoke.errors import ConfigError

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.contract import Contract

PLACE = click.Path(path_type=Path)

root_option = click.option(
    "--root", type=PLACE, default=Path(), help="Directory of the project (default: this one)."
)
target_option = click.option(
    "--target", metavar="NAME", help="Target to use (default: the configured one)."
)
openapi_option = click.option(
    "--openapi", metavar="FILE|URL", help="Contract to read instead of the configured one."
)


header_option = click.option(
    "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE",
    help="Header to show the service, as with curl; its value is not saved.",
)  # fmt: skip


def headers_of(pairs: Sequence[str]) -> dict[str, str]:
    """The headers of `--header` options."""
    found = {}
    for pair in pairs:
        name, colon, value = pair.partition(":")
        if not colon or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name):
            raise ConfigError([f"Invalid header {name!r}. Write it as 'Name: value'."])
        found[name] = value.strip()
    return found


def settings_of(root: Path, target: str | None = None, **flags: Any) -> "Settings":
    """The settings of a target, from the project in a directory."""
    from smoke.config.settings import Flags, read_settings
    from smoke.config.table import load_table

    # Resolved early: some commands change the working directory later.
    root = root.resolve()
    return read_settings(
        load_table(root, os.environ), root, os.environ, Flags(target=target, **flags)
    )


def contract_of(
    settings: "Settings", openapi: str | None, headers: Mapping[str, str] | None = None
) -> "Contract":
    """The contract of `--openapi` (a file or an http(s) URL), or the configured one."""
    from smoke.contract import Contract

    source = openapi or str(settings.contract)
    if source.startswith(("http://", "https://")):
        from smoke.http.download import download

        # References to other files are relative to the URL of the contract.
        return Contract.parse(
            download(source, headers), source, lambda p: download(urljoin(source, p), headers)
        )
    return Contract.load(source)
