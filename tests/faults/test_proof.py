"""A fixed part of the catalogue, run for real: the rest is for `python -m tests.faults`."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

import pytest

from smoke.config.targets import CLEANUP_S
from tests.faults.__main__ import _chosen
from tests.faults.catalogue import ENTRIES
from tests.faults.deployment import FRESH_AFTER, Bench
from tests.faults.entries import Fault, Hang, Harmless, Proxied
from tests.faults.outcome import LIST
from tests.faults.prove import Suite
from tests.faults.results import sections

FAULTS = (
    "jwks_has_another_key",
    "jwks_shows_the_private_key",
    "tenant_header_ignored",
    "other_tenants_are_read",
    "no_agents",
    "title_not_persisted",
    "bytes_are_one_short",
    "metrics_are_a_page",
    "seeding_answers_half",
    "ready_says_starting",
)
HARMLESS = ("a_field_more_everywhere", "bodies_compressed", "http_1_0")
FALSE_GREENS = (
    "nothing_collected",
    "expression_matches_nothing",
    "everything_is_a_page",
    "contract_is_empty",
    "record_cannot_be_written",
)
HANGS = ("hangs_in_the_middle", "never_accepts", "check_never_ends")
# Seconds that the end of a run may take where everything else is busy; alone it takes one.
SLOW_MACHINE_S = 8

OURS = Suite()
# A part of our own suite that is quick, for runs that go to their end.
CORE = Suite(arguments=("-k", "test_health or test_jwks or test_auth or test_tenancy"))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One sound service behind one proxy, made when it is first used."""
    bench = Bench()
    yield bench
    bench.close()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_and_named(name: str, bench: Bench) -> None:
    found = OURS.measured(ENTRIES[name], bench)
    assert found.right, found.result.output
    assert found.named, found.result.check


def test_bench_starts_its_service_anew_before_wrong_passwords_add_up() -> None:
    fresh, served = Bench(), []
    try:
        for _ in range(FRESH_AFTER + 1):
            with fresh.deployed(Harmless("nothing_wrong")):
                served.append(fresh.url)
    finally:
        fresh.close()
    assert len(set(served[:-1])) == 1
    assert served[-1] != served[0]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_change_stays_green(name: str, bench: Bench) -> None:
    found = CORE.measured(ENTRIES[name], bench)
    assert found.right, found.result.output


@pytest.mark.parametrize("name", FALSE_GREENS)
def test_false_green_is_not_green(name: str, bench: Bench) -> None:
    found = OURS.measured(ENTRIES[name], bench)
    assert found.right, found.result.output
    assert found.result.exit in (1, 2, 4)


@pytest.mark.parametrize("name", HANGS)
def test_run_that_is_kept_waiting_ends_at_its_deadline(name: str, bench: Bench) -> None:
    entry = ENTRIES[name]
    assert isinstance(entry, Hang)
    result = OURS.measured(replace(entry, deadline_s=3), bench).result
    assert (result.exit, result.word) == (2, "unverified"), result.output
    assert LIST.search(result.output), result.output
    assert result.seconds is None or result.seconds < 3 + CLEANUP_S + SLOW_MACHINE_S


def test_another_suite_can_be_measured(bench: Bench) -> None:
    """A command that only looks whether the service is alive misses almost everything."""
    alive = Suite(command="curl -sf {url}/health")
    missed = alive.measured(ENTRIES["no_agents"], bench)
    found = alive.measured(ENTRIES["everything_crashes"], bench)
    assert (missed.right, found.right) == (False, True)
    text = "\n".join(sections([missed, found], "curl")["Faults"])
    assert "`no_agents`: green" in text


def test_another_suite_is_measured_with_what_a_proxy_can_stage() -> None:
    options = Namespace(command="make smoke", url="", fault=None, group=None)
    chosen = _chosen(options)
    assert {type(entry) for entry in chosen} == {Fault, Harmless}
    assert {type(entry.mechanism) for entry in chosen} == {Proxied}
    assert len(chosen) > 200


def test_entries_of_the_fixed_part_are_of_their_kind() -> None:
    assert all(isinstance(ENTRIES[name], Fault) for name in FAULTS)
