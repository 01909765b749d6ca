"""Checks that run beside each other: what the reader sees of it, and how such a run ends."""

from difflib import unified_diff
from typing import Any

from tests.pytest_plugin.beside import COUNTED

MIXED = '''
"""Checks of many kinds; the later ones are the shorter ones, so that they end first."""

import asyncio

import pytest

ended = []


@pytest.fixture
async def note(owner, expect, cleanup, run):
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))
    return made.value("/id")


@pytest.fixture
def broken():
    raise RuntimeError("no such thing")


@pytest.fixture
def breaks_later():
    yield 1
    raise RuntimeError("not cleaned up")


@pytest.mark.parametrize("times", range(9, 0, -2))
async def test_note_is_read(times, note, owner, expect):
    """A note is read back."""
    for _ in range(times):
        expect(await owner.call("GET /notes/{note_id}", note_id=note)).holds("/id", note)
    ended.append(times)


@pytest.mark.skip(reason="not today")
async def test_skipped(owner):
    """A mark skips it."""


async def test_skips_itself(owner, expect):
    """It skips itself."""
    expect(await owner.call("GET /notes"))
    pytest.skip("not now")


@pytest.mark.xfail(reason="known")
async def test_expected_to_fail(owner, expect):
    """It fails, and a mark does not excuse it."""
    expect(await owner.call("GET /notes"), 418)


async def test_with_a_broken_fixture(broken, owner, expect):
    """Its fixture fails."""


async def test_with_a_broken_cleanup(breaks_later, owner, expect):
    """Its cleanup fails."""
    expect(await owner.call("GET /notes"))


async def test_proves_nothing(owner):
    """It expects nothing."""
    await owner.call("GET /notes")


def test_plain_function(run):
    """It is not async, and expects nothing."""
'''

FAILS = '''
"""The third check fails late, the fifth at once."""

import pytest


@pytest.fixture
async def note(owner, expect, cleanup, run):
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))
    return made.value("/id")


@pytest.mark.parametrize("number", range(40))
async def test_answer(number, note, owner, expect):
    """The answer is right, but for the third and the fifth check."""
    for _ in range({2: 90}.get(number, 3) if number != 4 else 0):
        expect(await owner.call("GET /notes/{note_id}", note_id=note))
    exchange = await owner.call("GET /notes/{note_id}", note_id=note)
    expect(exchange, 418 if number in (2, 4) else 200)
'''

HANGS = '''
"""Checks that never end, each with a note."""

import asyncio
import os
import pathlib

import pytest


@pytest.fixture
async def note(owner, expect, cleanup, run):
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    cleanup(owner, "DELETE /notes/{note_id}", note_id=made.value("/id"))


async def test_first(owner, expect):
    """The owner signs in: those who follow need not wait for it."""
    expect(await owner.call("GET /notes"))


LIMIT
@pytest.mark.parametrize("number", range(3))
async def test_hangs(number, note):
    """It waits for nothing."""
    pathlib.Path(f"here-{number}").write_text(str(os.getpid()))
    await asyncio.Event().wait()
'''


# Ends the run with Ctrl-C once every check that hangs has its note.
INTERRUPTS = """
import os
import pathlib
import signal
import threading
import time

def wait():
    while len(list(pathlib.Path().glob("here-*"))) < 3:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


threading.Thread(target=wait, daemon=True).start()
"""


def test_record_and_screen_do_not_depend_on_the_concurrency(ran: Any) -> None:
    runs = [ran(MIXED, "--maxfail=0", f"--concurrency={number}") for number in (1, 4, 8, 16)]
    assert [run.notes for run in runs] == [0, 0, 0, 0]
    first, *others = runs
    assert [name for name, *_ in first.outcomes if name.startswith("a.")] == [
        "a.note_is_read[9]", "a.note_is_read[7]", "a.note_is_read[5]", "a.note_is_read[3]",
        "a.note_is_read[1]", "a.skipped", "a.skips_itself", "a.expected_to_fail",
        "a.with_a_broken_fixture", "a.with_a_broken_cleanup", "a.with_a_broken_cleanup",
        "a.proves_nothing", "a.plain_function",
    ]  # fmt: skip
    for run in others:
        assert run.outcomes == first.outcomes
        changes = list(unified_diff(first.lines, run.lines, lineterm=""))
        assert not changes, "\n".join(changes)
        assert (run.code, run.shown) == (first.code, first.shown)


def test_first_failure_of_the_suite_is_shown_and_the_rest_cleans_up(ran: Any) -> None:
    alone, beside = (ran(FAILS, f"--concurrency={number}") for number in (1, 8))
    for run in (alone, beside):
        assert (run.code, run.notes) == (1, 0), run.out
        assert [one[:2] for one in run.outcomes] == [
            ("a.answer[0]", "passed"), ("a.answer[1]", "passed"), ("a.answer[2]", "failed"),
        ]  # fmt: skip
    assert beside.of("verdict")[0]["reason"] == alone.of("verdict")[0]["reason"]
    assert beside.of("verdict")[0]["ledger"] == alone.of("verdict")[0]["ledger"]
    (note,) = (one["text"] for one in beside.of("note") if "not counted" in one["text"])
    assert note.startswith("begun ahead, and not counted: a.answer[3], a.answer[4]")
    # The fifth failed long before the third did, and nothing began after that.
    assert "a.answer[39]" not in note
    assert not any("not counted" in one["text"] for one in alone.of("note"))


def test_deadline_ends_all_and_all_clean_up(ran: Any) -> None:
    hangs = HANGS.replace("LIMIT", "")
    alone, beside = (
        ran(hangs, f"--concurrency={number}", row="deadline_s = 4") for number in (1, 8)
    )
    assert beside.code == alone.code == 2, beside.out
    assert [one[:2] for one in beside.outcomes] == [one[:2] for one in alone.outcomes], beside.out
    # The screen may break the line between any two words.
    assert "deadline of 4 s has passed while test_hangs[0]" in " ".join(beside.out.split())
    assert (len(beside.of("undo")), beside.notes) == (3, 0), beside.out


def test_limit_of_a_check_ends_that_check(ran: Any) -> None:
    limited = HANGS.replace("LIMIT", "@pytest.mark.timeout(2)")
    run = ran(limited, "--maxfail=0", "-k", "hangs")
    assert (len(run.outcomes), run.notes) == (3, 0), run.out
    for number, (check, _, reason) in enumerate(run.outcomes):
        assert check == f"a.hangs[{number}]"
        assert reason.startswith(f"Failed: Timeout: test_hangs[{number}] took more than 2 s.")


def test_interrupted_run_cleans_up_what_ran_ahead(ran: Any) -> None:
    run = ran(HANGS.replace("LIMIT", ""), conftest=INTERRUPTS)
    assert (run.code, run.notes) == (2, 0), run.out
    assert "interrupted" in run.of("verdict")[0]["reason"]


def test_rate_holds_for_all_checks_together(ran: Any) -> None:
    rate = 20
    run = ran(COUNTED.replace("MARK", ""), row=f"max_rate = {rate}")
    began = sorted(one["started_s"] for one in run.of("exchange"))
    assert (run.code, len(began) > 20) == (0, True), run.out
    # Each request has a turn of its own; a busy machine may send some of them late.
    assert began[-1] - began[0] >= 0.5 * (len(began) - 1) / rate
