"""Does the service say of itself what is expected to be open?"""

import pytest

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.expect import Expect

FEATURES = "GET /api/v1/features"


@pytest.mark.gate("billing")
@exercises(FEATURES)
async def test_open_billing_is_told(viewer: Actor, expect: Expect) -> None:
    """Where billing must work, the service says that billing is enabled."""
    expect(await viewer.call(FEATURES)).holds("/billing_enabled", True)
