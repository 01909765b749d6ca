"""Whatever a service answers, the run ends with a verdict and every report can be read."""

import asyncio
import json
import re
from pathlib import Path

import pytest
import pytest_asyncio

from tests.loopback import listening
from tests.report import hostile
from tests.report.outputs import OBEYED, all_read
from tests.smoking import Finished, smoke_run
from tests.unlike.projects import made

RULES = '[ready]\noperation = "GET /ready"\n'

CHECKS = '''
"""Checks that hand on whatever they receive."""

import json

import pytest

from tests.report.hostile import TEXTS


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_looked_at(name, anonymous, expect):
    """The name is what was written."""
    exchange = await anonymous.call(f"GET /text-{name}")
    expect(exchange, shape=False).holds("/name", "written")


@pytest.mark.parametrize("name", ["deep-300", "deep-900", "huge-exponent", "many-things"])
async def test_thing_is_looked_at(name, anonymous, expect):
    """The id is what was written."""
    answer = expect(await anonymous.call(f"GET /{name}"), shape=False)
    answer.holds("/id", "written").lists("/items/*/id", "written")


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_asserted(name, anonymous):
    """The text is not broken."""
    exchange = await anonymous.call(f"GET /plain-{name}")
    assert exchange.text == "fine"


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_raised(name, anonymous):
    """The text is no error."""
    exchange = await anonymous.call(f"GET /text-{name}")
    print(exchange.text)
    raise RuntimeError(exchange.json["name"])


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_told(name, anonymous, run):
    """The text is no failure."""
    exchange = await anonymous.call(f"GET /text-{name}")
    run.note(exchange.json["name"])
    pytest.fail(exchange.json["name"])


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_sent_back(name, anonymous, expect):
    """The text names a thing."""
    exchange = await anonymous.call(f"GET /text-{name}")
    text = exchange.json["name"]
    sent = await anonymous.call("GET /things/{id}", id=text, query={text: text}, json={text: text})
    expect(sent, 204)
    expect(await anonymous.call("GET /ready", headers={"x-text": text}), 204)


@pytest.mark.parametrize("name", list(TEXTS))
async def test_text_is_a_place(name, anonymous, expect):
    """The text is a URL."""
    exchange = await anonymous.call(f"GET /text-{name}")
    expect(await anonymous.fetch("PUT", exchange.json["name"]), 200)
'''


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run that asks a hostile service for everything it has, on a page of GitHub's."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "contract.json").write_text(json.dumps(hostile.contract()))
    async with listening(hostile.handle) as server:
        row = f'base_url = "{server.url}"\ntimeout_s = 3'
        root = made(folder / "project", folder / "contract.json", RULES, row,
                    'checks = "checks"\n')  # fmt: skip
        (root / "checks").mkdir()
        (root / "checks/__init__.py").touch()
        (root / "checks/test_texts.py").write_text(CHECKS, encoding="utf-8")
        return await asyncio.to_thread(
            smoke_run, folder / "records", "--maxfail=0", "--all-operations",
            # The time of a check is its own only where no other runs beside it.
            "--concurrency=1", root=root,
            PYTHONPATH=str(Path(__file__).parents[2]), GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(folder / "step.md"),
        )  # fmt: skip


def test_run_ends_red_and_not_broken(run: Finished) -> None:
    assert run.code == 1, run.out[-3000:]
    assert "INTERNALERROR" not in run.out
    assert len(run.record("verdict")) == 1


def test_every_answer_was_asked_for_and_judged(run: Finished) -> None:
    ended = {row["check"]: row for row in run.record("check")}
    names = {f"GET /{name}" for name in hostile.ANSWERS}
    assert {name for name in names if name not in ended} == set()
    names |= {name for name in ended if "thing_is_looked_at" in name}
    causes = {name: ended[name]["cause"] for name in names if ended[name]["outcome"] == "failed"}
    assert {n: c for n, c in causes.items() if c == "harness"} == {}
    passed = {name for name in names if ended[name]["outcome"] == "passed"}
    assert passed == {"GET /coding-unknown", "GET /charset-odd", "GET /many-formats"}
    assert "/items/50000" in ended["GET /many-and-one"]["got"]


def test_every_file_can_be_read(run: Finished) -> None:
    all_read(run.records / "staging")


def test_nothing_that_is_obeyed_is_printed(run: Finished) -> None:
    assert OBEYED.findall(run.out) == []


def test_no_command_of_the_service_is_printed(run: Finished) -> None:
    commands = [line for line in run.out.splitlines() if line.startswith("::")]
    assert [c for c in commands if not re.match(r"::(error|warning|notice) title=smoke", c)] == []
    assert len(commands) > 0


@pytest.mark.parametrize("name", ["summary.md", "junit.xml", "report.html"])
def test_nothing_that_is_obeyed_is_written_for_readers(run: Finished, name: str) -> None:
    text = (run.records / "staging" / name).read_text("utf-8")
    assert OBEYED.findall(text) == []


def test_nothing_of_the_service_is_markup_of_ours(run: Finished) -> None:
    folder = run.records / "staging"
    page = (folder / "report.html").read_text("utf-8")
    assert "owned" in page
    assert re.findall(r"<(?:script>window|img src=x|/script><script)", page) == []
    shown = (folder / "summary.md").read_text("utf-8")
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", shown)
    obeyed = r"(?m)^# owned|^::error|^\| a \| b|(?<!\\)<script|(?<!\\)<img|(?<!\\)\]\(j"
    assert re.findall(obeyed, outside) == []


def test_run_is_over_in_good_time(run: Finished) -> None:
    # An answer that is looked through again and again takes minutes, also on a quick machine.
    slow = {r["check"]: r["seconds"] for r in run.record("check") if r["seconds"] > 8}
    assert slow == {}
