"""A malformed plan file is refused with the pointer of every mistake."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.errors import DataError
from smoke.plan import load
from tests.planning import plan_of

ENTRY: dict[str, Any] = {
    "operation": "POST /a/{id}", "phase": "act", "actor": "owner", "expect": [200],
    "media_type": "application/json",
}  # fmt: skip
PLAN: dict[str, Any] = {
    "generator": {"plan": 1, "schemathesis": "4"},
    "contract": "", "rules": "", "operations": {}, "problems": [], "entries": [],
}  # fmt: skip


def messages(path: Path, document: Any) -> list[str]:
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load(path)
    *lines, advice = str(error.value).split("\n")
    assert advice == "Make it again: smoke plan."
    return [line.removeprefix(f"{path}#").replace(": not a plan of this version", "")
            for line in lines]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operation": "/a"}, '/operation: "/a" does not match "^[A-Z]+ /".'),
        ({"path": 5}, '/path: 5 is not of type "object".'),
        ({"expect": ["200"]}, '/expect/0: "200" is not of type "integer".'),
        ({"needs": "GET /a"}, '/needs: "GET /a" is not of type "array".'),
        ({"stream": {"events": 1, "bytes": 1}}, '/stream: "time_s" is a required property.'),
        ({"excepted": {}}, '/excepted: "reason" is a required property.'),
        ({"then": {"url": "/u", "text": 5}}, '/then/text: 5 is not of type "string".'),
        ({"colour": 1}, ": Additional properties are not allowed ('colour' was unexpected)."),
        ({"path": {"id": {"$from": 5}}}, "/path/id/$from: '5' is not a name."),
        ({"path": {"id": {"$from": "a", "or": [5]}}},
         "/path/id/or: '[5]' is not a list of references."),
        ({"body": [{"$from": "a", "where": []}]}, "/body/0/where: '[]' is not a table."),
        ({"body": {"a/b": {"$text": "x"}}}, "/body/a~1b/$text: 'x' is not a list."),
        ({"body": {"$unique": 5}}, "/body/$unique: '5' is not a text."),
        ({"body": {"$unique": "a", "$from": "b"}}, "/body: it has more than one mark."),
        ({"body": {"$file": {"name": "a", "type": ""}, "$from": "b"}},
         "/body: it has more than one mark."),
        ({"body": {"$file": {"name": "a", "type": "", "base64": "a"}}},
         "/body/$file: \"{'name': 'a', 'type': '', 'base64': 'a'}\" is not a file."),
    ],
)  # fmt: skip
def test_malformed_entry_is_reported_with_its_place(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    document = PLAN | {"entries": [ENTRY, ENTRY | changes]}
    assert messages(tmp_path / "plan.json", document) == [f"/entries/1{message}"]


def test_list_of_mistakes_is_truncated(tmp_path: Path) -> None:
    lines = messages(tmp_path / "plan.json", PLAN | {"entries": [{}] * 20})
    assert lines == [
        *(f'/entries/0: "{key}" is a required property.' for key in ENTRY if key != "media_type"),
        '/entries/1: "operation" is a required property.',
    ]


def test_invalid_json_is_reported_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"contract": "",\n "contract": ""}', encoding="utf-8")
    with pytest.raises(DataError, match=r":2:2: 'contract' appears twice in one object"):
        load(path)
    path.write_text("<<<<<<< HEAD\n{", encoding="utf-8")
    with pytest.raises(DataError, match=r":1:1: not JSON: Expecting value\. Make it again"):
        load(path)


@pytest.mark.parametrize("name", ["notes", "shop", "library"])
def test_built_plan_has_the_shape(name: str, tmp_path: Path) -> None:
    plan_of(name).save(tmp_path / "plan.json")
    assert load(tmp_path / "plan.json") == plan_of(name)
