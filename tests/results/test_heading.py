"""The command of a report runs what was run, also where flags and variables had a say in it."""

import shlex
from pathlib import Path

import pytest

from smoke.config.settings import Flags, read_settings
from smoke.results.heading import again

TABLE = {
    "contract": "c", "plan": "p", "rules": "r", "checks": "", "target": "local",
    "targets": {"local": {"serve": "a.module"}, "eu": {"base_url": "https://eu.example.com"}},
    "gates": {"books": {"covers": ["tag:books"]}, "films": {"covers": ["tag:films"]}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "environ", "command"),
    [
        (Flags(), {}, "nox -s smoke --"),
        (Flags(target="eu"), {"SMOKE_USER_PASSWORD": "correct-horse"}, "nox -s smoke-eu --"),
        (
            Flags(target="eu", base_url="https://x.example.com/a b", allow=("GET /a", "GET /b")),
            {},
            "nox -s smoke-eu -- --base-url 'https://x.example.com/a b' --allow 'GET /a' "
            "--allow 'GET /b'",
        ),
        (
            Flags(target="eu", gates=("books", "films=absent")),
            {"SMOKE_ENABLE_BOOKS": "0"},
            "nox -s smoke-eu -- --gate books=on --gate films=absent",
        ),
        (
            Flags(target="eu"),
            {"SMOKE_BASE_URL": "https://y.example.com", "SMOKE_ENABLE_FILMS": "1"},
            "SMOKE_BASE_URL=https://y.example.com SMOKE_ENABLE_FILMS=on nox -s smoke-eu --",
        ),
    ],
)
def test_command_has_what_was_asked_for(
    flags: Flags, environ: dict[str, str], command: str, tmp_path: Path
) -> None:
    (tmp_path / "noxfile.py").touch()
    words = again(read_settings(TABLE, tmp_path, environ, flags))
    assert words == command
    assert "nox" in shlex.split(words)


def test_project_without_a_noxfile_is_run_by_the_command(tmp_path: Path) -> None:
    flags = Flags(target="eu", gates=("books",))
    command = again(read_settings(TABLE, tmp_path, {}, flags))
    assert command == "smoke run eu --gate books=on"
