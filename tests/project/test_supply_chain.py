"""The development environment is locked, and the actions of CI are pinned by commit."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PUBLIC = ("https://pypi.org/", "https://files.pythonhosted.org/")
# `uses:` with a full commit hash and, for the reader, the tag that it had.
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")


def lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def names(requirements: "list[Any]") -> set[str]:
    """The names of requirements as pyproject.toml writes them, or as the lock does."""
    texts = [one if isinstance(one, str) else one.get("name", "") for one in requirements]
    found = (re.match(r"[\w.-]+", text) for text in texts)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def test_lock_names_only_the_public_index() -> None:
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    urls = re.findall(r'"((?:\w+)://[^"]*)"', text)
    assert urls
    assert [url for url in urls if not url.startswith(PUBLIC)] == []


def test_lock_has_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (locked,) = [package for package in lock()["package"] if package["name"] == "smoke-http"]
    metadata = locked["metadata"]
    extras = project["project"]["optional-dependencies"]
    wanted = [
        *project["project"]["dependencies"],
        *(one for rows in extras.values() for one in rows),
    ]
    assert names(metadata["requires-dist"]) == names(wanted)
    groups = project["dependency-groups"]
    for name, rows in metadata["requires-dev"].items():
        assert names(rows) >= names([row for row in groups[name] if isinstance(row, str)])
    assert set(metadata["requires-dev"]) == set(groups)


def test_every_locked_file_has_a_hash() -> None:
    files = [
        file
        for package in lock()["package"]
        for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))
    ]
    assert files
    assert [file["url"] for file in files if not file.get("hash", "").startswith("sha256:")] == []


def test_every_action_is_pinned_by_commit() -> None:
    paths = [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / ".github").rglob("action.yml")]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    # A comment in fleet.yml shows how another repository calls it.
    used = [line for line in lines if "uses:" in line and not line.startswith("#")]
    assert len(used) > 10
    assert [line for line in used if not PINNED.search(line)] == []


def test_workflows_that_users_copy_have_the_same_pins_as_ours() -> None:
    ours = {
        line.partition("uses: ")[2]
        for path in (ROOT / ".github/workflows").glob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses: actions/" in line
    }
    copied = [ROOT / "smoke/cli/init/files.py", *ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    theirs = [
        line.partition("uses: ")[2]
        for path in copied
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses: actions/" in line
    ]
    assert len(theirs) >= 6
    assert [one for one in theirs if one not in ours] == []
