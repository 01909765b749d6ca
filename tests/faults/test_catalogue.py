"""The catalogue is well formed, large enough, and leaves no hand-written check out."""

from collections import Counter

import pytest

from tests.faults.catalogue import ENTRIES, FALSE_GREENS, FAULTS, HANGS, HARMLESS, LISTED
from tests.faults.collected import DERIVED, hand_written_checks
from tests.faults.entries import Proxied
from tests.faults.outcome import matches

GROUPS = {
    "process and boot", "routing", "configuration", "auth and keys", "people", "tenancy",
    "database", "storage", "queue", "contract", "streaming", "latency", "partial outage",
    "observability that lies", "seed", "third parties",
    "views", "once", "after a delete", "headers", "time", "sessions", "text", "limits",
    "invalid input", "agreement",
}  # fmt: skip


@pytest.fixture(scope="module")
def checks() -> list[str]:
    """The names of all hand-written checks."""
    return hand_written_checks()


def test_names_are_unique() -> None:
    twice = [name for name, count in Counter(one.name for one in LISTED).items() if count > 1]
    assert twice == []
    assert len(ENTRIES) == len(LISTED)


def test_catalogue_is_large_enough() -> None:
    assert len(FAULTS) >= 80
    assert len(HARMLESS) >= 15
    assert len(FALSE_GREENS) >= 15
    assert len(HANGS) >= 8


def test_what_is_known_to_be_missed_is_little() -> None:
    """At least 95 of 100 faults are found."""
    missed = [fault.name for fault in FAULTS if fault.missed]
    assert len(missed) < 0.05 * len(FAULTS)


def test_every_group_has_faults() -> None:
    assert {fault.group for fault in FAULTS} == GROUPS


def test_every_fault_names_a_check_that_exists(checks: list[str]) -> None:
    lost = {
        fault.name: fault.caught_by
        for fault in FAULTS
        if not any(matches(fault.caught_by, check) for check in checks)
        and not fault.caught_by.startswith(DERIVED)
    }
    assert lost == {}


def test_every_check_has_a_fault_that_it_must_catch(checks: list[str]) -> None:
    """A check that no fault turns red checks nothing: add a fault that names it."""
    named = {fault.caught_by.partition("[")[0] for fault in FAULTS}
    assert [check for check in checks if check.partition("[")[0] not in named] == []


def test_a_fault_that_any_check_may_catch_says_how() -> None:
    vague = [fault.name for fault in FAULTS if fault.caught_by == "*" and not fault.says]
    assert vague == []


def test_most_faults_can_be_put_in_front_of_any_deployment() -> None:
    proxied = [fault for fault in FAULTS if isinstance(fault.mechanism, Proxied)]
    assert len(proxied) >= 80
