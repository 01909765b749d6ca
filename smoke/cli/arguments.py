"""Arguments of the command line: misuse has the exit code of misuse, and the nearest right word."""

import argparse
import re
from typing import TYPE_CHECKING, Any, NoReturn

from smoke.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

CHOICE = re.compile(r"invalid choice: '([^']*)'")
STRANGER = re.compile(r"unrecognized arguments: (\S+)")
MOST_PORT = 65535


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of ending the process; argparse's own code is 2, a verdict's."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.known: list[str] = []
        super().__init__(*arguments, **options)

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Declare an argument; its names are what a misspelt one is compared with."""
        self.known += names
        return super().add_argument(*names, **options)

    def parse_known_args(  # type: ignore[override]
        self, args: "Sequence[str] | None" = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, and refuse what this (sub)command does not know with its own words."""
        found, strangers = super().parse_known_args(args, namespace)
        if strangers:
            self.error(f"unrecognized arguments: {' '.join(strangers)}")
        return found, strangers

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong.

        Raises:
            ConfigError: always; it begins with the usage.
        """
        wrong = CHOICE.search(message) or STRANGER.search(message)
        near = nearest(wrong[1], self.known) if wrong else ""
        raise ConfigError([f"{self.format_usage()}{self.prog}: {message}.{near}"])


def port(text: str) -> str:
    """A port of TCP, still as text; 0 takes a free one."""
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no port: 0 to {MOST_PORT}")
    return text
