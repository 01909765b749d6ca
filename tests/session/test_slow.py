"""An answer that takes longer than its rule allows is noted, or red where the target says so."""

from pathlib import Path

import pytest

from tests.smoking import smoke_run
from tests.unlike import notes
from tests.unlike.projects import KEYS, project_of
from tests.unlike.serve import serving

NO_TIME = '[[rule]]\noperation = "* /notes*"\nslow_s = 0.000001\n'
TIME = '[[rule]]\noperation = "* /notes*"\nslow_s = 60\n'


@pytest.mark.parametrize(
    ("rules", "row", "code", "said"),
    [
        (TIME, "slow_is_red = true", 0, False),
        (NO_TIME, "", 0, True),
        (NO_TIME, "slow_is_red = true", 1, True),
    ],
)
def test_late_answer_is_noted_or_red(
    rules: str, row: str, code: int, said: bool, tmp_path: Path
) -> None:
    with serving(notes.make()) as url:
        target = f'base_url = "{url}"\nenvironment = "local"\n{row}'
        root = project_of("notes", tmp_path / "project", target, rules=rules)
        run = smoke_run(tmp_path / "records", root=root, **KEYS)
    assert run.code == code, run.out
    assert ("an answer within 1e-06 s" in run.out) is said, run.out
