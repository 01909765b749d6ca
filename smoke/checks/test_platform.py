"""Does the operator rule over tenants, and nobody else?"""

from smoke import Actor, Answer, Caller, Expect, Lists, Run, exercises, gate, together
from smoke.checks.accounts import CREATE_TENANT, DEPROVISION

TENANTS = "/api/v1/platform/tenants"
ONE = f"{TENANTS}/{{tenant_id}}"
FEATURES = f"{ONE}/features"
SUSPEND = f"POST {ONE}/suspend"
REACTIVATE = f"POST {ONE}/reactivate"
TENANT_READ = "GET /api/v1/conversations"
USAGE = "GET /api/v1/usage"
OVERRIDE = {"X-Operator-Override": "true", "X-Operator-Reason": "a smoke run tries it out"}
"""What opens a suspended tenant to operators, and to nobody else."""
WHY = {"reason": "a smoke run tries it out"}


@exercises(CREATE_TENANT, f"GET {TENANTS}", f"GET {ONE}", f"PATCH {ONE}")
async def test_tenant_is_found_and_renamed(
    operator: Actor, temporary_tenant: Answer, expect: Expect, run: Run, lists: Lists
) -> None:
    """A new tenant is found by its name, and a new name is read back."""
    status = expect(temporary_tenant.exchange).value("/status")
    temporary_tenant.that("a tenant that begins", status in ("provisioning", "active"), status)
    tenant_id, slug = temporary_tenant.value("/id"), temporary_tenant.value("/slug")
    wanted = {"id": tenant_id}
    found = await lists.rows(operator, f"GET {TENANTS}", wanted, q=run.id)
    expect.that("found by its name, once", len(found) == 1, len(found))
    name = f"Smoke renamed {run.id}"
    expect(await operator.call(f"PATCH {ONE}", json={"name": name}, tenant_id=tenant_id))
    read = expect(await operator.call(f"GET {ONE}", tenant_id=tenant_id))
    read.holds("/name", name).holds("/slug", slug)


@gate("billing")
@exercises(f"GET {FEATURES}", f"PUT {FEATURES}")
async def test_entitlement_is_kept(
    operator: Actor, temporary_tenant: Answer, expect: Expect
) -> None:
    """A feature that is opened or shut for a tenant is read back so."""
    path = {"tenant_id": temporary_tenant.value("/id")}
    known = expect(await operator.call(f"GET {FEATURES}", **path)).json["flags"]
    feature = "billing" if "billing" in known else next(iter(known), "billing")
    for wanted in (False, True):
        body = {"flags": {feature: wanted}}
        expect(await operator.call(f"PUT {FEATURES}", json=body, **path))
        read = expect(await operator.call(f"GET {FEATURES}", **path))
        read.that(f"{feature} is {wanted}", read.json["flags"].get(feature) is wanted, read.json)


async def test_tenants_are_for_operators(
    owner: Actor, temporary_tenant: Answer, expect: Expect
) -> None:
    """The owner of a tenant, who is no operator, neither lists tenants nor suspends one."""
    path = {"tenant_id": temporary_tenant.value("/id")}
    calls = [owner.call(f"GET {TENANTS}"), owner.call(SUSPEND, json=WHY, **path)]
    for exchange in await together(calls):
        expect(exchange, 403)


@exercises(SUSPEND, REACTIVATE, DEPROVISION)
async def test_suspension_locks_out(
    operator: Actor, temporary_tenant: Answer, tenant_admin: Caller, expect: Expect
) -> None:
    """Suspension locks a tenant's users out, reactivation lets them in, deprovision ends it."""
    path = {"tenant_id": temporary_tenant.value("/id")}
    expect(await tenant_admin.call(TENANT_READ))
    expect(await operator.call(SUSPEND, json=WHY, **path)).holds("/status", "suspended")
    expect(await tenant_admin.call(TENANT_READ), 403)
    expect(await tenant_admin.call(USAGE, headers=OVERRIDE), 403)
    expect(await operator.call(REACTIVATE, json=WHY, **path)).holds("/status", "active")
    expect(await tenant_admin.call(TENANT_READ))
    expect(await operator.call(DEPROVISION, json=WHY, **path)).holds("/status", "deprovisioned")
    expect(await tenant_admin.call(TENANT_READ), 403, 404)
    expect(await operator.call(REACTIVATE, json=WHY, **path), 409)
