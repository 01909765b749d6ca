"""
Runs the README's first commands as a reader does: fresh copy, empty home, the system's Python.

`nox -s readme` runs it. A command of a tool that this machine lacks is reported and skipped. The
exit code is 1 if a command fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parents[2]

# Seconds for one command, with the download of its packages.
PATIENCE_S = 1200

# Directories of the system's own programs; what a developer has put before them does not count.
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

# Variables that lead to the machine's package index and its proxy.
INDEX = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

# The whole of the toolkit's tests takes minutes: one module shows that the command works.
ONE_MODULE = "tests/project/test_layers.py"


def commands() -> Iterator[str]:
    """The commands under "Two commands", those in code blocks and those in the text."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Two commands")[2].partition("\n## ")[0]
    yield from re.findall(r"^(python3 -m venv .*)$", section, re.MULTILINE)
    yield from (
        " ".join(found.split()) for found in re.findall(r"`((?:uvx|pipx run)[^`]+)`", section)
    )


def main() -> int:
    """Run each command; return 1 if one fails."""
    failed = False
    for command in commands():
        tool = command.split()[0]
        found = shutil.which(tool, path=f"{SYSTEM_PATH}:{os.environ['PATH']}")
        if found is None:
            _report("skip", command, f"this machine has no {tool}")
            continue
        line = f"{command} -- {ONE_MODULE}" if command.endswith("tests") else command
        own = "" if tool == "python3" else f":{Path(found).parent}"
        began = monotonic()
        done = _run(line, f"{SYSTEM_PATH}{own}")
        _report("ok" if done.returncode == 0 else "FAIL", line, f"{monotonic() - began:.0f} s")
        if done.returncode:
            failed = True
            sys.stdout.write(done.stdout[-4000:])
    return int(failed)


def _run(line: str, path: str) -> "subprocess.CompletedProcess[str]":
    """Run a line in a copy of this checkout, with an empty home."""
    with tempfile.TemporaryDirectory(prefix="readme-") as name:
        home, copy = Path(name, "home"), Path(name, "checkout")
        home.mkdir()
        _copied(copy)
        kept = {key: value for key, value in os.environ.items() if key.upper().startswith(INDEX)}
        # Packages that other commands have downloaded need not be downloaded again.
        caches = {
            "PIP_CACHE_DIR": str(ROOT / ".nox/readme/pip"),
            "UV_CACHE_DIR": str(ROOT / ".nox/readme/uv"),
        }
        return subprocess.run(  # noqa: S603  (a line of our README)
            ["/bin/sh", "-c", line], cwd=copy, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=PATIENCE_S,
            env={**kept, **caches, "PATH": path, "HOME": str(home), "LANG": "C.UTF-8"},
        )  # fmt: skip


def _copied(place: Path) -> None:
    """A copy of the files under version control, without what a developer has beside them."""
    words = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)


def _report(word: str, line: str, text: str) -> None:
    sys.stdout.write(f"{word:<5} {line}  ({text})\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
