"""A tenant of the run's own that subscriptions are tried on, so that no other run is in the way.

A tenant has one subscription at a time, which starting another one replaces: two runs cannot share
one. Seeding makes the tenant; its only user is the same in every run.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smoke import Actor, Answer, Caller, Exchange, Expect, Run

TENANT = "/api/v1/billing/tenants/{tenant_id}"
SUBSCRIPTION = f"{TENANT}/subscription"
TOTALS = f"GET {TENANT}/usage-totals"
SEED = "POST /api/v1/test-fixtures/apply"
SIGN_IN = "POST /api/v1/auth/token"
LOGOUT = "POST /api/v1/auth/logout"
DEPROVISION = "POST /api/v1/platform/tenants/{tenant_id}/deprovision"
RUN_IS_OVER = {"reason": "the smoke run is over"}
EMAIL = "smoke-payer@example.com"


@dataclass(frozen=True)
class Subscriber:
    """The owner of that tenant, and the plans on sale, the cheapest first."""

    caller: Caller
    expect: Expect
    tenant_id: str
    refresh: str
    plans: list[dict[str, Any]]

    @property
    def cheap(self) -> str:
        """The code of the cheapest plan, which every subscription starts with."""
        return str(self.plans[0]["code"])

    @property
    def dear(self) -> str:
        """The code of the dearest plan."""
        return str(self.plans[-1]["code"])

    @property
    def feature(self) -> str:
        """A feature whose use is metered."""
        features = [row for plan in self.plans for row in plan.get("features", [])]
        metered = [str(row["key"]) for row in features if row.get("is_metered")]
        return next(iter(metered), "smoke_usage")

    async def call(self, operation: str, **values: Any) -> Exchange:
        """Call an operation on the tenant's billing."""
        return await self.caller.call(operation, tenant_id=self.tenant_id, **values)

    async def start(self, **values: Any) -> Answer:
        """Start a subscription, in the place of any other."""
        body = {"plan_code": self.cheap, **values}
        return self.expect(await self.call(f"POST {SUBSCRIPTION}", json=body))

    async def read(self) -> Answer:
        """Read the subscription."""
        return self.expect(await self.call(f"GET {SUBSCRIPTION}"))

    async def end(self) -> Answer:
        """End the subscription at once."""
        at_once = {"cancel_at_period_end": False}
        return self.expect(await self.call(f"POST {SUBSCRIPTION}/cancel", json=at_once))

    async def used(self) -> int:
        """How much of the metered feature the tenant has used in all."""
        query = {"feature_keys": self.feature}
        totals = self.expect(await self.call(TOTALS, query=query))
        return sum(row["quantity"] for row in totals.json if row["feature_key"] == self.feature)


async def settled_in(
    outsider: Actor, expect: Expect, run: Run, plans: list[dict[str, Any]]
) -> Subscriber:
    """Make the tenant, and sign its owner in; the password is that of all seeded accounts."""
    slug, password = f"smoke-pays-{run.id}", outsider.account.password
    user = {"email": EMAIL, "password": password, "role": "owner", "display_name": "Smoke payer"}
    tenant = {"slug": slug, "name": f"Smoke billing {run.id}", "users": [user]}
    nobody = Caller(outsider.client)
    seeded = expect(await nobody.call(SEED, json={"tenants": [tenant]}))
    tenant_id = str(seeded.value(f"/tenants/{slug}/tenant_id"))
    run.undoes(DEPROVISION, "operator", {"tenant_id": tenant_id}, RUN_IS_OVER)
    wanted = {"email": EMAIL, "password": password, "tenant_id": tenant_id}
    session = expect(await nobody.call(SIGN_IN, json=wanted), 200)
    access, refresh = str(session.value("/access_token")), str(session.value("/refresh_token"))
    for token in (access, refresh):
        run.secrets.register(token, "SMOKE_TOKEN_PAYER")
    return Subscriber(Caller(outsider.client, "payer", access), expect, tenant_id, refresh, plans)


async def moved_out(subscriber: Subscriber, operator: Actor, run: Run) -> None:
    """End the subscription, the session and the tenant; what could not be is noted."""
    for exchange in (
        await subscriber.call(f"POST {SUBSCRIPTION}/cancel", json={"cancel_at_period_end": False}),
        await subscriber.caller.call(LOGOUT, json={"refresh_token": subscriber.refresh}),
        await operator.call(DEPROVISION, json=RUN_IS_OVER, tenant_id=subscriber.tenant_id),
    ):
        if exchange.status not in (200, 404):
            answer = exchange.status or exchange.error
            run.note(f"left behind: {exchange.method} {exchange.url} answered {answer}")


class Onlooker:
    """Reads a stream of events up to the newest that is known, and then makes another happen."""

    def __init__(self, known: datetime, act: Callable[[], Awaitable[bool]]) -> None:
        self.known = known
        self.act = act
        self.acting: asyncio.Future[bool] | None = None

    def __call__(self, moment: datetime) -> bool:
        """Whether an event of this moment is newer than what was known."""
        if moment >= self.known and self.acting is None:
            self.acting = asyncio.ensure_future(self.act())
        return moment > self.known
