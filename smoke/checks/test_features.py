"""Features: what the service says of itself is how it behaves."""

from smoke import Actor, Caller, Expect, exercises, gate

FEATURES = "GET /api/v1/features"
PLANS = "GET /api/v1/billing/plans"
# What a surface answers that is switched off.
ABSENT = (403, 404, 500, 503)


@gate("billing")
@exercises(FEATURES)
async def test_open_billing_is_announced(viewer: Actor, expect: Expect) -> None:
    """Where billing must work, the service says that billing is enabled."""
    expect(await viewer.call(FEATURES)).holds("/billing_enabled", True)


@exercises(FEATURES)
async def test_flags_agree_with_behaviour(viewer: Actor, anonymous: Caller, expect: Expect) -> None:
    """Billing plans are answered where billing is enabled, and only there."""
    features = expect(await viewer.call(FEATURES))
    plans = await anonymous.call(PLANS)
    expect(plans, *((200,) if features.value("/billing_enabled") else ABSENT), shape=False)
