"""The file that keeps what was measured: each section stays until it is measured anew."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")

# The sections, in the order in which they stand.
TITLES = (
    "Faults", "Harmless changes", "False greens", "Everything hangs", "Endurance",
    "Runs in a row", "Runs in a row, several at a time",
    "Runs that end early", "Services that lie",
)  # fmt: skip

HEAD = """\
# What the smoke run finds

Written by `nox -s prove` and `nox -s prove -- endurance`.
"""


def rewritten(text: str, measured: Mapping[str, Sequence[str]]) -> str:
    """Return the file's text with the sections that were measured in place of those it had."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    kept = dict(zip(parts[::2], (body.strip() for body in parts[1::2]), strict=True))
    bodies = kept | {title: "\n".join(lines).strip() for title, lines in measured.items()}
    parts = [f"## {title}\n\n{bodies[title]}\n" for title in TITLES if title in bodies]
    return "\n".join([HEAD, *parts])
