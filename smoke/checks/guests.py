"""People of the run's own: one guest, and one throw-away tenant.

Accounts and tenants cannot be deleted over the API, so the checks share them. The guest is invited
into the run's tenant and serves every check that changes, locks out or disables somebody; at the
end it is removed from the tenant and disabled. The tenant is deprovisioned. A run leaves behind:
that disabled account, that deprovisioned tenant, and the owner of the tenant that the check of
registering makes, with that tenant, deprovisioned too.
"""

import secrets as entropy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smoke.errors import LeftOutError
from smoke.http.client import Client
from smoke.results.expectations import Answer, Expect
from smoke.results.run import Exchange, Run
from smoke.session.actors import Actor, Caller

SIGN_IN = "POST /api/v1/auth/token"
REFRESH = "POST /api/v1/auth/refresh"
INVITE = "POST /api/v1/tenants/invites"
ACCEPT = "POST /api/v1/tenants/invites/accept"
MEMBERS = "/api/v1/tenants/members"
ADD = f"POST {MEMBERS}"
REMOVE = f"DELETE {MEMBERS}/{{user_id}}"
DISABLE = "POST /api/v1/users/me/disable"
MAKE_TENANT = "POST /api/v1/platform/tenants"
SEED = "POST /api/v1/test-fixtures/apply"
DEPROVISION = "POST /api/v1/platform/tenants/{tenant_id}/deprovision"

OVER = {"reason": "the smoke run is over"}

Undo = Callable[..., None]


def own_address(run: Run) -> dict[str, str]:
    """The header by which the service counts a run's attempts apart from those of other runs.

    Limits are counted by the first address in X-Forwarded-For; 198.18.0.0/15 belongs to nobody
    (RFC 2544).
    """
    low = int(run.id, 16)
    return {"X-Forwarded-For": f"198.{18 + (low >> 16) % 2}.{(low >> 8) % 256}.{low % 256}"}


def within_limits(exchange: Exchange) -> Exchange:
    """The exchange, of an operation that the service lets nobody call too often.

    Behind a proxy that sets X-Forwarded-For itself, all runs count as one caller.

    Raises:
        LeftOutError: it was called too often lately, by whomever.
    """
    if exchange.status == 429:
        raise LeftOutError(f"{exchange.operation} answered 429: it was called too often lately")
    return exchange


def new_password(run: Run) -> str:
    """A strong password that nobody knows after the run."""
    password = f"Smoke-{entropy.token_urlsafe(12)}-1a"
    run.secrets.register(password, "SMOKE_GUEST_PASSWORD")
    return password


def secret(run: Run, value: Any) -> str:
    """The value as text, masked in every output from now on."""
    run.secrets.register(str(value), "SMOKE_GUEST_SECRET")
    return str(value)


@dataclass
class Guest:
    """An account that this run made, and its newest session."""

    client: Client
    email: str
    password: str = field(repr=False)
    invite_id: str
    invite_token: str = field(repr=False)
    accepted: Exchange = field(repr=False)
    user_id: str = ""
    tenant_id: str = ""
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    is_disabled: bool = False

    @property
    def caller(self) -> Caller:
        """The guest as a caller, with the newest access token."""
        return Caller(self.client, "guest", self.access)

    async def call(self, operation: str, **options: Any) -> Exchange:
        """Call an operation as the guest."""
        return await self.caller.call(operation, **options)

    async def sign_in(self, **other: str) -> Exchange:
        """Try to sign in, with another password or tenant where one is given."""
        body = {"email": self.email, "password": self.password, "tenant_id": self.tenant_id}
        anonymous, headers = Caller(self.client), own_address(self.client.run)
        return await anonymous.call(SIGN_IN, json=body | other, headers=headers)

    async def renew(self) -> Exchange:
        """Send the newest refresh token; once it is refused, there is no session to go on with."""
        answer = await Caller(self.client).call(REFRESH, json={"refresh_token": self.refresh})
        if answer.status != 200:
            self.refresh = ""
        return answer

    async def enter(self, expect: Expect) -> Answer:
        """Sign in and go on with the new session."""
        return self.go_on(expect(await self.sign_in(), 200))

    async def be_in(self, expect: Expect) -> None:
        """Sign in unless there is a session; every sign-in costs the service a slow hash."""
        if not self.refresh:
            await self.enter(expect)

    def go_on(self, session: Answer) -> Answer:
        """Go on with the session of an answer."""
        self.access = str(session.value("/access_token"))
        self.refresh = str(session.value("/refresh_token"))
        self.client.run.secrets.register(self.access, "SMOKE_TOKEN_GUEST")
        self.client.run.secrets.register(self.refresh, "SMOKE_TOKEN_GUEST_REFRESH")
        return session


async def invited(owner: Actor, expect: Expect, run: Run) -> Guest:
    """Invite a guest into the owner's tenant as a member, and accept for it."""
    may_leave(owner.client, "account")
    email, password = f"smoke-guest-{run.id}@example.com", new_password(run)
    invite = expect(await owner.call(INVITE, json={"invited_email": email, "role": "member"}))
    invite_id, token = str(invite.value("/id")), secret(run, invite.value("/invite_token"))
    body = {"token": token, "password": password, "display_name": "Smoke guest"}
    accepted = await Caller(owner.client).call(ACCEPT, json=body)
    guest = Guest(owner.client, email, password, invite_id, token, accepted)
    session = guest.go_on(expect(accepted))
    guest.user_id = str(session.value("/user_id"))
    guest.tenant_id = str(session.value("/tenant_id"))
    run.own(DISABLE, {}, guest.caller.name)
    run.undoes(REMOVE, owner.name, {"user_id": guest.user_id})
    return guest


async def dismissed(guest: Guest, owner: Actor) -> None:
    """Disable the guest and remove it from the tenant; what could not be is noted."""
    if not guest.is_disabled:
        body = {"current_password": guest.password}
        _note(guest.caller, await guest.call(DISABLE, json=body))
    _note(owner, await owner.call(REMOVE, user_id=guest.user_id))


async def made_tenant(operator: Actor, expect: Expect, run: Run) -> Answer:
    """Make a tenant that may be destroyed."""
    may_leave(operator.client, "account")
    body = {"name": f"Smoke throw-away {run.id}", "slug": f"smoke-away-{run.id}"}
    tenant = expect(await operator.call(MAKE_TENANT, json=body))
    tenant_id = str(tenant.value("/id"))
    run.undoes(DEPROVISION, operator.name, {"tenant_id": tenant_id}, OVER)
    return tenant


async def undone(caller: Caller, operation: str, **options: Any) -> None:
    """Take something of the run's own away again; what could not be is noted."""
    _note(caller, await caller.call(operation, **options))


def may_leave(client: Client, what: str) -> None:
    """Make sure that what is made may be taken away again, or may stay.

    Raises:
        LeftOutError: this target takes nothing that writes, or nothing that destroys.
    """
    target = client.target
    if target.read_only or target.protected:
        why = "read_only" if target.read_only else "protected"
        raise LeftOutError(f"target {target.name!r} is {why}, so the run made no {what} of its own")


def _note(caller: Caller, exchange: Exchange) -> None:
    if exchange.status not in (200, 202, 204, 404, 410):
        what = f"{exchange.method} {exchange.url} answered {exchange.status or exchange.error}"
        caller.client.run.note(f"left behind: {what}")
