"""The page of a fleet stays usable with 300 targets and 25 surfaces."""

from array import array
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from smoke.fleet.expectation import Expected
from smoke.fleet.merge.digest import Digest
from smoke.fleet.merge.files import write_files
from smoke.fleet.merge.merger import Answer, Merged
from tests.browser.conftest import log, look

TARGETS, SURFACES = 300, 25

# What is wrong with every tenth target, and with another one in fifty.
RED, SILENT = range(0, TARGETS, 10), range(5, TARGETS, 50)


def answer(number: int) -> Answer:
    """The answer of one target: some are red in one surface, some did not come back."""
    tags = (f"owner:team{number % 3}", "canary" if number % 5 else "prod")
    expected = Expected(f"t{number:03}", number, tags)
    if number in SILENT:
        return Answer(expected, None, (), 0)
    word, code, cause, reason = ("red", 1, "service", "GET /x: got 500") if number in RED else (
        "green", 0, "", ""
    )  # fmt: skip
    cells = array("I")
    for surface in range(SURFACES):
        broken = int(number in RED and surface == number % SURFACES)
        cells.extend([surface, 9 - broken, broken, 9])
    found = Digest(
        expected.name, "r1", f"u{number}", 1, "", word, code, cause, reason,
        "https://example.com", f"1.{number % 2}", 1.0, 90, cells,
    )  # fmt: skip
    return Answer(expected, found, (found,), 1)


@pytest.fixture
def grid(browser: Chrome, tmp_path: Path) -> Chrome:
    """The browser with the page of a fleet of 300."""
    answers = sorted(map(answer, range(TARGETS)), key=lambda one: (-int(one.exit == 1), one.exit))
    names = tuple(f"surface-{number}" for number in range(SURFACES))
    page = write_files(Merged("r1", tuple(answers), names, (), 0), tmp_path, {})
    look(browser, 1280, "light")
    log(browser, "browser")
    browser.get(page.as_uri())
    return browser


def shown(page: Chrome) -> list[str]:
    """The names of the rows, in the order in which the page has them now."""
    names: list[str] = page.execute_script(
        "return [...document.querySelectorAll('#grid tbody tr')].map("
        "row => row.cells[0].textContent)"
    )
    return names


def press(page: Chrome, text: str) -> None:
    """Press the button with that text."""
    buttons = page.find_elements(By.CSS_SELECTOR, "button")
    next(one for one in buttons if one.text.startswith(text)).click()


def test_grid_has_a_row_for_each_target_and_a_column_for_each_surface(grid: Chrome) -> None:
    assert len(shown(grid)) == TARGETS
    assert len(grid.find_elements(By.CSS_SELECTOR, "#grid thead th")) == 4 + SURFACES
    # The head and the name of a target stay in sight in both directions.
    grid.execute_script("document.querySelector('.scroll').scrollTo(900, 4000)")
    head = grid.find_element(By.CSS_SELECTOR, "#grid thead th.target")
    box = grid.find_element(By.CSS_SELECTOR, ".scroll")
    assert head.rect["y"] >= box.rect["y"] - 1
    assert abs(head.rect["x"] - box.rect["x"]) <= 2
    assert log(grid, "browser") == []


def test_chips_filter_group_and_sort_narrow_three_hundred_rows(grid: Chrome) -> None:
    press(grid, "red")
    assert shown(grid) == [f"t{number:03}" for number in RED]
    Select(grid.find_element(By.ID, "group")).select_by_visible_text("tag owner")
    heads = [name for name in shown(grid) if "targets" in name]
    assert sorted(heads) == [f"owner:team{n}: 10 targets, 0 green" for n in range(3)]
    Select(grid.find_element(By.ID, "group")).select_by_visible_text("nothing")
    press(grid, "red")
    press(grid, "missing")
    assert shown(grid) == [f"t{number:03}" for number in SILENT]
    press(grid, "missing")
    grid.find_element(By.ID, "filter").send_keys("canary 1.0 green")
    assert len(shown(grid)) == len([
        n for n in range(TARGETS) if n % 5 and n % 2 == 0 and n not in RED and n not in SILENT
    ])  # fmt: skip
    grid.find_element(By.ID, "filter").clear()
    press(grid, "surface-20")
    assert [int(name[1:]) % SURFACES for name in shown(grid)[:6]] == [20] * 6
    assert log(grid, "browser") == []
