"""Swagger 2.0 is read as the OpenAPI 3.0 document that promises the same."""

import json
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.swagger import converted

FORM = "application/x-www-form-urlencoded"


def document(path: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Swagger document with one path."""
    info = {"title": "T", "version": "1"}
    return {"swagger": "2.0", "info": info, "paths": {"/pets/{id}": path}, **more}


def operation(**more: Any) -> dict[str, Any]:
    """The converted operation of a document with one."""
    fields = {"responses": {"200": {"description": ""}}, **more}
    found: dict[str, Any] = converted(document({"post": fields}))["paths"]["/pets/{id}"]["post"]
    return found


def test_contract_reads_it() -> None:
    pet = {"type": "object", "properties": {"name": {"type": "string", "x-nullable": True}}}
    body = {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
    ident = {"name": "id", "in": "path", "required": True, "type": "integer", "minimum": 1}
    answer = {"description": "", "schema": {"$ref": "#/definitions/Pet"}}
    found = Contract.parse(
        json.dumps(
            document(
                {"parameters": [ident],
                 "put": {"parameters": [body], "responses": {"200": answer}}},
                definitions={"Pet": pet}, basePath="/v1", host="pets.example.com", schemes=["http"],
            )
        )
    )  # fmt: skip
    put = found.operations["PUT /pets/{id}"]
    assert (put.parameters[0].name, put.parameters[0].schema) == (
        "id",
        {"type": "integer", "minimum": 1},
    )
    assert put.request_bodies["application/json"].schema == {"$ref": "#/components/schemas/Pet"}
    assert found.document["servers"] == [{"url": "http://pets.example.com/v1"}]
    assert found.findings(put, 200, "application/json", b'{"name": null}') == []
    assert found.findings(put, 200, "application/json", b'{"name": 1}')


@pytest.mark.parametrize(
    ("joined", "style", "explode"),
    [("csv", "form", False), ("multi", "form", True), ("pipes", "pipeDelimited", False),
     ("ssv", "spaceDelimited", False)],
)  # fmt: skip
def test_lists_in_a_query_are_joined_as_documented(joined: str, style: str, explode: bool) -> None:
    row = {"name": "t", "in": "query", "type": "array", "items": {"type": "string"},
           "collectionFormat": joined}  # fmt: skip
    (found,) = operation(parameters=[row])["parameters"]
    assert (found["style"], found["explode"]) == (style, explode)
    assert found["schema"] == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(("kind", "media"), [("string", FORM), ("file", "multipart/form-data")])
def test_fields_of_a_form_become_one_body(kind: str, media: str) -> None:
    rows = [{"name": "a", "in": "formData", "type": kind, "required": True}]
    body = operation(parameters=rows, consumes=["application/json", FORM])["requestBody"]
    assert list(body["content"]) == [media]
    assert body["content"][media]["schema"]["required"] == ["a"]


def test_shared_body_and_own_parameter_keep_their_places() -> None:
    shared = {"Body": {"name": "b", "in": "body", "schema": {"type": "object"}}}
    refs = [{"$ref": "#/parameters/Body"}]
    found = converted(document({"post": {"parameters": refs, "responses": {}}}, parameters=shared))
    post = found["paths"]["/pets/{id}"]["post"]
    assert post["parameters"] == []
    assert post["requestBody"]["content"] == {"application/json": {"schema": {"type": "object"}}}
    assert found["components"]["parameters"] == {}


def test_property_with_the_name_of_a_keyword_stays() -> None:
    schema = {"properties": {"discriminator": {"type": "string"}, "type": {"type": "file"}},
              "discriminator": "type", "example": {"$ref": "#/definitions/x"}}  # fmt: skip
    found = converted(document({}, definitions={"A": schema}))["components"]["schemas"]["A"]
    assert found["properties"]["discriminator"] == {"type": "string"}
    assert found["discriminator"] == {"propertyName": "type"}
    assert found["properties"]["type"] == {"type": "string", "format": "binary"}
    assert found["example"] == {"$ref": "#/definitions/x"}


@pytest.mark.parametrize(
    ("row", "meant"),
    [
        ({"type": "basic"}, {"type": "http", "scheme": "basic"}),
        (
            {"type": "apiKey", "in": "header", "name": "X"},
            {"type": "apiKey", "in": "header", "name": "X"},
        ),
        (
            {"type": "oauth2", "flow": "application", "tokenUrl": "/t", "scopes": {"r": "read"}},
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {"r": "read"}}},
            },
        ),
    ],
)
def test_security_scheme_keeps_its_meaning(row: dict[str, Any], meant: dict[str, Any]) -> None:
    found = converted(document({}, securityDefinitions={"s": row}))
    assert found["components"]["securitySchemes"] == {"s": meant}
