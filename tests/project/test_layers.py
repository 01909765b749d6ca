"""The engine knows no API: what it may know is in `openapi/`, `smoke/checks/` and the service."""

import json
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KNOWING = ("checks", "reference")
ENGINE = [
    path
    for path in sorted((ROOT / "smoke").rglob("*.py"))
    if path.relative_to(ROOT / "smoke").parts[0] not in KNOWING
]


@cache
def api_paths() -> list[str]:
    """The paths of the contract, each up to its first parameter; one-word paths say nothing."""
    document = json.loads((ROOT / "openapi/api-service.json").read_text(encoding="utf-8"))
    heads = {path.partition("{")[0].rstrip("/") for path in document["paths"]}
    return sorted(head for head in heads if head.count("/") > 1)


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: str(path.relative_to(ROOT)))
def test_engine_has_no_path_of_the_api(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [known for known in api_paths() if known in text] == []
    assert re.findall(r"/api/v\d", text) == []


def test_engine_has_no_setting_of_the_service() -> None:
    text = (ROOT / "openapi/rules.toml").read_text(encoding="utf-8")
    setting = tomllib.loads(text)["seed"]["setting"]
    assert [path for path in ENGINE if setting in path.read_text(encoding="utf-8")] == []


def test_top_level_has_the_agreed_names_only() -> None:
    agreed = {
        *("noxfile.py", "pyproject.toml", "smoke", "tests", "openapi", "docs", "justfile"),
        *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "uv.lock"),
    }
    git = shutil.which("git") or "git"
    done = subprocess.run(  # noqa: S603
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = {line.partition("/")[0] for line in done.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} == agreed
