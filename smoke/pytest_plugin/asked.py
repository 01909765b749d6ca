"""What a pytest command asks for: a smoke run, a listing of its checks, or neither."""

from contextlib import suppress
from typing import TYPE_CHECKING

from smoke.errors import SmokeError

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

INFORMATION = ("help", "version", "markers", "cacheshow")
"""Options after which pytest prints something and collects nothing."""

LISTINGS = {
    "collectonly": "--collect-only",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
}
"""Options that show the checks, or what they need, and run none of them."""


def is_asked(option: "Namespace", root: "Path") -> bool:
    """
    Tell whether a pytest command is about a smoke run.

    `--target` always asks for one; `-m smoke` does where the project configures smoke, since
    another project may have a mark of that name.
    """
    if any(getattr(option, name, None) for name in INFORMATION):
        return False
    if option.target:
        return True
    return "smoke" in (option.markexpr or "").split() and _is_configured(root)


def listing(option: "Namespace") -> str:
    """Return the option that makes a command list the checks instead of running them."""
    return next((LISTINGS[name] for name in LISTINGS if getattr(option, name, None)), "")


def _is_configured(root: "Path") -> bool:
    from smoke.config.table import load_table  # a foreign project's run does not pay for it

    with suppress(SmokeError):
        return load_table(root) is not None
    return (root / "smoke.toml").exists()
