"""The screens of green, red, unverified and misused runs are those that are committed."""

import pytest

from tests.report.screens import HERE, VIEWS, screens

SCREENS = dict(screens())


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_the_committed_one(name: str) -> None:
    committed = (HERE / name).read_text(encoding="utf-8")
    assert SCREENS[name] == committed, "Look at it, then: python -m tests.report.screens"


def test_every_committed_screen_is_of_a_run() -> None:
    assert {path.name for path in HERE.glob("*.txt")} == set(SCREENS)


# Lines of these may be longer than the terminal: they are pasted, or read by a program.
PASTED = ("curl ", "again ", "link ", "report ", "::")


@pytest.mark.parametrize("name", SCREENS)
def test_screen_fits_its_terminal(name: str) -> None:
    width = VIEWS[name.split(".")[1]]
    lines = SCREENS[name].splitlines()
    assert [line for line in lines if len(line) > width and not line.startswith(PASTED)] == []
