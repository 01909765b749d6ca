"""Runs in a row use again what the API cannot delete, and prove what the first one proved."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from smoke.session.service_process import Service
from tests.faults.again import AGAIN, Again, in_a_row, only_first, unlike, weaker
from tests.faults.deployment import environment
from tests.faults.smoke_run import RunResult, run
from tests.foreign import Store

# Each test runs the suite two or three times.
pytestmark = pytest.mark.timeout(180)

# The modules of checks with accounts, tenants, requests or subscriptions of their own.
MODULES = "email or invites or members or passwords or platform or signup or status or users"

INVITES = "test_invites"

# What cannot be undone: a run that uses again what an earlier one made does not do it again.
ONCE = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/request-access",
    "POST /api/v1/auth/signup-requests/{request_id}/approve",
    "POST /api/v1/auth/signup-requests/{request_id}/reject",
    "POST /api/v1/platform/tenants",
    "POST /api/v1/status/subscriptions",
    "POST /api/v1/tenants/invites/accept",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Where the service of this module keeps its state."""
    return Store.within(tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def url(store: Store) -> Iterator[str]:
    """The service of this module."""
    service = Service("smoke.reference", environment(), *store.arguments)
    yield service.url
    service.stop()


def test_three_runs_leave_no_more_than_one(url: str, store: Store) -> None:
    runs = in_a_row(url, store, 3, 1, lambda _line: None, "-k", MODULES)
    assert [one.result.word for one in runs] == ["green"] * 3, runs[-1].result.output
    assert runs[0].counts == runs[1].counts == runs[2].counts
    assert only_first(runs[0].result, runs[2].result) == ONCE
    assert "smoke-member@smoke-pool-0.example.com" in runs[2].result.output


def test_runs_at_the_same_time_do_not_disturb_each_other(url: str, store: Store) -> None:
    """That they use different accounts shows below, where one of them keeps its claim."""
    runs = in_a_row(url, store, 2, 2, lambda _line: None, "-k", INVITES)
    assert [one.result.word for one in runs] == ["green"] * 2, runs[-1].result.output


def test_claim_of_a_run_that_never_ended_is_taken_over_after_an_hour(
    url: str, store: Store
) -> None:
    """A run with --keep leaves its claim, as a run does that is killed and not swept."""
    kept = run(url, AGAIN, "-k", INVITES, "--keep")
    beside = run(url, AGAIN, "-k", INVITES)
    with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
        database.execute("UPDATE memberships SET joined_at = '2020-01-01 00:00:00.000000'")
    later = run(url, AGAIN, "-k", INVITES)
    used = [_slot(one.output) for one in (kept, beside, later)]
    assert used == ["smoke-pool-0", "smoke-pool-1", "smoke-pool-0"], later.output


def _slot(output: str) -> str:
    found = re.search(r"smoke-pool-\d+", output)
    return found.group() if found else output


def test_counts_differ_where_a_later_run_left_more() -> None:
    one, more = Counter({"tenants": 4}), Counter({"tenants": 5})
    runs = [Again(RunResult(0), one), Again(RunResult(0), one), Again(RunResult(0), more)]
    assert list(unlike(runs)) == ["tenants: 4 after run 2, 5 after run 3"]
    assert list(unlike(runs[:2])) == []


def test_a_check_is_weaker_that_meets_fewer_expectations() -> None:
    first = RunResult(0, met=Counter({"users.profile_is_kept": 4, "tools.tools_are_listed": 2}))
    later = RunResult(0, met=Counter({"users.profile_is_kept": 3, "tools.tools_are_listed": 2}))
    assert weaker(first, later) == {"users.profile_is_kept": (4, 3)}
