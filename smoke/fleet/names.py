"""Names of targets as names of files."""

from hashlib import sha256
from urllib.parse import quote

# Characters of a target's name in a file name: file systems allow 255 bytes in total.
LONGEST = 80


def file_name(target: str) -> str:
    """The target's name, escaped and shortened for a file name."""
    # Without dots no name can be hidden or mean a parent directory.
    name = quote(target, safe="").replace(".", "%2E")
    if len(name) <= LONGEST:
        return name
    return f"{name[:LONGEST]}-{sha256(target.encode()).hexdigest()[:8]}"


def folder_name(target: str, run: str, attempt: int) -> str:
    """The name of the directory with the files of an attempt."""
    return f"{file_name(target)}.{file_name(run)}.{attempt}"
