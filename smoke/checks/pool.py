"""
The pool: accounts, tenants and requests that the API cannot delete, used again by later runs.

A run claims a slot of the pool, and uses again what earlier runs made under the slot's names; what
is missing it makes. Two runs at the same time never share a slot, without any lock service: a slot
is claimed by adding its account to the run's tenant, and the service adds a member only once. The
cleanup of the run, or the sweep after a killed one, removes the member, which releases the slot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, LeftOutError, Lists
from smoke.checks.accounts import (
    ACCEPT,
    ADD,
    CREATE_TENANT,
    MEMBERS,
    REMOVE,
    TAKEN,
    MemberAccount,
    accept_invite,
    must_be_writable,
    new_password,
)

TENANTS = "GET /api/v1/platform/tenants"
TENANT = "GET /api/v1/platform/tenants/{tenant_id}"
DEPROVISION = "POST /api/v1/platform/tenants/{tenant_id}/deprovision"
REACTIVATE = "POST /api/v1/platform/tenants/{tenant_id}/reactivate"

RUN_IS_OVER = {"reason": "the smoke run is over"}
IN_USE_AGAIN = {"reason": "a smoke run uses it again"}

# Environments with a database that is thrown away: there a run makes everything anew.
THROWN_AWAY = ("local", "test")

# Slots of the pool: as many runs may go on at the same time.
SLOTS = 16

# A claim that is older belongs to a run that was killed and not swept: no run takes so long.
LONGEST_RUN = timedelta(hours=1)


def uses_again(options: Mapping[str, Any], caller: Caller) -> bool:
    """
    Whether a run uses again what earlier runs left: by default on targets that people share.

    Only a run that makes an account or a tenant anew proves its creation.
    """
    wanted = str(options["use_again"]).lower()
    target = caller.client.target
    if wanted == "shared":
        return not target.serve and target.environment not in THROWN_AWAY
    return wanted in ("always", "true")


# What may be answered when an address without an account is added as a member.
NO_ACCOUNT = (400, 404, 422)


@dataclass(frozen=True)
class Slot:
    """
    The names of what a run uses: those of a slot, or the run's own where nothing is used again.

    `account` is the slot's member, whose membership is the claim; `is_new`: this run made it.
    """

    name: str
    account: MemberAccount | None = None
    is_new: bool = True

    @property
    def is_pooled(self) -> bool:
        """Whether later runs may use again what this run makes."""
        return self.account is not None

    def called(self, what: str) -> str:
        """The name of a tenant."""
        return f"smoke-{self.name}-{what}"

    def address(self, who: str) -> str:
        """An address in a domain of the slot's own: sign-ups are limited by domain too."""
        return f"smoke-{who}@{self.called('x').removesuffix('-x')}.example.com"


async def claim(
    owner: Actor, anonymous: Caller, expect: Expect, lists: Lists, cleanup: Cleanup
) -> Slot:
    """
    Claim the first free slot; its account is a member of the run's tenant until the run ends.

    Raises:
        LeftOutError: every slot is in use, or the target takes no new accounts.
    """
    must_be_writable(owner, "account")
    for number in range(SLOTS):
        slot = Slot(f"pool-{number}")
        account = _account(slot, anonymous)
        added = await _add(owner, account.email)
        if added.status == TAKEN and await _is_abandoned(owner, account.email, lists, expect):
            added = await _add(owner, account.email)
        is_new = added.status in NO_ACCOUNT
        joined = await accept_invite(account, owner, expect) if is_new else added
        if joined.status == TAKEN:
            continue  # another run has it
        account.joined, account.user_id = joined, str(expect(joined).value("/user_id"))
        cleanup(owner, REMOVE, user_id=account.user_id)
        if not is_new:
            account.run.uses_again(ACCEPT, "account", account.email)
        return Slot(slot.name, account, is_new)
    raise LeftOutError(f"all {SLOTS} slots of the pool are in use by other runs")


def _account(slot: Slot, anonymous: Caller) -> MemberAccount:
    password = new_password(anonymous.client.run)
    return MemberAccount(anonymous, slot.address("member"), password, is_pooled=True)


async def _add(owner: Actor, email: str) -> Exchange:
    return await owner.call(ADD, json={"email": email, "role": "member"})


async def _is_abandoned(owner: Actor, email: str, lists: Lists, expect: Expect) -> bool:
    """Whether the claim of a slot was too old, and this run has removed it."""
    rows = await lists.all(owner, f"GET {MEMBERS}")
    for row in (row for row in rows if str(row["email"]).lower() == email):
        joined = datetime.fromisoformat(str(row["joined_at"]))
        # Without an offset it is meant in UTC.
        joined = joined if joined.tzinfo else joined.replace(tzinfo=UTC)
        if datetime.now(UTC) - joined > LONGEST_RUN:
            path: dict[str, Any] = {"user_id": str(row["user_id"])}
            expect.run.own(REMOVE, path)
            # Of two runs that try this at once, the service removes the member for only one.
            return (await owner.call(REMOVE, **path)).status in (200, 204)
    return False


async def tenant_of(slot: Slot, name: str, operator: Actor, lists: Lists) -> dict[str, Any] | None:
    """Return the row of a tenant that an earlier run made for the slot; None if there is none."""
    if not slot.is_pooled:
        return None
    rows = await lists.all(operator, TENANTS, q=slot.called(""))
    return next((row for row in rows if name in (row["slug"], row["name"])), None)


async def tenant_for_checks(
    slot: Slot, operator: Actor, expect: Expect, lists: Lists, cleanup: Cleanup
) -> Answer:
    """Return the answer that shows a tenant which the run may change, suspend and bill."""
    run = expect.run
    must_be_writable(operator, "tenant")
    slug = slot.called("temporary")
    found = await tenant_of(slot, slug, operator, lists)
    if found is not None and found["status"] != "deprovisioned":
        path: dict[str, Any] = {"tenant_id": str(found["id"])}
        if found["status"] == "suspended":  # a run was killed before it reactivated it
            expect(await operator.call(REACTIVATE, json=IN_USE_AGAIN, **path))
        run.uses_again(CREATE_TENANT, "tenant", slug)
        return expect(await operator.call(TENANT, **path))
    # The slug of a closed tenant stays taken.
    slug = slug if found is None else f"{slug}-{run.id}"
    tenant = expect(await operator.call(CREATE_TENANT, json={"name": slug, "slug": slug}))
    if slot.is_pooled:
        run.stays("tenant", slug)
    else:
        tenant_id = str(tenant.value("/id"))
        cleanup(operator, DEPROVISION, json=RUN_IS_OVER, tenant_id=tenant_id)
        run.stays("tenant", f"{slug}, deprovisioned")
    return tenant
