"""Edits of a run's own copy of the project: what false greens and a few faults are made of."""

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from smoke.config.rules import load
from smoke.contract import Contract
from tests.faults.deployment import environment
from tests.faults.smoke_run import ROOT, TARGET

Edit = Callable[[Path], None]


def all_of(*edits: Edit) -> Edit:
    """Return one edit made of several."""

    def edit(folder: Path) -> None:
        for one in edits:
            one(folder)

    return edit


def target(line: str) -> Edit:
    """Add a line to the target's row."""
    header = f"[tool.smoke.targets.{TARGET}]"
    return replaced("pyproject.toml", header, f"{header}\n{line}")


def option(text: str) -> Edit:
    """Add an option, such as `docs = true`, to those of the target's row."""
    return replaced("pyproject.toml", "options = { provider", f"options = {{ {text}, provider")


def replaced(file: str, text: str, instead: str) -> Edit:
    """Replace a text that must be in a file."""

    def edit(folder: Path) -> None:
        path = folder / file
        before = path.read_text(encoding="utf-8")
        if text not in before:
            raise ValueError(f"{file} has no {text!r}: the project has changed.")
        path.write_text(before.replace(text, instead, 1), encoding="utf-8")

    return edit


def appended(file: str, text: str) -> Edit:
    """Append to a file."""

    def edit(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as opened:
            opened.write("\n" + textwrap.dedent(text))

    return edit


def json_edited(file: str, change: Callable[[dict[str, object]], None]) -> Edit:
    """Change a JSON file in place."""

    def edit(folder: Path) -> None:
        path = folder / file
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    return edit


def checks(module: str, beside_ours: bool = False) -> Edit:
    """
    Replace the checks by one module of its own, or put it beside copies of ours.

    Their package is called `own_checks`; `conftest.py` and what they share come along.
    """

    def edit(folder: Path) -> None:
        package = folder / "own_checks"
        package.mkdir()
        (package / "__init__.py").write_text('"""Checks of a scenario."""\n', encoding="utf-8")
        ours = ROOT / "smoke" / "checks"
        copied = ours.glob("*.py") if beside_ours else [ours / "conftest.py"]
        for file in copied:
            if file.name != "__init__.py":
                (package / file.name).write_bytes(file.read_bytes())
        (package / "test_scenario.py").write_text(textwrap.dedent(module), encoding="utf-8")
        _configure(folder, r'^checks = ".*"$', 'checks = "own_checks"')

    return edit


def planned(folder: Path) -> None:
    """Build the plan anew, as its user would; rules that make no plan leave the old one."""
    command = [sys.executable, "-m", "smoke", "plan", "--root", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=False)  # noqa: S603  # our own command


def passed_off_as_fresh(folder: Path) -> None:
    """Let the plan say that it is of the contract and the rules that are there now."""
    contract = Contract.load(folder / "openapi" / "api-service.json")
    digests = {"contract": contract.digest, "rules": load(folder / "openapi" / "rules.toml").digest}
    json_edited("openapi/plan.json", lambda plan: plan.update(digests))(folder)


def _configure(folder: Path, pattern: str, line: str) -> None:
    path = folder / "pyproject.toml"
    text, count = re.subn(
        pattern, lambda _found: line, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE
    )
    if not count:
        raise ValueError(f"pyproject.toml has no line like {pattern!r}: the project has changed.")
    path.write_text(text, encoding="utf-8")
