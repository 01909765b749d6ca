"""The options that several commands share, and reading the settings and the contract."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import click

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


def settings_of(root: Path, target: str | None = None, **flags: Any) -> "Settings":
    """The settings of a target, from the project in a directory."""
    from smoke.config.settings import Flags, read_settings
    from smoke.config.table import load_table

    root = root.resolve()
    return read_settings(
        load_table(root, os.environ), root, os.environ, Flags(target=target, **flags)
    )


def contract_of(settings: "Settings", openapi: str | None) -> "Contract":
    """The contract of `--openapi` (a file or an http(s) URL), or the configured one."""
    from smoke.contract import Contract

    source = openapi or str(settings.contract)
    if source.startswith(("http://", "https://")):
        from smoke.http.download import download

        # References to other files are relative to the URL of the contract.
        return Contract.parse(download(source), source, lambda p: download(urljoin(source, p)))
    return Contract.load(source)
