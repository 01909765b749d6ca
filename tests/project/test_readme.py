"""What the README says is true: its commands, its tables, its files."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from smoke.config.settings import VARIABLES
from smoke.config.targets import Target
from smoke.errors import Exit

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["smoke"]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose header begins with a word."""
    lines = README.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_ci_runs_the_two_commands() -> None:
    commands = re.findall(r"^python -m pip install \"nox\[uv\]\" && (.+)$", README, re.MULTILINE)
    assert commands == ["nox -s smoke", "nox -s tests"]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert [command for command in commands if f"&& {command}\n" not in ci] == []


def test_exit_codes_are_the_engine_s() -> None:
    told = {int(row[1]): row[0].upper() for row in rows("verdict")}
    assert {code.value for code in Exit} == set(told)
    assert all(told[c.value] in (c.name, "UNVERIFIED") for c in Exit)


def test_keys_of_a_target_are_all_told_with_their_defaults() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows("key")}
    inner = {"name", "sources", "user_password", "allow"}
    assert set(told) == {field.name for field in fields(Target)} - inner
    for name in ("timeout_s", "ready_s", "deadline_s"):
        assert float(told[name]) == getattr(Target("t"), name)
    for name in ("seeded", "read_only", "protected", "verify", "format_is_red"):
        assert told[name] == str(getattr(Target("t"), name)).lower()


def test_variables_are_all_told() -> None:
    told = [row[0].strip("`") for row in rows("variable")]
    assert sorted(told) == sorted([*VARIABLES, "SMOKE_ENABLE_<GATE>"])


def test_local_target_opens_every_gate() -> None:
    assert TABLE["targets"]["local"]["gates"] == {"*": "on"}
    assert "Locally every gate is on." in README


def test_links_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / link).exists(), f"{name}: {link}"
