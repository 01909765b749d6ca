"""Usage: the counters of a tenant are its own."""

from typing import Any

from smoke import Actor, Expect, LeftOutError, World, exercises

USAGE = "GET /api/v1/usage"
# Months of which seeding gives the run's tenant a counter: a list may be cut at either end.
MONTHS = ("2020-02-01", "2099-12-01")
# The values of these counters, or more if each seeding adds to them.
SEEDED = {"input_tokens": 11, "output_tokens": 7, "requests": 3, "storage_bytes": 5}
# A list that has no pages and so many rows may have been cut.
MOST_ROWS = 100


@exercises(USAGE)
async def test_usage_is_of_the_tenant(
    viewer: Actor, outsider: Actor, expect: Expect, world: World
) -> None:
    """A seeded counter is listed with its numbers, and another tenant does not see it."""
    tenant_id = world["tenant_id"]
    own = expect(await viewer.call(USAGE))
    seeded = [row for row in own.json if _of_seeding(row)]
    if not seeded and len(own.json) >= MOST_ROWS:
        raise LeftOutError(f"the list of {len(own.json)} counters may be cut: none is the seeded")
    own.that("a seeded counter with its numbers", any(map(_is_whole, seeded)), seeded)
    tenants = set(own.values("/*/tenant_id"))
    own.that("counters of this tenant only", tenants == {tenant_id}, tenants)
    others = expect(await outsider.call(USAGE))
    others.lacks("/*/tenant_id", tenant_id)


def _of_seeding(row: dict[str, Any]) -> bool:
    return str(row["period_start"])[:10] in MONTHS and row["granularity"] == "month"


def _is_whole(row: dict[str, Any]) -> bool:
    return all(row[name] >= number for name, number in SEEDED.items())
