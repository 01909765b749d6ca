"""Fixtures that checks share: made at the same time, and seen as if each were made in turn."""

from difflib import unified_diff
from typing import Any

import pytest

# The first check waits for a later one, and that one's fixture for the check between them.
SET_UP_MEANWHILE = '''
"""A shared fixture is set up while pytest waits for another check."""

import asyncio

import pytest
import pytest_asyncio

released = asyncio.Event()


@pytest.fixture(scope="session")
def box():
    return {}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(box, anonymous):
    await anonymous.call("GET /ready")
    return box


async def test_begins(anonymous, expect):
    """The first check begins, and those that follow are prepared."""
    expect(await anonymous.call("GET /ready"))


@pytest.mark.timeout(20)
async def test_waits(anonymous, expect):
    """It ends after the last one has."""
    expect(await anonymous.call("GET /ready"))
    await released.wait()


async def test_uses_the_box(box, anonymous, expect):
    """It ends soon."""
    expect(await anonymous.call("GET /ready"))


async def test_uses_the_box_opened(opened, anonymous, expect):
    """It ends the first one."""
    expect(await anonymous.call("GET /ready"))
    released.set()
'''

# Fixtures that wait for each other: only those that are made at the same time are made at all.
MEET = '''
"""Shared fixtures wait for each other."""

import asyncio

import pytest
import pytest_asyncio

together = asyncio.Barrier(2)


async def _meet(anonymous):
    async with asyncio.timeout(20):
        await together.wait()
    return await anonymous.call("GET /ready")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one(anonymous):
    return await _meet(anonymous)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def other(anonymous):
    return await _meet(anonymous)


async def test_begins(anonymous, expect):
    """The first check begins, and those that follow are prepared."""
    expect(await anonymous.call("GET /ready"))


@pytest.mark.parametrize("number", range(2))
async def test_one(number, one, expect):
    """It has a fixture."""
    expect(one)


async def test_other(other, expect):
    """It has another one."""
    expect(other)
'''

# The account is used by a check that comes after one whose fixture changes it, and that is marked.
MARKED = '''
"""A check is marked as one that does not change the account, but its fixture does."""

import pytest
import pytest_asyncio


class Account:
    busy = False


@pytest.fixture(scope="session")
def account():
    return Account()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def reset(account, anonymous):
    assert not account.busy
    account.busy = True
    for _ in range(5):
        await anonymous.call("GET /ready")
    account.busy = False
    return account


async def test_begins(anonymous, expect):
    """The first check begins, and those that follow are prepared."""
    expect(await anonymous.call("GET /ready"))


async def test_uses_the_account(account, anonymous, expect):
    """It uses the account for a while."""
    for _ in range(5):
        assert not account.busy
        expect(await anonymous.call("GET /ready"))


@pytest.mark.beside("account")
async def test_needs_the_reset(reset, anonymous, expect):
    """It needs what the reset gives."""
    expect(await anonymous.call("GET /ready"))


async def test_uses_the_account_after_that(account, anonymous, expect):
    """It uses the account for a while."""
    for _ in range(5):
        assert not account.busy
        expect(await anonymous.call("GET /ready"))
'''

MANY = '''
"""Shared fixtures of all kinds: async or not, with a cleanup, broken, and skipped."""

import pytest
import pytest_asyncio

shared = pytest_asyncio.fixture(scope="session", loop_scope="session")


@shared
async def listed(owner):
    return await owner.call("GET /notes")


@pytest.fixture(scope="session")
def size(listed):
    return len(listed.body)


@shared
async def note(owner, expect, run):
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    path = {"note_id": made.value("/id")}
    run.own("DELETE /notes/{note_id}", path)
    yield path
    await owner.call("DELETE /notes/{note_id}", **path)


@shared
async def read(note, owner):
    return await owner.call("GET /notes/{note_id}", **note)


@shared
async def broken(listed, owner):
    await owner.call("GET /notes")
    raise RuntimeError("no such thing")


@shared
async def after_that(broken, owner):
    return await owner.call("GET /notes")


@shared
async def unwanted(owner):
    await owner.call("GET /notes")
    pytest.skip("not here")


@pytest.fixture(scope="session")
def asked(request):
    return request.getfixturevalue("read")


async def test_begins(anonymous, owner, expect):
    """The owner signs in."""
    expect(await owner.call("GET /notes"))


async def test_list_is_read(listed, size, expect):
    """The list is read once."""
    expect(listed).that("its size", size == len(listed.body))


@pytest.mark.parametrize("number", range(3))
async def test_note_is_read(number, read, note, owner, expect):
    """The note is read."""
    expect(read).holds("/id", note["note_id"])
    expect(await owner.call("GET /notes/{note_id}", **note))


async def test_with_a_broken_fixture(broken, expect):
    """Its fixture fails."""


async def test_with_a_fixture_of_a_broken_one(after_that, expect):
    """A fixture of its fixture fails."""


async def test_with_a_skip(unwanted, expect):
    """Its fixture skips it."""


async def test_asks_while_it_runs(asked, listed, expect):
    """Its fixture asks for another one."""
    expect(asked)
    expect(listed)


async def test_list_is_read_again(owner, expect):
    """The list is read again."""
    expect(await owner.call("GET /notes"))
'''


def passed(run: Any, *names: str) -> None:
    """Whether these checks passed."""
    outcomes = {check.removeprefix("a."): outcome for check, outcome, _ in run.outcomes}
    assert {name: outcomes.get(name) for name in names} == dict.fromkeys(names, "passed"), run.out


def test_shared_fixture_is_set_up_while_pytest_waits_for_a_check(ran: Any) -> None:
    passed(ran(SET_UP_MEANWHILE), "waits", "uses_the_box", "uses_the_box_opened")


def test_shared_fixtures_are_made_at_the_same_time(ran: Any) -> None:
    passed(ran(MEET), "one[0]", "one[1]", "other")


def test_setup_that_changes_a_fixture_is_alone_with_all_who_use_that_one(ran: Any) -> None:
    run = ran(MARKED)
    passed(run, "uses_the_account", "needs_the_reset", "uses_the_account_after_that")


def test_setup_that_asks_for_a_fixture_while_it_runs_is_alone_with_its_users(ran: Any) -> None:
    later = """
@pytest.fixture(scope="session")
def reset_later(request):
    return request.getfixturevalue("reset")


async def test_begins("""
    asking = MARKED.replace("async def test_begins(", later).replace(
        "needs_the_reset(reset,", "needs_the_reset(reset_later,"
    )
    passed(ran(asking), "uses_the_account", "needs_the_reset", "uses_the_account_after_that")


@pytest.mark.timeout(120)  # four runs
def test_record_does_not_depend_on_who_makes_a_shared_fixture(ran: Any) -> None:
    runs = [ran(MANY, "--maxfail=0", f"--concurrency={number}") for number in (1, 4, 8, 16)]
    first, *others = runs
    assert [one[:2] for one in first.outcomes if one[0].startswith("a.")] == [
        ("a.begins", "passed"), ("a.list_is_read", "passed"), ("a.note_is_read[0]", "passed"),
        ("a.note_is_read[1]", "passed"), ("a.note_is_read[2]", "passed"),
        ("a.with_a_broken_fixture", "failed"), ("a.with_a_fixture_of_a_broken_one", "blocked"),
        ("a.with_a_skip", "skipped"), ("a.asks_while_it_runs", "passed"),
        ("a.list_is_read_again", "passed"),
    ]  # fmt: skip
    assert [run.notes for run in runs] == [0] * 4
    for run in others:
        changes = list(unified_diff(first.lines, run.lines, lineterm=""))
        assert not changes, "\n".join(changes)
        assert run.outcomes == first.outcomes
        assert (run.code, run.shown) == (first.code, first.shown)


@pytest.mark.parametrize("number", [1, 8])
def test_shared_fixture_is_cleaned_up_where_no_check_was_reached_that_uses_it(
    ran: Any, number: int
) -> None:
    fails = MANY.replace("test_list_is_read(", "test_fails(owner, ").replace(
        "expect(listed).that(", 'expect(await owner.call("GET /notes"), 418).that('
    )
    run = ran(fails, f"--concurrency={number}")
    assert (run.code, run.notes) == (1, 0), run.out
