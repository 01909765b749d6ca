"""
The accounts of a run: a member of its tenant, and a founder with a tenant of its own.

The API deletes no account, so the checks share them, and later runs use them again (`pool`). The
member serves every check that changes or disables an account; at the end the run removes it from
the tenant. The founder serves the checks that lock an account or close a tenant.
"""

import secrets as entropy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke import Actor, Answer, Caller, Exchange, Expect, LeftOutError, Run

SIGN_IN = "POST /api/v1/auth/token"
# The name that the account of a run gives itself.
NAME = "Smoke member"
REFRESH = "POST /api/v1/auth/refresh"
INVITE = "POST /api/v1/tenants/invites"
ACCEPT = "POST /api/v1/tenants/invites/accept"
REVOKE_INVITE = "POST /api/v1/tenants/invites/{invite_id}/revoke"
MEMBERS = "/api/v1/tenants/members"
ADD = f"POST {MEMBERS}"
LIST_MEMBERS = f"GET {MEMBERS}"
REMOVE = f"DELETE {MEMBERS}/{{user_id}}"
DISABLE = "POST /api/v1/users/me/disable"
CHANGE_ADDRESS = "PATCH /api/v1/users/me/email"
CREATE_TENANT = "POST /api/v1/platform/tenants"
SEED = "POST /api/v1/test-fixtures/apply"
ACCOUNT = "GET /api/v1/tenants/account"
HOME = "back at its address"
# The statuses for an invite that was used or revoked.
CLOSED = (400, 404, 409, 410)
# The status for a second account, member or claim where only one may exist.
TAKEN = 409

# Checks that end the sessions of the run's account in every tenant, or need its session in the
# temporary tenant, run alone with this name.
ALL_SESSIONS = "all sessions of the run's account"


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
    """
    An account that serves this run, and its newest session.

    If it belongs to the pool, a later run finds it under its first address, `home`.
    """

    anonymous: Caller
    email: str
    password: str = field(repr=False)
    name: str = "account"
    is_pooled: bool = False
    home: str = field(init=False)
    # The answer by which it became a member.
    joined: Exchange | None = field(default=None, repr=False)
    user_id: str = ""
    tenant_id: str = ""
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    # The tokens of a session in another tenant.
    access_elsewhere: str = field(default="", repr=False)
    refresh_elsewhere: str = field(default="", repr=False)
    is_disabled: bool = False
    # The tenant in which the fixtures endpoint has reset it.
    tenant: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.email

    @property
    def run(self) -> Run:
        """The run that uses the account."""
        return self.anonymous.client.run

    @property
    def caller(self) -> Caller:
        """The account as a caller, with the newest access token."""
        return Caller(self.anonymous.client, self.name, self.access)

    async def call(self, operation: str, **options: Any) -> Exchange:
        """Call an operation as the account."""
        return await self.caller.call(operation, **options)

    async def sign_in(self, *, at_once: bool = False, **other: str) -> Exchange:
        """Try to sign in, with another password or tenant where one is given."""
        body = {"email": self.email, "password": self.password, "tenant_id": self.tenant_id}
        headers = caller_address(self.run)
        return await self.anonymous.call(
            SIGN_IN, json=body | other, headers=headers, at_once=at_once
        )

    async def renew(self) -> Exchange:
        """Send the newest refresh token, which works only once."""
        token = self.refresh or self.refresh_elsewhere
        if self.refresh:
            self.refresh = ""
        else:
            self.refresh_elsewhere = ""
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

    async def enter(self, tenant_id: str, expect: Expect) -> None:
        """Sign in to another tenant; that session also serves operations without a tenant."""
        session = expect(await self.sign_in(tenant_id=tenant_id), 200)
        self.access_elsewhere = secret(self.run, session.value("/access_token"))
        self.refresh_elsewhere = secret(self.run, session.value("/refresh_token"))
        self.access = self.access or self.access_elsewhere

    def use_session(self, session: Answer) -> Answer:
        """Use the session of an answer from now on."""
        self.access = str(session.value("/access_token"))
        self.refresh = str(session.value("/refresh_token"))
        self.run.secrets.register(self.access, "SMOKE_TOKEN_ACCOUNT")
        self.run.secrets.register(self.refresh, "SMOKE_TOKEN_ACCOUNT_REFRESH")
        return session


async def accept_invite(account: MemberAccount, owner: Actor, expect: Expect) -> Exchange:
    """Invite the account's address, which has no account yet, and accept; 409 if it has one now."""
    run = account.run
    wanted = {"invited_email": account.email, "role": "member"}
    sent = await owner.call(INVITE, json=wanted)
    if sent.status == TAKEN:  # another run was faster
        return sent
    invite = expect(sent)
    token = secret(run, invite.value("/invite_token"))
    body = {"token": token, "password": account.password, "display_name": NAME}
    accepted = await account.anonymous.call(ACCEPT, json=body)
    if accepted.status == TAKEN:
        run.own(REVOKE_INVITE, {"invite_id": str(invite.value("/id"))})
        await owner.call(REVOKE_INVITE, invite_id=str(invite.value("/id")))
        return accepted
    session = account.use_session(expect(accepted))
    account.user_id = str(session.value("/user_id"))
    account.tenant_id = str(session.value("/tenant_id"))
    run.stays("account", account.email)
    return accepted


def named(tenant: Answer) -> dict[str, str]:
    """A tenant as the fixtures endpoint names it."""
    return {"slug": str(tenant.value("/slug")), "name": str(tenant.value("/name"))}


def seed_of(
    account: MemberAccount, role: str, tenant: Mapping[str, str], *, verified: bool = True
) -> dict[str, Any]:
    """The body that resets an account, and puts it into a tenant."""
    user = {"email": account.email, "password": account.password, "role": role}
    return {"tenants": [{**tenant, "users": [{**user, "verify_email": verified}]}]}


async def reset(
    account: MemberAccount,
    role: str,
    tenant: Mapping[str, str],
    expect: Expect,
    *,
    verified: bool = True,
) -> Answer:
    """
    Reset an account by the fixtures endpoint, and put it into a tenant (`slug` and `name`).

    It is then enabled and unlocked, has this run's password, and may have lost its sessions.
    """
    body = seed_of(account, role, tenant, verified=verified)
    done = expect(await account.anonymous.call(SEED, json=body))
    account.tenant = dict(tenant)
    return done


async def disable(account: MemberAccount) -> None:
    """Disable the account, which no later run can use; a failure becomes a note."""
    if not account.is_disabled:
        body = {"current_password": account.password}
        _note_unless_done(account, "disabled", await account.call(DISABLE, json=body))


async def give_back(account: MemberAccount) -> None:
    """
    Give the account back to the pool: enabled, at its first address, under a forgotten password.

    What fails is noted.
    """
    if account.is_disabled and account.tenant:
        body = seed_of(account, "admin", account.tenant)
        _note_unless_done(account, "enabled", await account.anonymous.call(SEED, json=body))
    if account.email != account.home:
        change = {"current_password": account.password, "new_email": account.home}
        _note_unless_done(account, HOME, await account.call(CHANGE_ADDRESS, json=change))


def _note_unless_done(account: MemberAccount, what: str, exchange: Exchange) -> None:
    if exchange.status not in (200, 201, 204):
        answer = exchange.status or exchange.error
        account.run.note(f"left behind: account {account.email} is not {what}: {answer}")
