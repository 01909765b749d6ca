"""Arazzo: the plan's chains as workflows, and the steps of workflows as rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.cli.main import main
from smoke.config.rules import check, parse
from smoke.contract import Contract
from smoke.documents.toml import toml_value
from smoke.errors import DataError
from smoke.plan.arazzo import rules_of, written
from smoke.plan.build.builder import build
from tests.planning import SEND, operation
from tests.unlike.projects import project_of

NUMBER = {"type": "integer"}
MADE = {"type": "object", "required": ["id"], "properties": {"id": NUMBER}}
TITLE = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
PATHS: dict[str, Any] = {
    "/boxes": {"post": operation(MADE, TITLE, operationId="makeBox")},
    "/boxes/{id}": {"get": operation(MADE), "delete": operation(operationId="removeBox")},
}
INFO = {"title": "boxes", "version": "1"}
CONTRACT = Contract({"openapi": "3.1.0", "info": INFO, "paths": PATHS}, "t.json")


def planned(rules: str = SEND) -> Any:
    return build(CONTRACT, parse(rules, "r.toml"))


def test_chain_is_a_workflow_with_outputs_and_criteria() -> None:
    document, omitted = written(CONTRACT, planned(), "openapi.json")
    assert omitted == []
    assert document["arazzo"] == "1.0.1"
    assert document["sourceDescriptions"] == [
        {"name": "api", "url": "openapi.json", "type": "openapi"}
    ]
    read = next(w for w in document["workflows"] if w["workflowId"] == "GET-boxes-id")
    made, seen = read["steps"]
    (name, expression) = next(iter(made["outputs"].items()))
    assert {key: made[key] for key in ("stepId", "operationId", "requestBody")} == {
        "stepId": "POST-boxes",
        "operationId": "makeBox",
        "requestBody": {
            "contentType": "application/json",
            "payload": {"title": "$inputs.POST-boxes-body-title"},
        },
    }
    assert made["successCriteria"] == [{"condition": "$statusCode == 200"}]
    assert expression == "$response.body#/id"
    assert seen["operationPath"] == "{$sourceDescriptions.api.url}#/paths/~1boxes~1{id}/get"
    value = f"$steps.POST-boxes.outputs.{name}"
    assert seen["parameters"] == [{"name": "id", "in": "path", "value": value}]
    assert set(read["inputs"]["properties"]) == {"POST-boxes-body-title"}


def test_written_workflows_are_read_as_rules_that_link_the_same() -> None:
    document, _ = written(CONTRACT, planned(), "openapi.json")
    document["workflows"] = document["workflows"][:1]
    rules, omitted = rules_of(CONTRACT, document)
    assert len(omitted) == 1  # the title, which differs in each run
    text = "".join(
        "[[rule]]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in rule.items())
        for rule in rules
    )
    check(CONTRACT, parse(text))
    operation_id = rules[-1]["operation"]
    again = planned(text + SEND).by_name[operation_id]
    assert again.path["id"]["$from"] == "POST /boxes"
    assert again.expect == (200,)


def flow(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"arazzo": "1.1.0", "workflows": [{"workflowId": "w", "steps": list(steps), **more}]}


MAKE = {"stepId": "make", "operationId": "$sourceDescriptions.api.makeBox",
        "outputs": {"box": "$response.body#/id"}}  # fmt: skip
REMOVE = {"stepId": "remove", "operationId": "removeBox"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("$steps.make.outputs.box", {"from": "POST /boxes", "pointer": "/id"}),
        ("box {$steps.make.outputs.box}",
         {"text": ["box ", {"from": "POST /boxes", "pointer": "/id"}]}),
        ("$inputs.known", 7),
        ("plain {x}", "plain {{x}}"),
    ],
)  # fmt: skip
def test_values_of_a_step_become_values_of_a_rule(value: str, found: Any) -> None:
    row = {"name": "id", "in": "path", "value": value}
    inputs = {"properties": {"known": {"default": 7}}}
    rules, omitted = rules_of(CONTRACT, flow(MAKE, REMOVE | {"parameters": [row]}, inputs=inputs))
    assert omitted == []
    assert rules[1] == {
        "operation": "DELETE /boxes/{id}", "path": {"id": found}, "after": ["POST /boxes"],
    }  # fmt: skip


def test_second_step_of_an_operation_is_an_additional_request() -> None:
    rules, _ = rules_of(CONTRACT, flow(MAKE, MAKE | {"stepId": "more"}))
    assert [rule.get("as") for rule in rules] == [None, "w.more"]


@pytest.mark.parametrize(
    ("step", "left_out"),
    [
        ({"stepId": "s", "workflowId": "other"}, "w.s: it calls no operation of this contract"),
        (MAKE | {"onFailure": []}, "w.make: onFailure is not read"),
        (MAKE | {"successCriteria": [{"condition": "$response.body#/id > 1"}]},
         "w.make: the criterion '$response.body#/id > 1'"),
        (MAKE | {"parameters": [{"name": "x", "in": "query", "value": "$inputs.none"}]},
         "w.make: the value $inputs.none"),
        (MAKE | {"parameters": [{"reference": "$components.parameters.p"}]},
         "w.make: the parameter '$components.parameters.p'"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_listed(step: dict[str, Any], left_out: str) -> None:
    assert rules_of(CONTRACT, flow(step))[1] == [left_out]


def test_criteria_of_statuses_are_expected() -> None:
    criteria = [{"condition": "$statusCode == 200 || $statusCode == 201"}]
    rules, _ = rules_of(CONTRACT, flow(MAKE | {"successCriteria": criteria}))
    assert rules[0]["expect"] == [200, 201]


def test_criteria_about_the_answer_are_values_that_it_must_have() -> None:
    criteria = [
        {"condition": "$response.body#/open == true && $response.body#/name == 'it''s mine'"},
        {"condition": "$response.body#/n == 5"},
    ]
    rules, omitted = rules_of(CONTRACT, flow(MAKE | {"successCriteria": criteria}))
    assert omitted == []
    assert rules[0]["holds"] == {"/open": True, "/name": "it's mine", "/n": 5}


STEPS = """
[[workflow]]
name = "make and read"

[[workflow.steps]]
name = "make"
operation = "POST /boxes"
outputs = { box = "/id" }

[[workflow.steps]]
operation = "GET /boxes/{id}"
path = { id = { from = "make", output = "box" } }
holds = { "/a b" = "it's" }

"""


def test_workflow_of_the_rules_is_written_and_read_again() -> None:
    document, omitted = written(CONTRACT, planned(STEPS + SEND), "openapi.json")
    assert omitted == []
    read = next(w for w in document["workflows"] if w["workflowId"] == "GET-boxes-id")
    assert read["steps"][1]["successCriteria"] == [
        {"condition": "$statusCode == 200"}, {"condition": "$response.body#/a b == 'it''s'"},
    ]  # fmt: skip
    rules, _ = rules_of(CONTRACT, document | {"workflows": [read]})
    assert rules[1]["holds"] == {"/a b": "it's"}


def test_other_document_is_refused() -> None:
    with pytest.raises(DataError, match="not an Arazzo document: arazzo is None"):
        rules_of(CONTRACT, {"openapi": "3.1.0"})


def test_commands_write_and_read_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project_of("shop", tmp_path / "shop", 'base_url = "http://127.0.0.1:9"')
    out = root / "flows.arazzo.json"
    assert main(["plan", "--arazzo", str(out), "--root", str(root)]) == 0
    assert f"{out}: " in capsys.readouterr().out
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["sourceDescriptions"][0]["url"].startswith("openapi/shop.")
    assert found["workflows"]
    assert main(["rules", "--arazzo", str(out), "--root", str(root)]) == 0
    assert "[[rule]]\noperation = " in capsys.readouterr().out
