"""Smoke runs as a user starts them: a process of their own, against a service of their own."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from tests.forked import SERVICE, run_module, serving

ROOT = Path(__file__).parent.parent

PASSWORD = "Loopback-only-smoke-1"


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Finished:
    """A smoke run that ended."""

    code: int
    out: str
    records: Path

    def record(self, kind: str, target: str = "staging") -> list[dict[str, Any]]:
        """The lines of one kind in the run's record."""
        text = (self.records / target / "run.jsonl").read_text(encoding="utf-8")
        return [row for row in map(json.loads, text.splitlines()) if row["kind"] == kind]

    def sent(self) -> list[str]:
        """What was sent, as `METHOD path`."""
        rows = self.record("exchange")
        return [
            f"{row['method']} {row['url'].partition('//')[2].partition('/')[2]}" for row in rows
        ]


def clean_environ(**more: str) -> dict[str, str]:
    """This process's environment without what configures a smoke run or slows Python down.

    The services of these tests are on this machine, and the accounts that they get have a password.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SMOKE_", "PYTEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "SMOKE_ENVIRONMENT": "local", "SMOKE_USER_PASSWORD": PASSWORD, **more}


def project(folder: Path, row: str) -> Path:
    """A project like this one, with another row for the target `staging`."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = re.compile(r"(\[tool\.smoke\.targets\.staging\]\n).*?\n\n", re.DOTALL)
    text = section.sub(lambda found: f"{found.group(1)}{row}\n\n", text)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / "tests").mkdir()
    (folder / "openapi").symlink_to(ROOT / "openapi")
    return folder


def smoke_run(records: Path, *arguments: str, root: Path = ROOT, **environ: str) -> Finished:
    """Run the suite against target `staging`, if no other is named, and wait for its end."""
    named = any(word.startswith("--target") for word in arguments)
    target = () if named else ("--target=staging",)
    words = ["pytest", *target, f"--records={records}", *arguments]
    done = run_module(words, root, clean_environ(**environ), timeout=60)
    return Finished(done.returncode, done.stdout + done.stderr, records)


@contextmanager
def reference(*arguments: str, **environ: str) -> Iterator[str]:
    """An embedded service of this block's own; gives its URL."""
    environ = {"USE_TEST_FIXTURES": "true", **environ}
    words = (SERVICE, "--exit-with-stdin", *arguments)
    with serving(words, clean_environ(**environ)) as url:
        yield url
