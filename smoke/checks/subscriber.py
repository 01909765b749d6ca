"""A tenant that subscriptions are tried on, also while another run tries them too."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smoke.auth import Actor
from smoke.expect import Answer, Expect
from smoke.run import Exchange

TENANT = "/api/v1/billing/tenants/{tenant_id}"
SUBSCRIPTION = f"{TENANT}/subscription"
USAGE = f"{TENANT}/usage"
TOTALS = f"GET {TENANT}/usage-totals"
TRIES = 4
"""How often something is tried that another run may have got in the way of."""

Act = Callable[[], Awaitable[Exchange]]


@dataclass(frozen=True)
class Subscriber:
    """The tenant's owner, who starts subscriptions that are told apart by their billing address.

    Starting one replaces whatever the tenant had. A subscription that is read with the address of
    another run shows that this run was disturbed, and it tries again. No run ends a subscription
    at once, since another one may be using it: it is cancelled at the end of its period.
    """

    actor: Actor
    expect: Expect
    tenant_id: str
    address: str
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
        return await self.actor.call(operation, tenant_id=self.tenant_id, **values)

    async def look(self) -> Exchange:
        """Read the subscription."""
        return await self.call(f"GET {SUBSCRIPTION}")

    async def start(self, seats: int = 2) -> Answer:
        """Start a subscription of this run, in the place of any other."""
        body = {"plan_code": self.cheap, "billing_email": self.address, "seat_count": seats}
        return self.expect(await self.call(f"POST {SUBSCRIPTION}", json=body))

    async def after(self, act: Act, status: int = 200) -> tuple[Answer, Answer]:
        """Start a subscription, act on it, and return what that answered and what is read then."""
        for _ in range(TRIES):
            await self.start()
            acted, read = await act(), self.expect(await self.look())
            if acted.status == status and self.owns(read.json):
                break
        return self.expect(acted, status), read

    def owns(self, subscription: dict[str, Any]) -> bool:
        """Whether a subscription is one that this run started."""
        mine = self.address.partition("@")[0]
        return str(subscription.get("billing_email")).startswith(mine)

    async def cancel(self) -> Exchange:
        """End the subscription with its period."""
        return await self.call(f"POST {SUBSCRIPTION}/cancel", json={"cancel_at_period_end": True})

    async def used(self) -> int:
        """How much of the metered feature the tenant has used in all."""
        query = {"feature_keys": self.feature}
        totals = self.expect(await self.call(TOTALS, query=query))
        return sum(row["quantity"] for row in totals.json if row["feature_key"] == self.feature)

    async def restore(self, before: Exchange) -> None:
        """Leave the tenant as it was found: with its own subscription, or with one that ends."""
        found = before.json if before.status == 200 else {}
        own = not str(found.get("billing_email")).startswith("smoke-")
        if found.get("status") == "active" and not found.get("cancel_at") and own:
            kept = ("plan_code", "billing_email", "auto_renew", "seat_count")
            body = {name: found[name] for name in kept if found.get(name) is not None}
            await self.call(f"POST {SUBSCRIPTION}", json=body)
        elif (await self.look()).status == 200:
            await self.cancel()


class Onlooker:
    """Reads a stream of events up to the newest that is known, and then makes another happen."""

    def __init__(self, known: datetime, act: Callable[[], Awaitable[Any]]) -> None:
        self.known = known
        self.act = act
        self.acting: asyncio.Future[Any] | None = None

    def __call__(self, moment: datetime) -> bool:
        """Whether an event of this moment is newer than what was known."""
        if moment == self.known and self.acting is None:
            self.acting = asyncio.ensure_future(self.act())
        return moment > self.known
