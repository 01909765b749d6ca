"""Does the service say of itself what is expected to be open?"""

import pytest

from smoke.checks import exercises
from smoke.results.expectations import Expect
from smoke.session.actors import Actor

FEATURES = "GET /api/v1/features"


@pytest.mark.gate("billing")
@exercises(FEATURES)
async def test_open_billing_is_told(viewer: Actor, expect: Expect) -> None:
    """Where billing must work, the service says that billing is enabled."""
    expect(await viewer.call(FEATURES)).holds("/billing_enabled", True)
