"""Secrets in some forty spellings, in a dozen places of an answer, are in no output at all."""

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from gzip import decompress
from pathlib import Path

import pytest
import pytest_asyncio

from smoke.results.spelling import plain
from tests.loopback import listening
from tests.report import canaries
from tests.report.canaries import FOUND, KNOWN
from tests.results.spellings import SPELLINGS
from tests.smoking import Finished, smoke_run
from tests.unlike.projects import made

WINDOW = 12
"""Characters of a secret that must not be left of it, in any spelling."""

TALKATIVE = (
    "-vv", "--tb=long", "-rA", "-o", "log_cli=true", "--log-level=DEBUG",
)  # fmt: skip
SHORT = ("-l", "--tb=short", "-s", "-o", "log_cli=true", "--log-cli-level=DEBUG")


def pieces(secret: str) -> set[str]:
    """What must not be found: parts of a secret from its middle, as each spelling writes them."""
    found = set()
    for spell in SPELLINGS.values():
        spelled = spell(secret)[8:-8]
        found |= {spelled[at : at + 16] for at in range(0, max(1, len(spelled) - 15), 16)}
    return {piece for piece in found if len(piece) >= WINDOW}


def windows(secret: str) -> set[bytes]:
    """Every part of a secret of some length, in the plain form."""
    whole = plain(secret)
    return {whole[at : at + WINDOW] for at in range(len(whole) - WINDOW + 1)}


PIECES = pieces(KNOWN) | pieces(FOUND)
WINDOWS = windows(KNOWN) | windows(FOUND)


def unpacked(text: str) -> Iterator[str]:
    """A text, and what is compressed in it."""
    yield text
    for packed in re.findall(r'type="application/gzip[^>]*>([A-Za-z0-9+/=]+)<', text):
        yield decompress(b64decode(packed)).decode()


def hits(name: str, text: str) -> list[str]:
    """The parts of secrets that are in an output, with their surroundings."""
    found = []
    for part in unpacked(text):
        found += [f"{name}: {piece!r}" for piece in PIECES if piece in part]
        data = plain(part)
        found += [f"{name}: {window!r}" for window in WINDOWS if window in data]
    return found[:5]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[TALKATIVE, SHORT])
async def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run that asks for every spelling, and lets pytest write all it can."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "out").mkdir()
    (folder / "contract.json").write_text(json.dumps(canaries.contract()))
    async with listening(canaries.handle) as server:
        row = f'base_url = "{server.url}"\ntimeout_s = 3'
        root = made(folder / "project", folder / "contract.json", canaries.RULES, row,
                    'checks = "checks"\n')  # fmt: skip
        (root / "checks").mkdir()
        (root / "checks/__init__.py").touch()
        (root / "checks/test_canaries.py").write_text(canaries.CHECKS, encoding="utf-8")
        return await asyncio.to_thread(
            smoke_run, folder / "out", "--maxfail=0", "--showlocals", *request.param,
            f"--junitxml={folder / 'out/pytest.xml'}", f"--debug={folder / 'out/debug.log'}",
            f"--log-file={folder / 'out/log'}", root=root,
            PYTHONPATH=str(Path(__file__).parents[2]), GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(folder / "out/step.md"), CANARY_KEY=KNOWN,
        )  # fmt: skip


@pytest.mark.timeout(200)  # megabytes of output are searched for hundreds of texts
def test_every_place_was_shown_and_no_output_has_a_secret(run: Finished) -> None:
    assert run.code == 1, run.out[-3000:]
    failed = [row for row in run.record("check") if row["outcome"] == "failed"]
    assert len(failed) >= 3 * len(SPELLINGS)
    outputs = {path.name: path for path in run.records.rglob("*") if path.is_file()}
    assert set(outputs) >= {
        "run.jsonl", "verdict.json", "junit.xml", "summary.md", "ctrf.json", "run.har",
        "report.html", "pytest.xml", "debug.log", "log", "step.md",
    }  # fmt: skip
    texts = {name: path.read_text("utf-8", "replace") for name, path in outputs.items()}
    found = [
        hit for name, text in {**texts, "terminal": run.out}.items() for hit in hits(name, text)
    ]
    assert found == []


def test_what_is_looked_for_is_found_where_it_is() -> None:
    for name, spell in SPELLINGS.items():
        assert hits(name, f"<p>{spell(FOUND)}</p>") != [], name
