"""The founder: an account that registered, with a tenant that the run may close for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, Lists
from smoke.checks.accounts import (
    MemberAccount,
    caller_address,
    must_be_writable,
    new_password,
    not_limited,
    reset,
    secret,
)
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
        # A renewal shows that the address is verified now, and costs no sign-in.
        renewed = await account.renew() if account.refresh else await account.sign_in()
        if renewed.status != 200:
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
    run, name = expect.run, slot.called("founded")
    account = MemberAccount(anonymous, slot.address("founder"), new_password(run), "founder")
    found = await tenant_of(slot, name, operator, lists)
    if found is not None:
        return await _again(account, found, expect)
    session = account.use_session(expect(await _register(account, name, operator, expect)))
    account.tenant_id, account.user_id = (
        str(session.value(f"/{n}_id")) for n in ("tenant", "user")
    )
    cleanup(operator, DEPROVISION, json=RUN_IS_OVER, tenant_id=account.tenant_id)
    run.stays("account", account.email)
    run.stays("tenant", f"{name}, deprovisioned")
    return Founder(account, session, {"slug": str(session.value("/tenant_slug")), "name": name})


async def _again(account: MemberAccount, found: Mapping[str, Any], expect: Expect) -> Founder:
    """The founder of an earlier run, with a new password and a new session."""
    run, tenant = expect.run, {"slug": str(found["slug"]), "name": str(found["name"])}
    account.tenant_id = str(found["id"])
    # As after a registration, its address is not verified yet.
    await reset(account, "owner", tenant, expect, verified=False)
    session = await account.start_session(expect)
    account.user_id = str(session.value("/user_id"))
    # Its tenant is the slot's: no other run uses it.
    run.own(DEPROVISION, {"tenant_id": account.tenant_id})
    run.uses_again(REGISTER, "account", account.email)
    run.uses_again(REGISTER, "tenant", f"{tenant['name']}, deprovisioned")
    return Founder(account, session, tenant, is_closed=found["status"] == "deprovisioned")


async def _register(
    account: MemberAccount, tenant_name: str, operator: Actor, expect: Expect
) -> Exchange:
    body = {"email": account.email, "password": account.password, "accept_terms": True}
    body |= {"tenant_name": tenant_name, "invite_token": None}
    if expect(await account.anonymous.call(POLICY)).value("/invite_required"):
        invite = expect(await operator.call(INVITE, json={"invited_email": account.email}))
        body["invite_token"] = secret(account.run, invite.value("/invite_token"))
    headers = caller_address(account.run)
    return not_limited(await account.anonymous.call(REGISTER, json=body, headers=headers))
