"""
Pairs: creations, changes and deletions of the plan are read back where the plan has a read.

pytest collects this module itself; its check is parametrised with the pairs of the plan.
"""

import pytest

from smoke.session.readback import Pair, pairs_of
from smoke.session.replay import Replay
from smoke.session.session import SmokeSession


def pairs(smoke: SmokeSession) -> dict[str, Pair]:
    """The pairs of entries that this run sends, by name."""
    found = (pair for pair in pairs_of(smoke.plan) if smoke.is_sent(pair.entry))
    return {pair.name: pair for pair in found if smoke.omissions.sends(pair.reader)}


@pytest.mark.generated
async def test_change_is_read_back(pair: Pair, generated_pass: Replay) -> None:
    """What was written is read back, and what was deleted is gone from where it was seen."""
    await generated_pass.readback.check(pair)
