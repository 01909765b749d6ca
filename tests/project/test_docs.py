"""The manual: its links have targets, its tables come from the schemas, its modules exist."""

import re
from pathlib import Path

import pytest

from tests.project.tables import PAGES, ROOT, rewritten

TEXTS = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    wrong = []
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            wrong.append(link)
    assert wrong == []


def test_every_page_of_the_manual_is_in_its_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\(([\w/-]+\.md)\)", index))
    pages = {str(page.relative_to(ROOT / "docs")) for page in PAGES}
    assert pages - {"README.md"} == listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_are_those_of_the_schemas(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == rewritten(text), "Make them again: python -m tests.project.tables"


def test_each_step_of_a_request_names_one_module() -> None:
    text = (ROOT / "docs/explanation/one-request.md").read_text(encoding="utf-8")
    steps = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
    named = [re.findall(r"`(smoke/[\w/]+\.py)`", step) for step in steps]
    assert len(steps) <= 10
    assert [len(modules) for modules in named] == [1] * len(steps)
    assert [name for (name,) in named if not (ROOT / name).is_file()] == []
