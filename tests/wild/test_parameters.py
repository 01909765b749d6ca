"""Parameters in every place and style, and paths with every kind of character."""

from typing import Any

import pytest

from smoke.contract import Contract
from tests.wild.contracts import document, planned, required, sent

LIST = {"type": "array", "items": {"type": "string"}, "minItems": 2, "example": ["a", "b"]}
TABLE = {
    "type": "object", "required": ["x", "y"],
    "properties": {"x": {"const": 1}, "y": {"const": "b c"}},
}  # fmt: skip
JSON = {"application/json": {"schema": TABLE}}


def one(*parameters: dict[str, Any], path: str = "/a") -> Any:
    item = {"get": {"parameters": list(parameters), "responses": {}}}
    return sent(planned(document({path: item})), f"GET {path}")


@pytest.mark.parametrize(
    ("schema", "how", "written"),
    [
        (LIST, {}, {"p": ["a", "b"]}),
        (LIST, {"explode": False}, {"p": "a,b"}),
        (LIST, {"style": "pipeDelimited", "explode": False}, {"p": "a|b"}),
        (LIST, {"style": "spaceDelimited", "explode": False}, {"p": "a b"}),
        (TABLE, {}, {"x": 1, "y": "b c"}),
        (TABLE, {"explode": False}, {"p": "x,1,y,b c"}),
        (TABLE, {"style": "deepObject"}, {"p[x]": 1, "p[y]": "b c"}),
        (None, {"content": JSON}, {"p": '{"x":1,"y":"b c"}'}),
    ],
)
def test_query_is_written_in_its_style(schema: Any, how: dict[str, Any], written: Any) -> None:
    assert one(required("p", "query", schema, **how)).query == written


@pytest.mark.parametrize(
    ("schema", "how", "written"),
    [
        ({"type": "integer", "minimum": 3}, {}, "3"),
        ({"type": "boolean"}, {}, "false"),
        ({"type": "number", "enum": [0.5]}, {}, "0.5"),
        (LIST, {}, "a,b"),
        (TABLE, {}, "x,1,y,b c"),
        (TABLE, {"explode": True}, "x=1,y=b c"),
        (None, {"content": JSON}, '{"x":1,"y":"b c"}'),
    ],
)
def test_header_is_written_as_text(schema: Any, how: dict[str, Any], written: str) -> None:
    assert one(required("X-P", "header", schema, **how)).headers == {"X-P": written}


def test_cookies_go_together_and_take_their_examples() -> None:
    parameters = [required("sid", "cookie", example="abc"),
                  required("n", "cookie", {"type": "integer", "minimum": 7})]  # fmt: skip
    assert one(*parameters).headers == {"Cookie": "sid=abc; n=7"}


@pytest.mark.parametrize(
    ("how", "written"),
    [
        ({}, "a,b"),
        ({"style": "label"}, ".a,b"),
        ({"style": "label", "explode": True}, ".a.b"),
    ],
)
def test_path_is_written_in_its_style(how: dict[str, Any], written: str) -> None:
    assert one(required("p", "path", LIST, **how), path="/a/{p}").path == {"p": written}


def test_path_in_the_style_matrix_is_left_to_a_person() -> None:
    item = {"get": {"parameters": [required("p", "path", LIST, style="matrix")], "responses": {}}}
    found = document({"/a/{p}": item, "/b": {"get": {"responses": {}}}})
    (problem,) = planned(found).problems
    assert "style 'matrix', which is not written here" in problem
    rule = problem.partition("Paste:\n")[2]
    assert planned(found, rule).problems == ()


@pytest.mark.parametrize(
    ("template", "raw"),
    [
        ("/", "/"),
        ("/a/", "/a/"),
        ("/café/größe", "/caf%C3%A9/gr%C3%B6%C3%9Fe"),
        ("/caf%C3%A9", "/café"),
        ("/a b", "/a%20b"),
        ("/files/{p}.json", "/files/x.json"),
        ("/run:{p}", "/run:x"),
        ("/by(key={p},n=3)", "/by(key=x,n=3)"),
        ("/{p}{q}", "/xy"),
        ("/~me/@{p}", "/~me/@x"),
        ("/a*b+c$/{p}", "/a*b+c$/x"),
    ],
)
def test_path_of_any_characters_is_matched_and_planned(template: str, raw: str) -> None:
    values = [required(n, "path", {"enum": [v]}) for n, v in (("p", "x"), ("q", "y"))]
    parameters = [p for p in values if "{" + p["name"] + "}" in template]
    found = document({template: {"get": {"parameters": parameters, "responses": {}}}})
    assert sent(planned(found), f"GET {template}").target.startswith("/")
    operation = Contract(found).match("GET", f"{raw}?x=1")
    assert operation is not None
    assert operation.path == template


def test_value_of_a_path_is_as_the_contract_has_it() -> None:
    assert one(required("p", "path", {"enum": ["é/x y"]}), path="/a/{p}").path == {"p": "é/x y"}


def test_parameters_of_a_path_hold_for_its_operations_unless_they_have_their_own() -> None:
    shared = {"$ref": "#/components/parameters/limit"}
    own = required("limit", "query", {"type": "integer", "minimum": 9})
    paths = {"/a": {"parameters": [shared, shared], "get": {"responses": {}},
                    "put": {"parameters": [own], "responses": {}}}}  # fmt: skip
    components = {"parameters": {"limit": required("limit", "query", {"enum": [2]})}}
    plan = planned(document(paths, components=components))
    assert sent(plan, "GET /a").query == {"limit": 2}
    assert sent(plan, "PUT /a").query == {"limit": 9}


@pytest.mark.parametrize(
    "parameter",
    [
        required("p", "query", example="ex"),
        required("p", "query", {"type": "string", "example": "ex"}),
        required("p", "query", {"type": "string", "examples": ["ex"]}),
        required("p", "query", examples={"one": {"value": "ex"}}),
        required("p", "query", examples={"one": {"$ref": "#/components/examples/one"}}),
        required("p", "query", {"$ref": "#/components/schemas/P"}),
    ],
)
def test_example_is_taken_from_wherever_it_stands(parameter: dict[str, Any]) -> None:
    components = {
        "examples": {"one": {"value": "ex"}},
        "schemas": {"P": {"type": "string", "example": "ex"}},
    }
    item = {"get": {"parameters": [parameter], "responses": {}}}
    plan = planned(document({"/a": item}, components=components))
    assert sent(plan, "GET /a").query == {"p": "ex"}
