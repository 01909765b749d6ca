"""What was written is read back; what a service writes in its own way is no lost write."""

from typing import Any

import pytest

from smoke.session.differences import differs
from smoke.session.readback import REMOVED, UPDATED, WRITTEN, pairs_of
from tests.planning import OBJECT, operation, plan_for, thing, things

TOKEN = "0a1b2c3d"
NAME = f"smoke-{TOKEN}-beef"


@pytest.mark.parametrize(
    ("sent", "read", "answered", "right"),
    [
        ({"name": NAME}, {"id": 1, "name": NAME}, {}, True),
        ({"name": NAME}, {"id": 1, "name": NAME.upper()}, {}, True),
        ({"name": NAME}, {"data": {"name": NAME}}, {}, True),
        ({"name": NAME}, {"name": "Herbie"}, {"name": "Herbie"}, False),
        ({"amount": 9.5}, {"amount": 9.50}, {}, True),
        ({"amount": 9.5, "unit": "kg"}, {"amount": 9.5, "unit": "kilo"}, {"unit": "kilo"}, True),
        ({"amount": 9.5, "unit": "kg"}, {"amount": 9.5, "unit": "t"}, {"unit": "kilo"}, False),
        ({"amount": 9.5}, {"amount": 1}, {"amount": 1}, False),
        ({"day": "2024-01-01"}, {"day": "2024-01-01T00:00:00Z"}, {}, True),
        ({"password": NAME, "a": 1}, {"password": "***", "a": 1}, {}, True),
        ({"state": "new", "a": 1}, {"state": "done", "a": 1}, {}, True),
        ({"order_id": "the-key"}, {"order_id": "9f"}, {"order_id": "9f"}, True),
    ],
)
def test_write_is_compared_with_its_read(sent: Any, read: Any, answered: Any, right: bool) -> None:
    assert (differs(sent, read, answered, TOKEN, changed=False) == "") is right


@pytest.mark.parametrize(
    ("read", "right"), [("new", True), ("old", False), ("NEW", True), ("New and fine", True)]
)
def test_change_that_left_the_old_value_is_lost(read: str, right: bool) -> None:
    sent, was = {"a": "new", "b": 1}, {"a": "old", "b": 1}
    assert (differs(sent, {"a": read, "b": 1}, was, TOKEN, changed=True) == "") is right


def test_change_is_lost_where_the_read_shows_the_previous_value_of_the_same_run() -> None:
    sent, was = {"name": f"smoke-renamed-{TOKEN}-beef"}, {"name": NAME}
    assert differs(sent, was, was, TOKEN, changed=True) != ""
    assert differs(sent, sent, was, TOKEN, changed=True) == ""


def test_plan_has_a_pair_for_each_thing_that_it_can_read() -> None:
    paths = things()
    paths["/things/{id}"]["patch"] = operation(OBJECT, thing("name"))
    found = {(pair.kind, pair.reader.operation) for pair in pairs_of(plan_for(paths))}
    assert found == {
        (WRITTEN, "GET /things/{id}"),
        (UPDATED, "GET /things/{id}"),
        (REMOVED, "GET /things/{id}"),
    }
