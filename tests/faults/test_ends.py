"""A sample of the kill matrix: `nox -s prove -- ends` runs all of it."""

from pathlib import Path

import pytest

from tests.faults.ends.matrix import POINTS, Cell, cells, run_and_forget
from tests.faults.ends.misuses import MISUSES

SAMPLE = (
    Cell("TERM", 9, "nox"), Cell("INT", 13, "nox"), Cell("KILL", 11, "nox"),
    Cell("KILL", 15, "two targets"), Cell("full disk", 9, "two targets"),
    Cell("misuse", 5, "nox"), Cell("crash", 3, "two targets"),
)  # fmt: skip


@pytest.mark.timeout(250)
@pytest.mark.parametrize("cell", SAMPLE, ids=str)
def test_run_that_ends_early_is_honest_and_harmless(cell: Cell, tmp_path: Path) -> None:
    result = run_and_forget(cell, tmp_path / "cell")
    assert result.wrong == [], result.out
    assert result.reached


def test_matrix_is_whole() -> None:
    assert len(set(cells())) == 6 * POINTS * 3
    assert len(MISUSES) == POINTS
    assert set(SAMPLE) <= set(cells())
