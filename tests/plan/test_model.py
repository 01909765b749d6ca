"""The plan's file: stale plans, differences, explanations and suggestions."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smoke.config.rules import Rules, parse
from smoke.contract import Contract
from smoke.errors import DataError
from smoke.plan import load
from smoke.plan.build.builder import build
from smoke.plan.changes import diff, stale
from smoke.plan.explain import rows, suggest, table
from tests.planning import SEND, operation, plan_for, plan_of, thing
from tests.unlike import NAMES, contract_of, rules_of


@pytest.mark.parametrize("name", NAMES)
def test_plan_that_was_saved_is_read_back_the_same(name: str, tmp_path: Path) -> None:
    plan = plan_of(name)
    plan.save(tmp_path / "plan.json")
    assert load(tmp_path / "plan.json") == plan
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == plan.text()


def test_file_omits_default_values() -> None:
    document = json.loads(plan_of("notes").text())
    row = next(e for e in document["entries"] if e["operation"] == "GET /ping")
    assert row == {
        "actor": "anonymous",
        "expect": [200],
        "operation": "GET /ping",
        "phase": "read",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a plan of this version"),
        ('{"contract": ""}', "not a plan of this version"),
        ('{"contract":"","rules":"","operations":{},"problems":[],"generator":'
         '{"plan":1,"schemathesis":""},"entries":[{"operation":"GET /","colour":1}]}',
         "not a plan of this version"),
    ],
)  # fmt: skip
def test_file_that_is_not_a_plan_is_reported_with_advice(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as error:
        load(tmp_path / "plan.json")
    assert "smoke plan" in str(error.value)


def test_missing_plan_is_reported_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no plan: No such file.*smoke plan"):
        load(tmp_path / "plan.json")


def test_part_of_a_plan_includes_its_prerequisites() -> None:
    part = plan_of("notes").closure({"GET /notes/{noteId}/attachments/{attachment_id}"})
    assert [entry.name for entry in part] == [
        "POST /notes",
        "POST /notes/{noteId}/attachments",
        "GET /notes/{noteId}/attachments/{attachment_id}",
    ]
    assert plan_of("notes").closure({"GET /nowhere"}) == ()


def test_plan_lists_creating_and_destructive_operations() -> None:
    plan = plan_of("shop")
    assert plan.creates == {"POST /customers": "/id", "POST /orders": "/id"}
    assert plan.destroys == {"DELETE /customers/{customerId}", "POST /orders/{order_id}/cancel"}


def changed_shop(text: str, new: str) -> Contract:
    contract = contract_of("shop")
    return Contract(json.loads(json.dumps(contract.document).replace(text, new)), "shop")


def test_plan_is_up_to_date_with_its_contract_and_rules() -> None:
    assert stale(plan_of("shop"), contract_of("shop"), rules_of("shop")) == []


def test_new_schemathesis_release_does_not_make_a_plan_stale() -> None:
    plan = replace(plan_of("shop"), schemathesis="0.0.1")
    assert stale(plan, contract_of("shop"), rules_of("shop")) == []


def test_stale_plan_lists_the_changed_operations() -> None:
    renamed = changed_shop('"/feed"', '"/news"')
    assert stale(plan_of("shop"), renamed) == [
        "Operation added: GET /news.",
        "Operation removed: GET /feed.",
    ]


def test_change_of_a_schema_changes_the_operations_that_use_it() -> None:
    bigger = changed_shop('"minimum": 0, "exclusive', '"minimum": 5, "exclusive')
    assert stale(plan_of("shop"), bigger) == [
        "Operation changed: POST /orders.",
        "Operation changed: GET /orders/{order_id}.",
        "Operation changed: PATCH /orders/{order_id}.",
    ]


def test_change_outside_the_operations_is_reported_too() -> None:
    titled = changed_shop('"Shop"', '"Store"')
    assert stale(plan_of("shop"), titled) == ["The contract changed, but no operation did."]


def test_changed_rules_and_another_generator_make_a_plan_stale() -> None:
    plan = replace(plan_of("shop"), generator=0)
    assert stale(plan, contract_of("shop"), parse("", "r.toml")) == [
        "The plan was built by generator 0; this is 2.",
        "The rules in r.toml changed.",
    ]


def test_differences_of_plans_are_described() -> None:
    text = '[samples]\ntitle = "Plain"\nq = "smoke"\n[actors.owner]\n[actors.other]\n'
    text += '[[rule]]\noperation = "GET /events"\nactor = "other"\nstream = { events = 2 }\n'
    text += '[[rule]]\noperation = "DELETE /notes"\nexcept = { reason = "no" }\n'
    text += '[[rule]]\noperation = "GET /ping"\nas = "again"\n'
    new = build(contract_of("notes"), parse(text))
    lines = diff(plan_of("notes"), new)
    assert "added: again" in lines
    assert 'changed: GET /events: actor "owner" → "other"' in lines
    assert "changed: GET /events: limits of its stream" in lines
    assert "changed: DELETE /notes: excepted: no" in lines
    assert (
        'changed: POST /notes: body/title {"$unique": "smoke-", "label": "POST /notes#body/title"}'
        ' → "Plain"' in lines
    )
    assert diff(plan_of("notes"), plan_of("notes")) == []
    assert "removed: again" in diff(new, plan_of("notes"))


def test_difference_names_where_the_order_changes() -> None:
    plan = plan_of("shop")
    moved = replace(plan, entries=tuple(reversed(plan.entries)))
    assert diff(plan, moved)[-1] == f"order: from {moved.entries[0].name} on"


@pytest.mark.parametrize("name", NAMES)
def test_every_path_parameter_has_a_producer_or_a_reason(name: str) -> None:
    found = rows(plan_of(name))
    wanted = sum(operation.count("{") for operation in contract_of(name).operations)
    assert len(found) == wanted
    assert all(row.producer or row.reason for row in found)


def test_explanation_is_a_table() -> None:
    text = table(plan_of("shop"))
    assert "| GET /receipts/{receipt_no} | receipt_no | — | the value 'R-1' (rule) |" in text
    assert (
        "| GET /orders/{order_id} | order_id | POST /orders /id | made in the collection |" in text
    )


def test_explanation_shows_the_source_of_every_value() -> None:
    paths = {"/things": {"post": operation(None, thing("name", "note"), parameters=[
        {"name": "q", "in": "query", "required": True, "schema": {"enum": ["a"]}},
        {"name": "X-B", "in": "header", "required": True, "schema": {"type": "boolean"}},
    ])}}  # fmt: skip
    rules = f'{SEND}[[rule]]\noperation = "POST /things"\nbody = {{ note = "mine" }}\n'
    text = table(plan_for(paths, rules))
    assert "| POST /things | query q | — | the value 'a' (generated) |" in text
    assert "| POST /things | header X-B | — | the value False (generated) |" in text
    assert "| POST /things | body /name | — | made up for the run (a name of its own) |" in text
    assert "| POST /things | body /note | — | the value 'mine' (rule) |" in text


def test_explanation_of_an_unsent_entry_is_the_reason() -> None:
    plan = build(contract_of("shop"), Rules())
    row = next(row for row in rows(plan) if row.parameter == "receipt_no")
    assert (
        row.reason == "nothing answers with its {receipt_no}. If you know one, paste and complete:"
    )


def test_links_of_a_contract_are_suggested_as_rules() -> None:
    text = suggest(contract_of("library"))
    assert (
        "# link 'Return' of POST /loans\n[[rule]]\n"
        'operation = "POST /loans/{loan_number}/return"\n'
        'path = { loan_number = { from = "POST /loans", pointer = "/number" } }\n'
    ) in text
    assert parse(text).rules


def test_rules_that_a_plan_already_covers_are_not_suggested() -> None:
    assert "link 'Return'" not in suggest(contract_of("library"), plan_of("library"))


def test_schemathesis_is_imported_by_building_only() -> None:
    code = (
        "import sys, smoke.plan, smoke.config.rules, smoke.contract, smoke.plan.build.builder\n"
        "import smoke.plan.explain, smoke.plan.explain, smoke.plan.changes\n"
        "print([m for m in sys.modules if m in ('schemathesis', 'hypothesis', 'yaml')])"
    )
    found: Any = subprocess.run(  # noqa: S603  # our own interpreter, our own text
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
