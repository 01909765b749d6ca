"""Are the counters of what a tenant used its own?"""

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.expect import Expect
from smoke.seed import World

USAGE = "GET /api/v1/usage"
SEEDED = {
    "period_start": "2020-02-01",
    "granularity": "month",
    "input_tokens": 11,
    "output_tokens": 7,
    "requests": 3,
    "storage_bytes": 5,
}
"""The counter of a month long ago that seeding gives to the run's tenant."""


@exercises(USAGE)
async def test_usage_is_the_tenant_s(
    viewer: Actor, outsider: Actor, expect: Expect, world: World
) -> None:
    """The seeded counter is listed with its numbers, and another tenant does not see it."""
    tenant_id = world["tenant_id"]
    own = expect(await viewer.call(USAGE))
    counted = [{name: row[name] for name in SEEDED} for row in own.json]
    own.that("the seeded counter, once", counted.count(SEEDED) == 1, counted[-3:])
    tenants = set(own.values("/*/tenant_id"))
    own.that("counters of this tenant only", tenants == {tenant_id}, tenants)
    others = expect(await outsider.call(USAGE))
    others.lacks("/*/tenant_id", tenant_id)
