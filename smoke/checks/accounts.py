"""
Accounts and tenants that the run makes for itself: a member account and a temporary tenant.

Accounts and tenants cannot be deleted over the API, so the checks share them. The member account is
invited into the run's tenant and serves every check that changes, locks out or disables an account;
at the end the run removes it from the tenant and disables it. The tenant is deprovisioned.
"""

import secrets as entropy
from dataclasses import dataclass, field
from typing import Any

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, LeftOutError, Run

SIGN_IN = "POST /api/v1/auth/token"
REFRESH = "POST /api/v1/auth/refresh"
INVITE = "POST /api/v1/tenants/invites"
ACCEPT = "POST /api/v1/tenants/invites/accept"
MEMBERS = "/api/v1/tenants/members"
ADD = f"POST {MEMBERS}"
REMOVE = f"DELETE {MEMBERS}/{{user_id}}"
DISABLE = "POST /api/v1/users/me/disable"
CREATE_TENANT = "POST /api/v1/platform/tenants"
SEED = "POST /api/v1/test-fixtures/apply"
DEPROVISION = "POST /api/v1/platform/tenants/{tenant_id}/deprovision"

RUN_IS_OVER = {"reason": "the smoke run is over"}


def caller_address(run: Run) -> dict[str, str]:
    """
    Return the header by which the service counts this run's attempts apart from other runs'.

    The service limits by the first address in X-Forwarded-For; 198.18.0.0/15 is reserved for
    tests (RFC 2544), so no real caller is counted there.
    """
    low = int(run.id, 16)
    return {"X-Forwarded-For": f"198.{18 + (low >> 16) % 2}.{(low >> 8) % 256}.{low % 256}"}


def not_limited(exchange: Exchange) -> Exchange:
    """
    Return the exchange of an operation that the service limits.

    Behind a proxy that sets X-Forwarded-For itself, all runs count as one caller.

    Raises:
        LeftOutError: the limit is reached.
    """
    if exchange.status == 429:
        raise LeftOutError(f"{exchange.operation} answered 429: it was called too often lately")
    return exchange


def new_password(run: Run) -> str:
    """Return a strong random password, masked in every output from now on."""
    password = f"Smoke-{entropy.token_urlsafe(12)}-1a"
    run.secrets.register(password, "SMOKE_ACCOUNT_PASSWORD")
    return password


def secret(run: Run, value: Any) -> str:
    """Return the value as text, masked in every output from now on."""
    run.secrets.register(str(value), "SMOKE_ACCOUNT_SECRET")
    return str(value)


def must_be_writable(caller: Caller, what: str) -> None:
    """
    Make sure that the run may create a thing on this target, and remove it or leave it there.

    Raises:
        LeftOutError: the target takes nothing that writes, or nothing that destroys.
    """
    target = caller.client.target
    if target.read_only or target.protected:
        why = "read_only" if target.read_only else "protected"
        raise LeftOutError(f"target {target.name!r} is {why}, so the run made no {what} of its own")


@dataclass
class MemberAccount:
    """A member account that this run made, and its newest session."""

    anonymous: Caller
    email: str
    password: str = field(repr=False)
    invite_id: str
    invite_token: str = field(repr=False)
    accepted: Exchange = field(repr=False)
    user_id: str = ""
    tenant_id: str = ""
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    # The refresh token of a session in another tenant.
    refresh_elsewhere: str = field(default="", repr=False)
    is_disabled: bool = False

    @property
    def run(self) -> Run:
        """The run that made the account."""
        return self.anonymous.client.run

    @property
    def caller(self) -> Caller:
        """The account as a caller, with the newest access token."""
        return Caller(self.anonymous.client, "account", self.access)

    async def call(self, operation: str, **options: Any) -> Exchange:
        """Call an operation as the account."""
        return await self.caller.call(operation, **options)

    async def sign_in(self, **other: str) -> Exchange:
        """Try to sign in, with another password or tenant where one is given."""
        body = {"email": self.email, "password": self.password, "tenant_id": self.tenant_id}
        headers = caller_address(self.run)
        return await self.anonymous.call(SIGN_IN, json=body | other, headers=headers)

    async def renew(self) -> Exchange:
        """Send the newest refresh token, which works only once."""
        token, self.refresh = self.refresh or self.refresh_elsewhere, ""
        return await self.anonymous.call(REFRESH, json={"refresh_token": token})

    async def start_session(self, expect: Expect) -> Answer:
        """Sign in and use the new session from now on."""
        return self.use_session(expect(await self.sign_in(), 200))

    async def ensure_session(self, expect: Expect, *, anywhere: bool = False) -> None:
        """
        Sign in unless there is a session, `anywhere` or in the run's tenant.

        Every sign-in costs the service two slow hashes, so a check that needs a session takes the
        one that an earlier check has left.
        """
        if not self.refresh and not (anywhere and self.refresh_elsewhere):
            await self.start_session(expect)

    def use_session(self, session: Answer) -> Answer:
        """Use the session of an answer from now on."""
        self.access = str(session.value("/access_token"))
        self.refresh = str(session.value("/refresh_token"))
        self.run.secrets.register(self.access, "SMOKE_TOKEN_ACCOUNT")
        self.run.secrets.register(self.refresh, "SMOKE_TOKEN_ACCOUNT_REFRESH")
        return session


async def invite_member(owner: Actor, anonymous: Caller, expect: Expect, run: Run) -> MemberAccount:
    """Invite a new account into the owner's tenant as a member, and accept the invite."""
    must_be_writable(owner, "account")
    email, password = f"smoke-member-{run.id}@example.com", new_password(run)
    invite = expect(await owner.call(INVITE, json={"invited_email": email, "role": "member"}))
    invite_id, token = str(invite.value("/id")), secret(run, invite.value("/invite_token"))
    body = {"token": token, "password": password, "display_name": "Smoke member"}
    accepted = await anonymous.call(ACCEPT, json=body)
    account = MemberAccount(anonymous, email, password, invite_id, token, accepted)
    session = account.use_session(expect(accepted))
    account.user_id = str(session.value("/user_id"))
    account.tenant_id = str(session.value("/tenant_id"))
    run.own(DISABLE, {}, account.caller.name)
    run.stays("account", f"{email}, disabled")
    return account


async def disable(account: MemberAccount) -> None:
    """Disable the account at the end of the run; what fails is noted."""
    if account.is_disabled:
        return
    exchange = await account.call(DISABLE, json={"current_password": account.password})
    if exchange.status not in (200, 204):
        answer = exchange.status or exchange.error
        account.run.note(f"left behind: account {account.email} is not disabled: {answer}")


async def create_tenant(
    operator: Actor, expect: Expect, run: Run, session_cleanup: Cleanup
) -> Answer:
    """Create a tenant that may be destroyed; it is deprovisioned at the end of the run."""
    must_be_writable(operator, "tenant")
    body = {"name": f"Smoke temporary {run.id}", "slug": f"smoke-temporary-{run.id}"}
    tenant = expect(await operator.call(CREATE_TENANT, json=body))
    tenant_id = str(tenant.value("/id"))
    session_cleanup(operator, DEPROVISION, json=RUN_IS_OVER, tenant_id=tenant_id)
    run.stays("tenant", f"{body['slug']}, deprovisioned")
    return tenant
