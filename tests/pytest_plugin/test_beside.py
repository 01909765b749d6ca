"""Checks that run beside each other: what overlaps, what waits, and what begins first."""

from pathlib import Path
from typing import Any

import pytest

from tests.pytest_plugin.beside import COUNTED

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


@pytest.mark.parametrize(("concurrency", "fill"), [(8, True), (1, False)])
def test_refusals_without_a_token_fill_the_gaps(ran: Any, concurrency: int, fill: bool) -> None:
    signed_in = CHAIN.replace("anonymous", "owner").replace("range(6)", "range(1)")
    run = ran(signed_in.replace("range(3)", "range(6)"), f"--concurrency={concurrency}")
    begun = sorted(run.of("exchange"), key=lambda one: one["started_s"])
    checks = [one["check"] for one in begun]
    refused = [at for at, name in enumerate(checks) if name.startswith("refusals.anonymous")]
    assert (min(refused) < checks.index("a.chained[5]")) is fill, checks
    assert run.code == 0, run.out


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
