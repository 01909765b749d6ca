"""Does the service say of itself what is expected to be open?"""

from smoke import Actor, Expect, exercises, gate

FEATURES = "GET /api/v1/features"


@gate("billing")
@exercises(FEATURES)
async def test_open_billing_is_told(viewer: Actor, expect: Expect) -> None:
    """Where billing must work, the service says that billing is enabled."""
    expect(await viewer.call(FEATURES)).holds("/billing_enabled", True)
