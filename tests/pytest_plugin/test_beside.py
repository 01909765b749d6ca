"""Checks that run beside each other: what overlaps, what does not, and what a reader sees of it."""

from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

MEET = '''
"""Checks that wait for each other: only those that run beside each other end."""

import asyncio

import pytest

together = asyncio.Barrier(3)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("number", range(3))
async def test_checks_meet(number, anonymous, expect):
    """Three checks are there at the same time."""
    expect(await anonymous.call("GET /ready"))
    await together.wait()
'''

COUNTED = '''
"""Checks that count how many of them run at once, and write down the largest number."""

import asyncio
import pathlib

import pytest

now, most = 0, 0


async def stay(client, expect):
    global now, most
    now += 1
    most = max(most, now)
    for _ in range(3):
        expect(await client.call("GET /ready"))
    now -= 1
    pathlib.Path("most").write_text(str(most))


@pytest.fixture
def made(anonymous):
    return anonymous


MARK
@pytest.mark.parametrize("number", range(6))
async def test_counted(number, made, expect):
    """A check is counted."""
    await stay(made, expect)
'''

# A fixture whose setup changes another one, which an earlier check uses.
OPENED = '''
"""The setup of a shared fixture changes what an earlier check is busy with."""

import pytest
import pytest_asyncio


class Box:
    busy = False


@pytest.fixture(scope="session")
def box():
    return Box()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(box, anonymous):
    await anonymous.call("GET /ready")
    assert not box.busy
    return box


async def test_begins(anonymous, expect):
    """The first check begins, and those that follow are prepared."""
    expect(await anonymous.call("GET /ready"))


async def test_is_busy(box, anonymous, expect):
    """The check is busy with the box for a while."""
    box.busy = True
    for _ in range(5):
        expect(await anonymous.call("GET /ready"))
    box.busy = False


async def test_uses_opened(opened, anonymous, expect):
    """The check needs the box opened."""
    expect(await anonymous.call("GET /ready"))
'''

# Many checks that stand alone, and at the end a few that must wait for each other.
CHAIN = '''
"""The checks that must wait for each other come last."""

import pytest


@pytest.mark.parametrize("number", range(6))
async def test_apart(number, anonymous, expect):
    """It needs nothing of the others."""
    expect(await anonymous.call("GET /ready"))


@pytest.mark.alone("the chain")
@pytest.mark.parametrize("number", range(3))
async def test_chained(number, anonymous, expect):
    """It waits for the others of the chain."""
    expect(await anonymous.call("GET /ready"))
'''

# Three checks that wait for each other, and two, of which each takes longer.
LENGTHS = '''
"""The chain of fewer checks is the longer one."""

import pytest


@pytest.mark.alone("the short chain")
@pytest.mark.parametrize("number", range(3))
async def test_short(number, anonymous, expect):
    """It waits for the others of the short chain."""
    expect(await anonymous.call("GET /ready"))


@pytest.mark.alone("the long chain")
@pytest.mark.parametrize("number", range(2))
async def test_long(number, anonymous, expect):
    """It waits for the other one of the long chain."""
    expect(await anonymous.call("GET /ready"))
    expect(await anonymous.call("GET /ready"))
    expect(await anonymous.call("GET /ready"))
'''

# A fixture that checks share, and that each of them may change.
SHARED = """

@pytest.fixture(scope="session", autouse=True)
def shared():
    return {}
"""

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


@pytest.mark.parametrize("number", range(12))
async def test_answer(number, note, owner, expect):
    """The answer is right, but for the third and the fifth check."""
    for _ in range({2: 9}.get(number, 3) if number != 4 else 0):
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


def test_checks_run_at_the_same_time(ran: Any) -> None:
    run = ran(MEET, "--concurrency=3")
    assert [one[1] for one in run.outcomes if "meet" in one[0]] == ["passed"] * 3, run.out


def test_eight_checks_run_at_the_same_time_unless_asked_otherwise(ran: Any) -> None:
    run = ran(MEET.replace("3)", "8)"), concurrency=None)
    assert [one[1] for one in run.outcomes if "meet" in one[0]] == ["passed"] * 8, run.out


def test_checks_with_a_fixture_run_beside_each_other_if_a_mark_allows_it(ran: Any) -> None:
    marked = MEET.replace(
        "@pytest.mark.timeout", '@pytest.mark.beside("shared")\n@pytest.mark.timeout'
    )
    run = ran(marked, conftest=SHARED)
    assert [one[1] for one in run.outcomes if "meet" in one[0]] == ["passed"] * 3, run.out


def test_setup_of_a_shared_fixture_waits_for_checks_that_use_what_it_needs(ran: Any) -> None:
    run = ran(OPENED)
    assert [one[1] for one in run.outcomes if one[0].startswith("a.")] == ["passed"] * 3, run.out


def test_checks_that_wait_for_each_other_begin_first(ran: Any) -> None:
    run = ran(CHAIN, "--concurrency=2")
    begun = sorted(run.of("exchange"), key=lambda one: one["started_s"])
    checks = [one["check"] for one in begun if one["check"].startswith("a.")]
    assert "a.chained[0]" in checks[:2], checks
    assert run.code == 0, run.out


def test_check_that_is_alone_with_all_others_comes_after_them(ran: Any) -> None:
    first = '@pytest.mark.parametrize("number", range(6))'
    run = ran(CHAIN.replace(first, f"@pytest.mark.alone\n{first}"))
    names = [name for name, *_ in run.outcomes]
    assert names.index("a.chained[2]") < names.index("a.apart[0]"), run.out
    refusals = [at for at, name in enumerate(names) if name.startswith("refusals.")]
    assert max(refusals) < names.index("a.apart[0]"), run.out


def test_longest_chain_begins_first(ran: Any) -> None:
    run = ran(LENGTHS, "--concurrency=2")
    begun = sorted(run.of("exchange"), key=lambda one: one["started_s"])
    checks = [one["check"] for one in begun if one["check"].startswith("a.")]
    assert checks.index("a.long[0]") < checks.index("a.short[1]"), checks
    assert run.code == 0, run.out


@pytest.mark.parametrize(
    ("arguments", "mark", "conftest", "most"),
    [
        (["--concurrency=1"], "", "", 1),
        (["--concurrency=2"], "", "", 2),
        ([], '@pytest.mark.alone("the counter")', "", 1),
        ([], "@pytest.mark.alone", "", 1),
        ([], "", "\n\ndef pytest_runtest_call(item):\n    pass\n", 1),
        ([], "", SHARED, 1),
    ],
    ids=["one", "two", "alone_with_a_name", "alone", "hooks_of_a_conftest", "shared_fixture"],
)
def test_no_more_checks_than_allowed_run_at_once(
    ran: Any, root: Path, arguments: list[str], mark: str, conftest: str, most: int
) -> None:
    run = ran(COUNTED.replace("MARK", mark), *arguments, conftest=conftest)
    assert (run.code, (root / "most").read_text()) == (0, str(most)), run.out


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
    # The fifth failed before the third did, and nothing began after that.
    assert "a.answer[11]" not in note
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
