"""One order of severity for failures of a run and for runs of targets."""

import pytest

from smoke.errors import Cause, Exit
from smoke.results.outcome import WORST_FIRST, exit_of, worst_first


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([0, 0], 0),
        ([0, 2], 2),
        ([2, 1], 1),
        ([3, 2], 2),
        ([4, 2, 0], 4),
        ([4, 1], 1),
    ],
)
def test_worst_target_decides_for_all(codes: list[int], worst: int) -> None:
    assert min(map(Exit, codes), key=WORST_FIRST.index) == worst


def test_failures_are_ordered_as_their_exit_codes_are() -> None:
    causes = ["harness", "environment", "contract", "", "service"]
    assert worst_first(causes, str) == ["contract", "service", "environment", "harness", ""]
    assert [exit_of(cause) for cause in Cause] == [1, 1, 2, 3]
