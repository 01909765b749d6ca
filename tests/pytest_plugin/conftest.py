"""Runs of modules of checks against a desk, for the tests of checks beside each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, has, project
from tests.forked import run_module
from tests.smoking import ROOT, clean_environ
from tests.unlike.serve import serving


@dataclass
class Ran:
    """A run that has ended: its exit code, its output, its record, and the notes on the desk."""

    code: int
    out: str
    record: list[dict[str, Any]]
    notes: int

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.record if line["kind"] == kind]

    @property
    def outcomes(self) -> list[tuple[str, str, str]]:
        return [(one["check"], one["outcome"], one["reason"]) for one in self.of("check")]

    @property
    def lines(self) -> list[str]:
        """What the record says in which order, without what differs from run to run."""
        named = ("kind", "check", "actor", "operation", "status", "outcome", "exchange", "number")
        return [" ".join(str(line.get(name, "")) for name in named) for line in self.record]

    @property
    def shown(self) -> list[str]:
        """The names and words of the lines on the screen, in their order."""
        rows = (line.split() for line in self.out.splitlines())
        return [" ".join(row[:2]) for row in rows if row and row[0] in ("ok", "FAIL", "skip")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("beside") / "project")


@pytest.fixture
def ran(root: Path) -> Iterator[Any]:
    """Runs a module of checks against a desk of its own."""
    (root / "desk_checks/test_notes.py").unlink(missing_ok=True)

    def run(
        module: str, *arguments: str, row: str = "", conftest: str = "", concurrency: int | None = 8
    ) -> Ran:
        for path in root.glob("here-*"):
            path.unlink()
        (root / "desk_checks/test_a.py").write_text(module, encoding="utf-8")
        (root / "desk_checks/conftest.py").write_text(
            "import pytest\n\n\n@pytest.fixture(scope='session')\n"
            "def reader(actor):\n    return actor('reader')\n" + conftest,
            encoding="utf-8",
        )
        if concurrency and not any(word.startswith("--concurrency") for word in arguments):
            arguments = (*arguments, f"--concurrency={concurrency}")
        desk = Desk()
        with serving(desk.app()) as url:
            has(root, {"a": f'base_url = "{url}"\n{row}'})
            environ = clean_environ(PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1")
            words = ["pytest", "--target=a", *arguments]
            done = run_module(words, root, environ, timeout=55)
        text = (root / ".smoke/a/run.jsonl").read_text(encoding="utf-8")
        out = done.stdout + done.stderr
        return Ran(done.returncode, out, list(map(json.loads, text.splitlines())), len(desk.notes))

    yield run
    (root / "desk_checks/conftest.py").unlink(missing_ok=True)
