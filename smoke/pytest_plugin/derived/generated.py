"""The generated pass: the plan's requests, one pytest item each, answered with their success.

pytest collects this module itself; `test_operation` is parametrised with the plan's entries.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smoke.plan import Entry
    from smoke.session.replay import Replay


@pytest.mark.generated
async def test_operation(entry: "Entry", generated_pass: "Replay") -> None:
    """The operation answers with its documented success."""
    await generated_pass.answer(entry)
