"""The generated pass: the plan's requests, one pytest item each, answered with their success.

pytest collects this module itself; `test_operation` is parametrised with the plan's entries.
"""

import pytest

from smoke.plan import Entry
from smoke.session.replay import Replay
from smoke.session.session import SmokeSession


@pytest.mark.generated
async def test_operation(entry: Entry, generated_pass: Replay, smoke: SmokeSession) -> None:
    """The operation answers with its documented success."""
    if not (smoke.is_quick and generated_pass.was_answered(entry)):
        await generated_pass.answer(entry)
