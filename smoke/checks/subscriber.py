"""A tenant with a subscription that this run may change: no other run shares it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smoke import Answer, Caller, Exchange, Expect, Lists

TENANT = "/api/v1/billing/tenants/{tenant_id}"
SUBSCRIPTION = f"{TENANT}/subscription"
TOTALS = f"GET {TENANT}/usage-totals"


@dataclass
class Subscriber:
    """An admin of the tenant, and the plans on sale, the cheapest first."""

    caller: Caller
    expect: Expect
    tenant_id: str
    plans: list[dict[str, Any]]
    # The subscription as it was read last; None once it may have changed.
    _last: Answer | None = None

    @property
    def cheapest(self) -> str:
        """The code of the cheapest plan, which every subscription starts with."""
        return str(self.plans[0]["code"])

    @property
    def dearest(self) -> str:
        """The code of the dearest plan."""
        return str(self.plans[-1]["code"])

    @property
    def feature(self) -> str:
        """A feature with metered use."""
        features = [row for plan in self.plans for row in plan.get("features", [])]
        metered = [str(row["key"]) for row in features if row.get("is_metered")]
        return next(iter(metered), "smoke_usage")

    async def call(self, operation: str, **values: Any) -> Exchange:
        """Call an operation on the tenant's billing."""
        if SUBSCRIPTION in operation and not operation.startswith("GET "):
            self._last = None
        return await self.caller.call(operation, tenant_id=self.tenant_id, **values)

    async def start(self, **values: Any) -> Answer:
        """Start a subscription, in the place of any other."""
        body = {"plan_code": self.cheapest, **values}
        return self.expect(await self.call(f"POST {SUBSCRIPTION}", json=body))

    async def read(self) -> Answer:
        """Read the subscription."""
        self._last = self.expect(await self.call(f"GET {SUBSCRIPTION}"))
        return self._last

    async def known(self) -> Answer:
        """Return the subscription as it is, read only where it may have changed since."""
        return self._last or await self.read()

    async def end(self, *, at_once: bool = True) -> Answer:
        """End the subscription, at once or with its period."""
        wish = {"cancel_at_period_end": not at_once}
        return self.expect(await self.call(f"POST {SUBSCRIPTION}/cancel", json=wish))

    async def used(self, lists: Lists, wanted: int | None = None) -> int:
        """Return how much of the metered feature the tenant has used; `wanted` may be awaited."""

        def quantity(rows: list[dict[str, Any]]) -> int:
            return sum(row["quantity"] for row in rows if row["feature_key"] == self.feature)

        values = {"feature_keys": self.feature, "tenant_id": self.tenant_id}
        rows = await lists.until(
            self.caller, TOTALS, lambda rows: wanted in (None, quantity(rows)), **values
        )
        return quantity(rows)


class EventWaiter:
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
