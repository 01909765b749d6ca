"""Drift of schemas: what an answer promises, and what a request accepts."""

from copy import deepcopy
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.diff import drift
from tests.contract.differing import (
    DOCUMENT,
    ID,
    INT,
    READ,
    TEXT,
    WRITE,
    Z,
    answering,
    between,
    changed,
    rows,
)

IN_BOOK = "components/schemas/Book/properties"


IN_DRAFT = "components/schemas/Draft/properties"


@pytest.mark.parametrize(
    ("place", "value", "breaking", "words"),
    [
        (f"{IN_BOOK}/state", None, True, "/state is gone"),
        (f"{IN_BOOK}/title/type", "integer", True, "/title is integer, not string"),
        (f"{IN_BOOK}/title/type", ["string", "null"], True,
         "/title is null or string, not string"),
        (f"{IN_BOOK}/title/anyOf", [{"type": "string"}], False, ""),
        (f"{IN_BOOK}/id/type", "number", True, "/id is number, not integer"),
        (f"{IN_BOOK}/sequel/anyOf", [{"$ref": "#/components/schemas/Book"}], False,
         "/sequel is object, not null or object"),
        ("components/schemas/Book/required", ["id"], True, "/title is no longer required"),
        ("components/schemas/Book/required", ["id", "title", "state"], False,
         "/state is required"),
        (f"{IN_BOOK}/state/enum", ["new", "old", "lost"], False, '/state may also be "lost"'),
        (f"{IN_BOOK}/state/enum", ["new"], False, '/state is no longer "old"'),
        (f"{IN_BOOK}/state/enum", ["fresh"], True, '/state is no longer "new", "old"'),
        (f"{IN_BOOK}/isbn", {"type": "string"}, False, "/isbn is new"),
        (f"{IN_BOOK}/title/maxLength", 40, False, "/title has maxLength 40, not 80"),
        (f"{IN_BOOK}/id", True, True, "/id is anything, not integer"),
        ("components/responses/Book/headers", None, True, "header ETag is gone"),
        ("components/responses/Book/content", {"text/plain": {}}, True,
         "is no longer application/json"),
    ],
)  # fmt: skip
def test_change_of_an_answer(place: str, value: Any, breaking: bool, words: str) -> None:
    found = rows(changed(place, value), READ)
    assert found[:1] == ([(breaking, f"answer 200: {words}")] if words else [])


@pytest.mark.parametrize(
    ("place", "value", "breaking", "words"),
    [
        ("components/schemas/Draft/required", ["title", "pages"], True, "/pages is required"),
        ("components/schemas/Draft/required", [], False, "/title is no longer required"),
        ("components/schemas/Draft/required", ["title", "isbn"], True,
         "/isbn is new and required"),
        (f"{IN_DRAFT}/isbn", {"type": "string"}, False, "/isbn is new"),
        (f"{IN_DRAFT}/pages", None, False, "/pages is no longer taken"),
        (f"{IN_DRAFT}/pages/type", "integer", True, "/pages is integer, not number"),
        (f"{IN_DRAFT}/pages/type", ["number", "null"], False,
         "/pages is null or number, not number"),
        (f"{IN_DRAFT}/state/enum", ["new"], True, '/state is no longer "old"'),
        (f"{IN_DRAFT}/state/enum", ["new", "old", "lost"], False, '/state may also be "lost"'),
        (f"{IN_DRAFT}/state/enum", None, False, '/state is any value, not one of "new", "old"'),
        (f"{IN_DRAFT}/title/enum", ["a"], True, '/title is one of "a", not any value'),
        (f"{IN_DRAFT}/title/minLength", 3, True, "/title has minLength 3, not 1"),
        (f"{IN_DRAFT}/title/minLength", None, False, "/title has minLength none, not 1"),
        (f"{IN_DRAFT}/title/format", "email", True, "/title has format email, not none"),
        (f"{IN_DRAFT}/title/maxLength", 9, True, "/title has maxLength 9, not none"),
        (f"{IN_DRAFT}/tags/items", {"type": "integer"}, True, "/tags/* is integer, not string"),
        (f"{IN_DRAFT}/cover/oneOf", [{"$ref": "#/components/schemas/Photo"}], True,
         "/cover is object, not object or string"),
        ("components/schemas/Draft/additionalProperties", False, False,
         "the value takes no other fields"),
    ],
)  # fmt: skip
def test_change_of_a_request_body(place: str, value: Any, breaking: bool, words: str) -> None:
    assert rows(changed(place, value), WRITE)[:1] == [(breaking, f"request body: {words}")]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("info/version", "2"),
        ("components/schemas/Book/title", "A book"),
        ("paths/~1books/get/operationId", "list"),
        ("paths/~1books/get/summary", "All books"),
        (f"{IN_BOOK}/title/examples", ["Emma"]),
        (f"{IN_BOOK}/id/description", "its number"),
        ("components/schemas/Draft/required", ["title"]),
        (f"{IN_DRAFT}/state/enum", ["old", "new"]),
        (f"{IN_DRAFT}/cover/oneOf",
         [{"type": "string"}, {"$ref": "#/components/schemas/Photo"}]),
    ],
)  # fmt: skip
def test_descriptions_and_order_do_not_count(place: str, value: Any) -> None:
    assert changed(place, value) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"oneOf": [ID]}, {"oneOf": [ID, Z]}),
        (ID, {"anyOf": [ID, Z]}),
        (ID, {"oneOf": [Z, ID, {"type": "null"}]} | {"type": "object"}),
        ({"anyOf": [ID, Z]}, {"oneOf": [Z, ID]}),
        ({"anyOf": [ID, Z]}, ID),
        ({"type": ["string", "integer"]}, {"anyOf": [TEXT, INT]}),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["b", "a"]}),
        (INT | {"exclusiveMinimum": 0}, INT | {"minimum": 1}),
        ({"type": "array", "items": {"oneOf": [ID]}},
         {"type": "array", "items": {"anyOf": [ID, Z]}}),
        ({"allOf": [{"oneOf": [ID, Z]}]}, {"oneOf": [ID, Z]}),
    ],
)  # fmt: skip
def test_equivalent_answer_schema_breaks_nothing(ours: Any, theirs: Any) -> None:
    assert [
        words for breaking, words in between(answering(ours), answering(theirs)) if breaking
    ] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"oneOf": [ID]}, {"oneOf": [Z]}, "/id is gone"),
        (ID, {"anyOf": [{"type": "object"}, Z]}, "the value is no longer object"),
        ({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "prefixItems": [INT]},
         "/0 is integer, not string"),
        ({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "items": INT},
         "/0 is integer, not string"),
        ({"type": "object", "patternProperties": {"^x": TEXT}},
         {"type": "object", "patternProperties": {"^x": INT}}, "/* is integer, not string"),
        (ID | {"discriminator": {"propertyName": "a"}}, ID | {"discriminator": {
            "propertyName": "b"}}, "the value has the discriminator 'b', not 'a'"),
    ],
)  # fmt: skip
def test_answer_that_promises_less_breaks(ours: Any, theirs: Any, words: str) -> None:
    assert (True, f"answer 200: {words}") in between(answering(ours), answering(theirs))


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"anyOf": [ID, Z]}, ID, "the value is no longer object"),
        ({"type": "array", "prefixItems": [TEXT, TEXT]},
         {"type": "array", "prefixItems": [TEXT, INT]},
         "/1 is integer, not string"),
        (ID, ID | {"not": {"required": ["x"]}}, "the value now has 'not'"),
        (ID, ID | {"dependentRequired": {"id": ["x"]}}, "the value now has 'dependentRequired'"),
        (ID, ID | {"propertyNames": {"pattern": "^a"}}, "the value now has 'propertyNames'"),
        (ID, ID | {"if": {}, "then": {"required": ["x"]}}, "the value now has 'if'"),
        (INT, INT | {"multipleOf": 5}, "the value has multipleOf 5, not none"),
        (INT | {"minimum": 1}, INT | {"exclusiveMinimum": 1},
         "the value has minimum 2, not 1"),
        ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0},
         "the value has minimum 0 (exclusive), not 0"),
        (TEXT, TEXT | {"contentEncoding": "base64"},
         "the value has contentEncoding base64, not none"),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": TEXT, "uniqueItems": True},
         "the value has uniqueItems True, not none"),
    ],
)  # fmt: skip
def test_request_schema_that_accepts_less_breaks(ours: Any, theirs: Any, words: str) -> None:
    found = between(answering(True, body=ours), answering(True, body=theirs))
    assert (True, f"request body: {words}") in found


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ID, {"anyOf": [ID, Z]}),
        (ID, {"oneOf": [ID, TEXT]}),
        ({"type": ["string", "integer"]}, {"anyOf": [TEXT, INT, ID]}),
        (INT | {"multipleOf": 10}, INT | {"multipleOf": 5}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        (ID | {"not": {"required": ["x"]}}, ID),
    ],
)
def test_request_schema_that_accepts_more_breaks_nothing(ours: Any, theirs: Any) -> None:
    found = between(answering(True, body=ours), answering(True, body=theirs))
    assert [words for breaking, words in found if breaking] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("application/json", "application/json; charset=utf-8", []),
        ("Application/JSON", "application/json", []),
        ("application/json", "application/*",
         [(False, "answer 200: may also be application/*")]),
        ("application/json", "text/json",
         [(True, "answer 200: is no longer application/json"),
          (False, "answer 200: may also be text/json")]),
    ],
)  # fmt: skip
def test_media_types_are_compared_without_their_parameters(
    ours: str, theirs: str, found: list[tuple[bool, str]]
) -> None:
    documents = [answering(ID, content={kind: {"schema": ID}}) for kind in (ours, theirs)]
    assert between(*documents) == found


def test_comparison_of_recursive_alternatives_terminates() -> None:
    documents = [answering({"$ref": "#/components/schemas/Node"}) for _ in "ab"]
    for document, kind in zip(documents, (TEXT, INT), strict=True):
        node = {
            "oneOf": [
                {"$ref": "#/components/schemas/Leaf"},
                {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
            ]
        }
        document["components"] = {"schemas": {"Node": node, "Leaf": kind}}
    found = between(*documents)
    assert (True, "answer 200: the value is integer or object, not object or string") in found


def test_inlined_reference_is_not_a_change() -> None:
    whole = {"allOf": [{"$ref": "#/components/schemas/Draft"}, {"type": "object"}]}
    content = {"application/json": {"schema": whole}}
    assert changed("paths/~1books/post/requestBody/content", content) == []


def test_nullable_of_openapi_3_0_is_the_null_of_3_1() -> None:
    old, new = deepcopy(DOCUMENT), deepcopy(DOCUMENT)
    old["openapi"] = "3.0.3"
    old["components"]["schemas"]["Book"]["properties"]["sequel"] = {
        "nullable": True,
        "allOf": [{"$ref": "#/components/schemas/Book"}],
    }
    assert drift(Contract(old), Contract(new)) == []


def test_write_only_field_does_not_belong_to_an_answer() -> None:
    found = changed(f"{IN_BOOK}/state/writeOnly", True)
    assert rows(found, READ) == [(True, "answer 200: /state is gone")]


@pytest.mark.parametrize("wrong", [{"exclusiveMinimum": "x"}, {"multipleOf": 0}])
def test_wrong_keywords_are_compared_without_an_error(wrong: dict[str, Any]) -> None:
    documents = [answering(True, body={**INT, "multipleOf": 2}), answering(True, body=INT | wrong)]
    assert between(*documents)
