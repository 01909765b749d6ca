"""A service that answers everything with valid examples is red by the plan alone."""

from pathlib import Path

import pytest

from tests.liar.__main__ import NAMES, SUITE, lied_to, seen
from tests.liar.service import MODES, REMEMBERING
from tests.liar.suite import lied_to_suite
from tests.unlike.projects import verdict


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_liar_is_red_and_every_green_check_has_a_reason(
    name: str, mode: str, tmp_path: Path
) -> None:
    run = lied_to(name, mode, tmp_path)
    found = seen(name, mode, run)
    assert run.code == 1, run.out
    assert "(service)" in verdict(run) or name == "library", run.out
    assert found.unexplained == [], run.out
    # The pattern of an ISBN is beyond the liar: there a wrong shape is found before anything else.
    # Else a write is found out: its answer shows another name, or it is not read back.
    writes = ("readback.", "POST ", "PUT ")
    assert name == "library" or any(check.startswith(writes) for check in found.failed)


def test_whole_suite_is_red_and_every_green_check_has_a_reason(tmp_path: Path) -> None:
    run = lied_to_suite(REMEMBERING, tmp_path)
    found = seen(SUITE, REMEMBERING, run)
    assert run.code == 1, run.out
    assert found.unexplained == []
    assert len(found.failed) > 2 * len(found.reasons)
