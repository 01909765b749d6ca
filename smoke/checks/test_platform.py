"""Platform: operators manage tenants, and no other user does."""

from typing import Any

import pytest
import pytest_asyncio

from smoke import Actor, Answer, Caller, Expect, Lists, Run, exercises, gate, together
from smoke.checks.accounts import ALL_SESSIONS, CREATE_TENANT, SEED
from smoke.checks.founding import Founder
from smoke.checks.pool import DEPROVISION, Slot

# Here the account only serves as the admin of the tenant.
pytestmark = [pytest.mark.beside("account"), pytest.mark.alone(ALL_SESSIONS)]

TENANTS = "/api/v1/platform/tenants"
ONE = f"{TENANTS}/{{tenant_id}}"
FEATURES = f"{ONE}/features"
SUSPEND = f"POST {ONE}/suspend"
REACTIVATE = f"POST {ONE}/reactivate"
TENANT_READ = "GET /api/v1/conversations"
USAGE = "GET /api/v1/usage"
EVENTS = "GET /api/v1/billing/tenants/{tenant_id}/events"
# Headers that open a suspended tenant to operators who state a reason, and to no other user.
OVERRIDE = {"X-Operator-Override": "true", "X-Operator-Reason": "a smoke run tries it out"}
WITHOUT_REASON = {"X-Operator-Override": "true"}
WHY = {"reason": "a smoke run tries it out"}

Path = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def path(temporary_tenant: Answer) -> Path:
    """The path value of the tenant that this run may suspend and destroy."""
    return {"tenant_id": str(temporary_tenant.value("/id"))}


@exercises(CREATE_TENANT, f"GET {TENANTS}", f"GET {ONE}", f"PATCH {ONE}")
async def test_tenant_is_found_and_renamed(
    operator: Actor, temporary_tenant: Answer, path: Path, slot: Slot, expect: Expect, run: Run,
    lists: Lists,
) -> None:  # fmt: skip
    """A new tenant is found once by its slug, and a new name is read back and listed."""
    status = expect(temporary_tenant.exchange).value("/status")
    temporary_tenant.that("a new tenant", status in ("provisioning", "active"), status)
    slug = temporary_tenant.value("/slug")
    name = f"smoke-{slot.name}-{run.id}"
    expect(await operator.call(f"PATCH {ONE}", json={"name": name}, **path))
    read = expect(await operator.call(f"GET {ONE}", **path))
    read.holds("/name", name).holds("/slug", slug)
    row = await lists.row(operator, f"GET {TENANTS}", {"slug": slug, "name": name}, q=slug)
    expect.that("the new tenant", row["id"] == path["tenant_id"], row)


@gate("billing")
@exercises(f"GET {FEATURES}", f"PUT {FEATURES}")
async def test_entitlement_is_kept(
    operator: Actor, tenant_admin: Caller, path: Path, expect: Expect
) -> None:
    """A feature that is switched off or on for a tenant is read back so, and billing obeys."""
    known = expect(await operator.call(f"GET {FEATURES}", **path)).json["flags"]
    feature = "billing" if "billing" in known else next(iter(known), "billing")
    for wanted in (False, True):
        body = {"flags": {feature: wanted}}
        expect(await operator.call(f"PUT {FEATURES}", json=body, **path))
        read = expect(await operator.call(f"GET {FEATURES}", **path))
        read.that(f"{feature} is {wanted}", read.json["flags"].get(feature) is wanted, read.json)
        if feature == "billing":
            expect(await tenant_admin.call(EVENTS, **path), 200 if wanted else 403)


async def test_tenants_are_for_operators(owner: Actor, path: Path, expect: Expect) -> None:
    """An owner who is not an operator neither lists tenants nor suspends one."""
    calls = [owner.call(f"GET {TENANTS}"), owner.call(SUSPEND, json=WHY, **path)]
    for exchange in await together(calls):
        expect(exchange, 403)


@exercises(SUSPEND, REACTIVATE)
async def test_suspension_closes_a_tenant(
    operator: Actor, tenant_admin: Caller, path: Path, expect: Expect
) -> None:
    """Suspension closes a tenant to its users; operators say why they look in."""
    expect(await tenant_admin.call(TENANT_READ))
    expect(await operator.call(SUSPEND, json=WHY, **path)).holds("/status", "suspended")
    expect(await tenant_admin.call(TENANT_READ), 403)
    expect(await tenant_admin.call(USAGE, headers=OVERRIDE), 403)
    expect(await operator.call(USAGE, headers=WITHOUT_REASON), 400)
    expect(await operator.call(f"GET {ONE}", **path)).holds("/status", "suspended")
    expect(await operator.call(REACTIVATE, json=WHY, **path)).holds("/status", "active")
    expect(await tenant_admin.call(TENANT_READ))


@exercises(DEPROVISION, SEED)
async def test_deprovisioned_tenant_stays_closed(
    operator: Actor, founder: Founder, tenant_admin: Caller, expect: Expect
) -> None:
    """
    A deprovisioned tenant is closed to its users and cannot be reactivated.

    That cannot be undone, so a tenant that an earlier run closed is closed once more; another
    tenant then shows that an open one answers.
    """
    path: Path = {"tenant_id": founder.account.tenant_id}
    caller = (await founder.verified(expect)).caller
    expect(await (tenant_admin if founder.is_closed else caller).call(TENANT_READ))
    expect(await operator.call(DEPROVISION, json=WHY, **path)).holds("/status", "deprovisioned")
    founder.is_closed = True
    expect(await caller.call(TENANT_READ), 403, 404)
    expect(await operator.call(REACTIVATE, json=WHY, **path), 409)
