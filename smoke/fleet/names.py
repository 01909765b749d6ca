"""Names of targets as names of files."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

# Characters of a target's name that a file name repeats.
LONGEST = 80


def file_name(target: str) -> str:
    """The target's name without what a file name must not have, and not too long for one."""
    name = quote(target, safe="").replace(".", "%2E")
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}-{sha256(target.encode()).hexdigest()[:8]}"


def folder_name(target: str, run: str, attempt: int) -> str:
    """The name of the folder that an attempt leaves."""
    return f"{file_name(target)}.{file_name(run)}.{attempt}"
