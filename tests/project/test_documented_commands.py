"""Every command in the README and the manual is one that the tools take."""

import re
import shlex
from pathlib import Path

import click
import pytest

from smoke.cli.main import smoke
from tests.project.tables import PAGES, ROOT

TEXTS = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
SESSION = re.compile(r'(?:^def |name=")(\w[\w-]*)', re.MULTILINE)
ASSIGNED = re.compile(r"^[A-Z_]+=\S+$")


def words_of(page: Path) -> list[list[str]]:
    """The commands of a page as words, without comments, assignments and `&`."""
    lines = [
        line for block in BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()
    ]
    parts = [part for line in lines for part in re.split(r"&&|;", line)]
    found = [shlex.split(part, comments=True) for part in parts]
    kept = [[word for word in words if word != "&"] for words in found]
    return [words[sum(map(bool, map(ASSIGNED.match, words))) :] for words in kept]


def commands(program: str) -> list[str]:
    """What the pages give to a program, each once."""
    found = [words for page in TEXTS for words in words_of(page) if words]
    mine = [shlex.join(words[1:]) for words in found if Path(words[0]).name == program]
    return list(dict.fromkeys(mine))


@pytest.mark.parametrize("text", commands("smoke"))
def test_smoke_takes_the_command(text: str) -> None:
    words = shlex.split(text)
    context = click.Context(smoke, info_name="smoke")
    command = smoke.get_command(context, words[0])
    assert command is not None
    while isinstance(command, click.Group):
        words = words[1:]
        inner = command.get_command(context, words[0])
        assert inner is not None
        command = inner
    command.make_context(command.name, list(words[1:]))


@pytest.mark.parametrize("text", commands("nox"))
def test_nox_has_the_session(text: str) -> None:
    words = shlex.split(text)
    named = words[words.index("-s") + 1] if "-s" in words else ""
    known = SESSION.findall((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    assert not named or named in known or named.split("-")[0] == "smoke"


def test_manual_has_commands() -> None:
    assert len(commands("smoke")) >= 10
    assert len(commands("nox")) > 5
