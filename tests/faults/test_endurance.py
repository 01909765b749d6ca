"""A run that is killed leaves nothing behind once it is swept, and the tables say if it did."""

from collections.abc import Iterator

import pytest

from smoke.session.service_process import Service
from tests.faults.deployment import environment
from tests.faults.entries import USUAL
from tests.faults.killing import Point, kill_and_sweep
from tests.faults.proxy import Proxy
from tests.faults.smoke_run import run
from tests.faults.state import Rows, lasting, left_behind, rows, touched
from tests.foreign import Store, plant

UPLOAD = "POST /api/v1/storage/objects/upload-url"
RENAME = "PATCH /api/v1/tenants/account"
TENANT, OTHER = ("tenants", "1"), ("tenants", "2")
THING = ("containers", "1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Where the service of this module keeps its state."""
    return Store.within(tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def service(store: Store) -> Iterator[Service]:
    """The service of this module."""
    service = Service("smoke.reference", environment(), *store.arguments)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def planted(service: Service, store: Store) -> Rows:
    """What others have in the service, also in the tenant of the runs."""
    plant(service.url, "smoke", "somebody")
    return {key: row for key, row in rows(store).items() if row.get("slug") != "smoke"}


@pytest.fixture(scope="module")
def proxy(service: Service, planted: Rows) -> Iterator[Proxy]:
    """A proxy in front of the service, in which a run has been, too."""
    assert planted
    assert run(service.url, USUAL, "-k", "agents_are_listed").exit == 0
    proxy = Proxy(service.url)
    yield proxy
    proxy.stop()


def test_a_clean_run_leaves_nothing_behind_and_touches_nothing(
    proxy: Proxy, store: Store, planted: Rows
) -> None:
    before = rows(store)
    result = run(proxy.upstream, USUAL)
    assert result.exit == 0, result.output
    after = rows(store)
    assert left_behind(before, after) == []
    assert touched(planted, after) == []


def test_what_a_killed_run_never_heard_of_is_found_and_taken_away(
    proxy: Proxy, store: Store, planted: Rows
) -> None:
    found = kill_and_sweep(proxy, store, planted, Point(1, done=True, operation=UPLOAD))
    assert not found.ended
    assert found.wrong == [], found.swept
    assert found.clean, found.swept
    assert "found in lists" in found.swept
    assert found.lasting["storage_objects"] == 0


def test_a_tenant_that_a_killed_run_renamed_is_not_taken_away(
    proxy: Proxy, store: Store, planted: Rows
) -> None:
    found = kill_and_sweep(proxy, store, planted, Point(1, done=True, operation=RENAME))
    assert not found.ended
    assert [line for line in found.wrong if "name was" not in line] == [], found.swept
    own = next(row for row in rows(store).values() if row.get("slug") == "smoke")
    assert own["status"] == "active"


def test_what_is_left_is_what_is_new_and_neither_over_nor_lasting() -> None:
    before: Rows = {TENANT: {"id": "a", "status": "active", "name": "A", "plan_code": None}}
    after: Rows = {
        **before,
        OTHER: {"id": "b", "status": "deprovisioned"},
        THING: {"id": "c", "tenant_id": "a", "name": "smoke-1"},
        ("containers", "2"): {"id": "d", "tenant_id": "b"},
        ("team_invites", "1"): {"id": "e", "tenant_id": "a", "status": "revoked"},
        ("users", "1"): {"id": "f"},
        ("user_sessions", "1"): {"id": "g", "tenant_id": "a", "user_id": "f", "revoked_at": None},
        ("user_sessions", "2"): {"id": "h", "tenant_id": "a", "user_id": "x", "revoked_at": None},
    }
    assert left_behind(before, after) == ["containers: id c, name smoke-1", "user_sessions: id h"]
    assert lasting(before, after)["containers"] == 2


def test_what_was_not_put_back_is_left_behind() -> None:
    before: Rows = {TENANT: {"id": "a", "status": "active", "name": "A", "plan_code": None}}
    after: Rows = {TENANT: {"id": "a", "status": "active", "name": "B", "plan_code": None}}
    assert left_behind(before, after) == ["tenants: name was 'A' and is 'B'"]


def test_a_row_of_others_is_touched_when_it_is_another_or_gone() -> None:
    planted: Rows = {TENANT: {"id": "a"}, OTHER: {"id": "b"}, THING: {"id": "c"}}
    after: Rows = {TENANT: {"id": "a"}, OTHER: {"id": "B"}}
    assert touched(planted, after) == ["tenants 2", "containers 1"]


def test_state_is_every_row_and_every_stored_file(proxy: Proxy, store: Store) -> None:
    found = rows(store)
    assert found["tenants", "1"]["slug"] == "smoke"
    assert any(table == "stored files" for table, _ in found)
    assert proxy.url
