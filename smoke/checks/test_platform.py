"""Does the operator rule over tenants, and nobody else?"""

import pytest

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.checks.conftest import ReadAll
from smoke.checks.guests import DEPROVISION, MAKE_TENANT, Guest
from smoke.expect import Answer, Expect
from smoke.run import Run
from smoke.seed import World

TENANTS = "/api/v1/platform/tenants"
ONE = f"{TENANTS}/{{tenant_id}}"
FEATURES = f"{ONE}/features"
SUSPEND = f"POST {ONE}/suspend"
REACTIVATE = f"POST {ONE}/reactivate"
SEED = "POST /api/v1/test-fixtures/apply"
TENANT_READ = "GET /api/v1/conversations"
WHY = {"reason": "a smoke run tries it out"}


@exercises(MAKE_TENANT, f"GET {TENANTS}", f"GET {ONE}", f"PATCH {ONE}")
async def test_tenant_is_found_and_renamed(
    operator: Actor, throwaway: Answer, expect: Expect, run: Run, read_all: ReadAll
) -> None:
    """A new tenant is active, is found by its slug, and a new name is read back."""
    expect(throwaway.exchange).holds("/status", "active")
    tenant_id, slug = throwaway.value("/id"), throwaway.value("/slug")
    found = await read_all(operator, f"GET {TENANTS}", "/accounts", q=slug)
    expect.that("found by its slug", [row["id"] for row in found] == [tenant_id], len(found))
    name = f"Smoke renamed {run.id}"
    expect(await operator.call(f"PATCH {ONE}", json={"name": name}, tenant_id=tenant_id))
    read = expect(await operator.call(f"GET {ONE}", tenant_id=tenant_id))
    read.holds("/name", name).holds("/slug", slug)


@pytest.mark.gate("billing")
@exercises(f"GET {FEATURES}", f"PUT {FEATURES}")
async def test_entitlement_is_kept(operator: Actor, throwaway: Answer, expect: Expect) -> None:
    """A feature that is opened or shut for a tenant is read back so."""
    path = {"tenant_id": throwaway.value("/id")}
    for wanted in (False, True):
        body = {"flags": {"billing": wanted}}
        expect(await operator.call(f"PUT {FEATURES}", json=body, **path))
        read = expect(await operator.call(f"GET {FEATURES}", **path))
        read.holds("/flags/billing", wanted)


async def test_tenants_are_for_operators(owner: Actor, throwaway: Answer, expect: Expect) -> None:
    """The owner of a tenant, who is no operator, neither lists tenants nor suspends one."""
    expect(await owner.call(f"GET {TENANTS}"), 403)
    path = {"tenant_id": throwaway.value("/id")}
    expect(await owner.call(SUSPEND, json=WHY, **path), 403)


@exercises(SUSPEND, REACTIVATE, DEPROVISION)
async def test_suspension_locks_out(
    operator: Actor, throwaway: Answer, guest: Guest, world: World, expect: Expect
) -> None:
    """Suspension locks a tenant's users out, reactivation lets them in, deprovision ends it."""
    inhabitant = await _inhabitant(throwaway, guest, world, expect)
    path = {"tenant_id": throwaway.value("/id")}
    expect(await inhabitant.call(TENANT_READ))
    suspended = expect(await operator.call(SUSPEND, json=WHY, **path))
    suspended.holds("/status", "suspended").holds("/status_reason", WHY["reason"])
    expect(await inhabitant.call(TENANT_READ), 403)
    expect(await operator.call(REACTIVATE, json=WHY, **path)).holds("/status", "active")
    expect(await inhabitant.call(TENANT_READ))
    expect(await operator.call(DEPROVISION, json=WHY, **path)).holds("/status", "deprovisioned")
    expect(await inhabitant.call(TENANT_READ), 403, 404)
    expect(await operator.call(REACTIVATE, json=WHY, **path), 409)


async def _inhabitant(throwaway: Answer, guest: Guest, world: World, expect: Expect) -> Caller:
    """The guest as a member of the throw-away tenant, which seeding alone can put there."""
    assert world["tenant_id"]
    user = {"email": guest.email, "password": guest.password, "role": "admin"}
    tenant_id, slug = str(throwaway.value("/id")), throwaway.value("/slug")
    read = {"slug": slug, "name": throwaway.value("/name"), "users": [user]}
    made = expect(await Caller(guest.client).call(SEED, json={"tenants": [read]}))
    made.holds(f"/tenants/{slug}/tenant_id", tenant_id)
    session = expect(await guest.sign_in(tenant_id=tenant_id), 200)
    return guest.caller.bearing(str(session.value("/access_token")))
