"""Plan files: JSON of any kind, and valid plans made wrong, are refused or can be used."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.plan import Blocked, Plan, Pool, follow_up, load
from smoke.plan.changes import diff, stale
from smoke.plan.explain import table
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated, scratched, values
from tests.planning import plan_of
from tests.unlike import contract_of, rules_of

NOTES = plan_of("notes")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the broken plans; each overwrites the one before."""
    return tmp_path_factory.mktemp("plans") / "bad"


def read_or_refused(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
    with bounded(), refusable(rf"{re.escape(str(path))}(:\d+:\d+|#(/.*)?): \S|Make it again"):
        used(load(path))


def used(plan: Plan) -> None:
    """Use a plan in every way except sending it."""
    stale(plan, contract_of("notes"), rules_of("notes"))
    assert plan.text()
    assert isinstance(diff(NOTES, plan) + diff(plan, NOTES), list)
    assert table(plan)
    assert len(plan.closure(set(plan.by_name))) >= len(plan.by_name)
    assert plan.first_destructive <= len(plan.entries) + 1
    pool = Pool("0a1b2c3d", {"actor.owner.email": "owner@example.com"})
    for entry in plan.entries:
        pool.wants(entry)
        filled = pool.fill(entry)
        if not isinstance(filled, Blocked):
            assert filled.target.startswith("/")
            pool.feed(entry.name, {"id": 1, "items": [{"id": 2}]}, {"Location": "/x/3"}, filled)
            follow_up(entry, {"id": 1, "url": "http://127.0.0.1/"})


@tried(120)
@given(mutated(json.loads(NOTES.text()), 1))
def test_plan_made_wrong(path: Path, document: Any) -> None:
    read_or_refused(path, json.dumps(document))


@tried(60)
@given(mutated(json.loads(plan_of("shop").text())))
def test_other_plan_made_wrong(path: Path, document: Any) -> None:
    read_or_refused(path, json.dumps(document))


@tried(40)
@given(scratched(NOTES.text()))
def test_text_made_wrong(path: Path, text: str) -> None:
    read_or_refused(path, text)


@tried(40)
@given(st.text() | values().map(json.dumps))
def test_any_text(path: Path, text: str) -> None:
    read_or_refused(path, text)
