"""The founder: an account that registered, with a tenant that the run may close for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, Lists
from smoke.checks.accounts import (
    SEED,
    TAKEN,
    MemberAccount,
    caller_address,
    must_be_writable,
    new_password,
    not_limited,
    reset,
    secret,
    seed_of,
)
from smoke.checks.answered import answered
from smoke.checks.pool import DEPROVISION, RUN_IS_OVER, Slot, tenant_of

POLICY = "GET /api/v1/auth/signup-policy"
INVITE = "POST /api/v1/auth/invites"
REGISTER = "POST /api/v1/auth/register"


@dataclass
class Founder:
    """The account, the answer that opened its first session, and its tenant's slug and name."""

    account: MemberAccount
    session: Answer
    tenant: dict[str, str]
    # The tenant is deprovisioned, by this run or an earlier one.
    is_closed: bool = False

    async def verified(self, expect: Expect) -> MemberAccount:
        """Return the account with a session of its tenant and a verified address."""
        account = self.account
        await reset(account, "owner", self.tenant, expect)
        renewed = await account.renew() if account.refresh else None
        # A renewal that shows the address as verified saves a sign-in.
        if renewed is None or not _is_verified(renewed):
            renewed = await account.sign_in()
        account.use_session(expect(renewed, 200))
        return account


async def founder_for_checks(
    slot: Slot, operator: Actor, anonymous: Caller, expect: Expect, lists: Lists, cleanup: Cleanup
) -> Founder:
    """
    Return the founder of the slot, or register one.

    Its tenant is deprovisioned at the end, and stays so: that cannot be undone.
    """
    must_be_writable(operator, "account")
    found = await tenant_of(slot, slot.called("founded"), operator, lists)
    if found is not None:
        founder = await _again(_account(slot, anonymous), found, expect)
        if founder is not None:
            return founder
    return await _new(
        slot if found is None else Slot(expect.run.id), operator, anonymous, expect, cleanup
    )


def _is_verified(session: Exchange) -> bool:
    body = session.json
    return session.status == 200 and isinstance(body, dict) and bool(body.get("email_verified"))


def _account(slot: Slot, anonymous: Caller) -> MemberAccount:
    password = new_password(anonymous.client.run)
    return MemberAccount(anonymous, slot.address("founder"), password, "founder")


async def _again(
    account: MemberAccount, found: Mapping[str, Any], expect: Expect
) -> Founder | None:
    """The founder of an earlier run, with a new password; None where it cannot be reset."""
    run, tenant = expect.run, {"slug": str(found["slug"]), "name": str(found["name"])}
    account.tenant_id = str(found["id"])
    # As after a registration, its address is not verified yet.
    body = seed_of(account, "owner", tenant, verified=False)
    # A deployment may refuse to seed a tenant that was closed.
    reset_by_seeding = await account.anonymous.call(SEED, json=body)
    if reset_by_seeding.status != 201:
        return None
    expect(reset_by_seeding)
    session = await account.start_session(expect)
    account.user_id = str(session.value("/user_id"))
    # Its tenant is the slot's: no other run uses it.
    run.own(DEPROVISION, {"tenant_id": account.tenant_id})
    run.uses_again(REGISTER, "account", account.email)
    run.uses_again(REGISTER, "tenant", f"{tenant['name']}, deprovisioned")
    return Founder(account, session, tenant, is_closed=found["status"] == "deprovisioned")


async def _new(
    slot: Slot, operator: Actor, anonymous: Caller, expect: Expect, cleanup: Cleanup
) -> Founder:
    run, name, account = expect.run, slot.called("founded"), _account(slot, anonymous)
    sent = await _register(account, name, operator, expect)
    if sent.status == TAKEN and slot.is_pooled:  # an earlier run's, whose tenant was not found
        return await _new(Slot(run.id), operator, anonymous, expect, cleanup)
    session = account.use_session(expect(sent))
    account.tenant_id = str(session.value("/tenant_id"))
    account.user_id = str(session.value("/user_id"))
    cleanup(operator, DEPROVISION, json=RUN_IS_OVER, tenant_id=account.tenant_id)
    run.stays("account", account.email)
    run.stays("tenant", f"{name}, deprovisioned")
    return Founder(account, session, {"slug": str(session.value("/tenant_slug")), "name": name})


async def _register(
    account: MemberAccount, tenant_name: str, operator: Actor, expect: Expect
) -> Exchange:
    body = {"email": account.email, "password": account.password, "accept_terms": True}
    body |= {"tenant_name": tenant_name, "invite_token": None}
    if expect(await answered(account.anonymous, POLICY)).value("/invite_required"):
        invite = expect(await operator.call(INVITE, json={"invited_email": account.email}))
        body["invite_token"] = secret(account.run, invite.value("/invite_token"))
    headers = caller_address(account.run)
    return not_limited(await account.anonymous.call(REGISTER, json=body, headers=headers))
