"""Features: the service behaves as its list of features says."""

from smoke import Exchange, Expect, exercises, gate
from smoke.checks.conftest import FEATURES

# The statuses of a surface that is switched off.
ABSENT = (403, 404, 500, 503)


@gate("billing")
@exercises(FEATURES)
async def test_open_billing_is_announced(features: Exchange, expect: Expect) -> None:
    """Where billing must work, the service says that billing is enabled."""
    expect(features).holds("/billing_enabled", True)


@exercises(FEATURES)
async def test_flags_agree_with_behaviour(
    features: Exchange, plans: Exchange, expect: Expect
) -> None:
    """Billing plans are answered where billing is enabled, and only there."""
    is_enabled = expect(features).value("/billing_enabled")
    expect(plans, *((200,) if is_enabled else ABSENT), shape=False)
