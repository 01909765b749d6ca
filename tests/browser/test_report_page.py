"""The HTML report as a person meets it: opened from disk, by mouse and by keyboard, on paper."""

from base64 import b64decode
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.conftest import log, look, requested

CONTRAST = """
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const linear = (v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const [x, y, z] = [r, g, b].map(linear);
  return .2126 * x + .7152 * y + .0722 * z;
};
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const back = channels(getComputedStyle(at).backgroundColor);
    if (back.length < 4 || back[3] > 0) return back;
  }
  return [255, 255, 255];
};
const found = [];
for (const node of document.querySelectorAll(arguments[0])) {
  if (!node.checkVisibility() || !node.textContent.trim()) continue;
  const [a, b] = [light(channels(getComputedStyle(node).color)), light(behind(node))];
  const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  found.push([contrast, node.className + ": " + node.textContent]);
}
return found;
"""


FOCUS = "return getComputedStyle(arguments[0]).outlineStyle"
TOP = "return arguments[0].getBoundingClientRect().top"


def visible(page: Chrome, selector: str) -> list[WebElement]:
    return [
        found for found in page.find_elements(By.CSS_SELECTOR, selector) if found.is_displayed()
    ]


def one(page: Chrome, selector: str) -> WebElement:
    return page.find_element(By.CSS_SELECTOR, selector)


def press(page: Chrome, *keys: str) -> None:
    for key in keys:
        page.switch_to.active_element.send_keys(key)


def test_first_screen_says_red_and_why(page: Chrome) -> None:
    headings = [found.text for found in visible(page, "h1")]
    assert headings == ["✖ RED eu (1 of 2 targets) (service)"]
    assert "eu: books.read" in one(page, ".verdict .why").text
    assert "expected 200, got 500" in one(page, ".verdict .why").text
    assert "books.read" in visible(page, ".failure summary")[0].text


def test_targets_are_a_table_that_leads_to_each(page: Chrome) -> None:
    rows = [row.text.replace("\n", " ") for row in visible(page, ".targets tbody tr")]
    assert [row.split()[:3] for row in rows] == [["eu", "✖", "red"], ["us", "✔", "green"]]
    one(page, ".targets tbody tr:last-child a").click()
    heading = one(page, "#target-1")
    assert heading.text == "Run of us green"
    assert page.execute_script(TOP, heading) < 900


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (400, 1500)])
def test_what_to_do_about_the_first_failure_needs_little_scrolling(
    page: Chrome, width: int, height: int
) -> None:
    look(page, width, "light")
    shown = {name.text: name for name in visible(page, ".failure[open] dt")}
    for name in ("asked", "expected", "got", "curl", "run alone"):
        assert page.execute_script(TOP, shown[name]) < height


def test_page_opens_without_a_word_on_the_console_and_asks_for_nothing(page: Chrome) -> None:
    one(page, "#operations button.row").click()
    assert log(page, "browser") == []
    asked = [url for url in requested(page) if not url.startswith("data:")]
    assert asked == [page.current_url.partition("#")[0]]


def test_hostile_texts_stay_texts(page: Chrome) -> None:
    for button in page.find_elements(By.CSS_SELECTOR, "button.exchange"):
        page.execute_script("arguments[0].click()", button)
    assert page.execute_script("return window.hacked") is None
    assert page.find_elements(By.CSS_SELECTOR, "main img, dialog img") == []
    assert "<script>window.hacked" in page.find_element(By.CSS_SELECTOR, ".failure pre").text


def test_grid_cell_leads_to_the_operations_of_its_surface(page: Chrome) -> None:
    cells = {cell.get_attribute("data-filter"): cell for cell in visible(page, ".cell")}
    cells["#films"].click()
    assert [row.text.split()[0] for row in visible(page, "#operations > tr")] == ["gated"]
    assert one(page, "#count").text == "1 of 4"


def test_grid_has_a_column_for_each_target(page: Chrome) -> None:
    heads = [head.text for head in visible(page, ".grid thead th")]
    assert heads == ["surface", "eu", "us"]
    rows = {row.text.split()[0]: row.text for row in visible(page, ".grid tbody tr")}
    assert "✖ 1/2" in rows["books"]
    assert "✔ 2/2" in rows["books"]
    assert "not in its contract" in rows["films"]


def test_filter_takes_words_and_chips(page: Chrome) -> None:
    one(page, "#filter").send_keys("books delete")
    assert len(visible(page, "#operations > tr")) == 1
    press(page, Keys.ESCAPE)
    assert len(visible(page, "#operations > tr")) == 4
    chips = {chip.get_attribute("data-account"): chip for chip in visible(page, ".chip")}
    chips["missing"].click()
    assert chips["missing"].get_attribute("aria-pressed") == "true"
    assert len(visible(page, "#operations > tr")) == 1


def test_filter_that_finds_nothing_says_so(page: Chrome) -> None:
    one(page, "#filter").send_keys("no such thing")
    assert one(page, "#none").is_displayed()


def test_keyboard_alone_reaches_an_exchange_and_comes_back(page: Chrome) -> None:
    one(page, "body").send_keys("/")
    press(page, "p", "o", "s", "t", Keys.ARROW_DOWN, Keys.ENTER)
    dialog = one(page, "dialog")
    assert dialog.is_displayed()
    assert one(page, "#exchange-title").text == "POST /books"
    assert one(page, "#place").text == "1/3"
    press(page, Keys.ARROW_RIGHT)
    assert one(page, "#place").text == "2/3"
    press(page, Keys.ESCAPE)
    assert not dialog.is_displayed()
    assert page.switch_to.active_element.get_attribute("class") == "row op"


def test_every_thing_to_press_is_reached_by_tab_and_shows_it(page: Chrome) -> None:
    seen: set[str] = set()
    press(page, Keys.TAB)
    while (here := page.switch_to.active_element).tag_name != "body":
        seen.add(here.tag_name)
        assert page.execute_script(FOCUS, here) != "none"
        press(page, Keys.TAB)
    assert {"a", "summary", "button", "input", "pre"} <= seen


def test_failure_opens_its_exchange_among_the_others(page: Chrome) -> None:
    one(page, ".failure .link").click()
    assert one(page, "#exchange-title").text == "GET /books/{book_id}"
    assert one(page, "#place").text == "4/5"


def test_tables_have_headers_and_lists_have_names(page: Chrome) -> None:
    for table in page.find_elements(By.CSS_SELECTOR, "table"):
        assert table.find_elements(By.CSS_SELECTOR, "thead th[scope=col]")
        assert table.find_elements(By.CSS_SELECTOR, "tbody th[scope=row]")
    names = [found.accessible_name for found in page.find_elements(By.CSS_SELECTOR, "table, ol")]
    assert "" not in names
    assert [found for found in visible(page, "button, input") if not found.accessible_name] == []


def test_exchange_shows_request_response_expectation_and_curl(page: Chrome) -> None:
    failing = next(b for b in visible(page, "button.exchange") if "500" in b.text)
    failing.click()
    text = one(page, "dialog").text
    for part in ("✖ expected\n200", "got\n500", "Request", "Response", "window.hacked", "r-3"):
        assert part in text
    assert "curl -sS -i -m 10 http://127.0.0.1:8000/books/7" in text
    assert '-H "authorization: Bearer $SMOKE_TOKEN_OWNER"' in text
    link = one(page, "dialog a").get_attribute("href") or ""
    assert link.startswith("https://traces.example.com/t/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_page_fits_and_is_legible(page: Chrome, width: int, scheme: str) -> None:
    look(page, width, scheme)
    wide = page.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    texts = "h1, h2, dd, dt, .op, .state, .why, .tag, .num, .cell span, .chip, .soft, em, kbd, a"
    contrasts = page.execute_script(CONTRAST, texts)
    assert len(contrasts) > 50
    assert [row for row in contrasts if row[0] < 4.5] == []


def test_light_and_dark_differ(page: Chrome) -> None:
    backs = []
    for scheme in ("light", "dark"):
        look(page, 1280, scheme)
        backs.append(one(page, "body").value_of_css_property("background-color"))
    assert len(set(backs)) == 2


def test_page_prints_whole_lists(page: Chrome, tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(b64decode(page.print_page()))
    assert pdf.read_bytes().startswith(b"%PDF")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not one(page, "#filter").is_displayed()
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(visible(page, ".failure[open]")) == 4
    lists = "[...document.querySelectorAll('.rows, .list, main pre')]"
    cut = f"return {lists}.filter(list => list.scrollHeight > list.clientHeight + 1)"
    assert [found.text for found in page.execute_script(cut)] == []


def test_columns_sort_and_say_so(page: Chrome) -> None:
    head = one(page, ".operations thead th:nth-child(3)")
    assert head.get_attribute("aria-sort") == "none"
    found = []
    for _ in range(2):
        one(page, ".operations thead th:nth-child(3) button").click()
        found.append([row.text for row in visible(page, "#operations th .op")])
    assert found[0] == sorted(found[0])
    assert found[1] == found[0][::-1]
    assert head.get_attribute("aria-sort") == "descending"


def test_failure_is_copied_as_markdown(page: Chrome) -> None:
    page.execute_script(
        "window.copied = [];"
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: async (text) => { window.copied.push(text); }}});"
    )
    button = visible(page, ".ticket")[0]
    button.click()
    (text,) = page.execute_script("return window.copied")
    assert text.startswith("### eu: books.read\n")
    for part in (
        "- expected: 200",
        "- got: 500",
        "curl:\n\n```\ncurl -sS",
        "run alone:\n\n```\nnox",
    ):
        assert part in text
    assert button.text == "copied"


def test_verdict_says_when_the_run_began(page: Chrome) -> None:
    assert "UTC" in visible(page, ".targets tbody tr")[0].text


def test_printed_page_is_no_wider_than_a4(page: Chrome) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    look(page, 703, "light")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.execute_script("return document.documentElement.scrollWidth") <= 703
