"""The front page is true: its commands, its table of exit codes, its length."""

import re
import tomllib

from smoke.config.settings import VARIABLES
from smoke.errors import Exit
from tests.project.tables import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
EXIT_CODES = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
TABLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["smoke"]


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table with a header that begins with a word."""
    lines = page.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_ci_runs_the_two_commands() -> None:
    commands = re.findall(r"^python3 -m venv \.venv && (.+)$", README, re.MULTILINE)
    assert [command.rpartition(" ")[2] for command in commands] == ["smoke", "tests"]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert [
        command for command in commands if f"\npython3 -m venv .venv && {command}\n" not in ci
    ] == []


def test_exit_codes_are_those_of_the_engine() -> None:
    front = {int(row[1]): row[0].upper() for row in rows(README, "verdict")}
    manual = {int(row[0]): row[1].upper() for row in rows(EXIT_CODES, "code")}
    assert front == manual
    assert {code.value for code in Exit} == set(front)
    assert all(front[code.value] in (code.name, "UNVERIFIED") for code in Exit)


def test_all_variables_are_in_the_manual() -> None:
    listed = [row[0].strip("`") for row in rows(CONFIGURATION, "variable")]
    assert sorted(listed) == sorted([*VARIABLES, "SMOKE_ENABLE_<GATE>", "SMOKE_OPTION_<NAME>"])


def test_local_target_opens_every_gate() -> None:
    assert TABLE["targets"]["local"]["gates"] == {"*": "on"}


def test_front_page_is_short() -> None:
    assert len(README.splitlines()) <= 130
