"""
Views: operations that show one and the same thing agree about it.

pytest collects this module itself; its check is there where the contract has such operations. It
comes last, and only where two answers of the run disagree does it send a request.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from smoke.results.expectations import Expect
from smoke.results.views import may_agree
from smoke.session.agreement import Agreement
from smoke.session.run_actors import Actors
from smoke.session.session import SmokeSession


def several_views(smoke: SmokeSession) -> Mapping[Any, bool]:
    """Whether the contract has things that several operations show; empty if it has none."""
    return {pytest.HIDDEN_PARAM: True} if may_agree(smoke.contract) else {}


@pytest.mark.generated
@pytest.mark.alone
async def test_views_agree(several_views: bool, actors: Actors, expect: Expect) -> None:
    """Operations that show the same thing show the same values."""
    assert several_views  # noqa: S101  (without it the check does not exist)
    await Agreement(actors.client, expect, actors.caller).check()
