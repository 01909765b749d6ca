"""Templates: placeholders, omitted keys without a value, and keys behind a closed gate."""

from typing import Any

import pytest

from smoke.config.rules.values import render
from smoke.errors import DataError

VALUES = {
    "run": "1f",
    "tenant_id": None,
    "email:owner": "o@example.com",
    "email:head-of.desk": "h@example.com",
    "count": 3,
}


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("smoke-{run}", "smoke-1f"),
        ("{email:owner}", "o@example.com"),
        ("{count}", 3),
        (7, 7),
        ({"a": "{tenant_id}", "b": "{run}"}, {"b": "1f"}),
        (["{tenant_id}", "x"], ["x"]),
        ({"plan": {"gate": "billing", "value": "pro-{run}"}}, {"plan": "pro-1f"}),
        ({"plan": {"gate": "ai", "value": "pro"}}, {}),
        ("{tenant_id}", None),
        ({"json": "{not a placeholder}"}, {"json": "{not a placeholder}"}),
        ("{{run}} is {run}", "{run} is 1f"),
        ("{email:head-of.desk}", "h@example.com"),
    ],
)
def test_template_is_rendered(template: Any, rendered: Any) -> None:
    assert render(template, VALUES, frozenset({"billing"})) == rendered


def test_text_around_a_missing_value_is_a_mistake() -> None:
    with pytest.raises(DataError, match=r"'x-\{tenant_id\}' needs 'tenant_id'"):
        render("x-{tenant_id}", VALUES, frozenset())
