"""Values of every kind and place: what a request has in its query, path, headers and body."""

from pathlib import Path
from typing import Any

import pytest

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.plan.build.builder import build
from smoke.plan.build.texts import matching
from tests.wild.contracts import TEXT, document, planned, ref, required, sent, taking

FLAG = {"type": "boolean"}
GET: dict[str, Any] = {"responses": {"200": {"description": ""}}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (FLAG, False),
        ({"type": "integer", "minimum": 2}, 2),
        ({"type": "number", "exclusiveMinimum": 0} | {"multipleOf": 0.5}, 1),
        ({"type": "array", "minItems": 1, "items": FLAG}, [False]),
        ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, [0, 0]),
        ({"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "integer"}},
         [0, 1]),
        ({"enum": [True]}, True),
        ({"enum": [3, 4]}, 3),
    ],
)  # fmt: skip
def test_query_has_a_value_of_its_type(version: str, schema: Any, value: Any) -> None:
    if version == "3.0.3" and "exclusiveMinimum" in schema:
        schema = {**schema, "minimum": 0, "exclusiveMinimum": True}
    paths = {"/s": {"get": {**GET, "parameters": [required("q", "query", schema)]}}}
    assert sent(planned(document(paths, version)), "GET /s").query == {"q": value}


def test_null_is_the_last_choice_of_a_query() -> None:
    for schema in ({"type": ["boolean", "null"]}, {"anyOf": [{"type": "null"}, FLAG]}):
        paths = {"/s": {"get": {**GET, "parameters": [required("q", "query", schema)]}}}
        assert sent(planned(document(paths)), "GET /s").query == {"q": False}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (FLAG, "false"),
        ({"type": "integer", "minimum": 7}, "7"),
        ({"type": "array", "minItems": 2, "items": FLAG}, "false,false"),
        ({"type": "number", "minimum": 1.0}, "1"),
    ],
)
def test_header_and_path_have_a_value_of_its_type(schema: Any, text: str) -> None:
    parameters = [required("v", "path", schema), required("X-V", "header", schema)]
    found = document({"/s/{v}": {"get": {**GET, "parameters": parameters}}})
    rule = '[[rule]]\noperation = "GET /s/{v}"\npath = { v = "x" }\n'
    del found["paths"]["/s/{v}"]["get"]["parameters"][0]
    assert sent(planned(found, f"[actors.owner]\n{rule}"), "GET /s/{v}").headers == {"X-V": text}
    listed = document({"/s/{v}": {"get": {**GET, "parameters": [
        required("v", "path", {"enum": [text, "other"]})]}}})  # fmt: skip
    assert sent(planned(listed), "GET /s/{v}").path == {"v": text}


def test_cookie_is_written_as_json_writes_it() -> None:
    paths = {"/s": {"get": {**GET, "parameters": [required("c", "cookie", FLAG)]}}}
    assert sent(planned(document(paths)), "GET /s").headers == {"Cookie": "c=false"}


@pytest.mark.parametrize(
    ("media_type", "schema", "content"),
    [
        ("text/plain", FLAG, b"false"),
        ("text/plain", {"type": "integer", "minimum": 5}, b"5"),
        ("text/csv", {"type": "number", "exclusiveMinimum": 1}, b"2"),
        ("application/yaml", {"const": {"a": [1, None]}}, b'{"a":[1,null]}'),
        ("application/x-ndjson", {"const": {"a": 1}}, b'{"a":1}\n'),
        ("application/jsonl", {"const": [{"a": 1}, {"a": 2}]}, b'{"a":1}\n{"a":2}\n'),
        ("application/json-seq", {"const": [1, 2]}, b"\x1e1\n\x1e2\n"),
        ("application/hal+json", {"const": {"a": 1}}, b'{"a":1}'),
        ("*/*", {"type": "string", "format": "binary"}, b"made by a smoke run\n"),
    ],
)
def test_body_is_written_in_its_media_type(media_type: str, schema: Any, content: bytes) -> None:
    found = sent(planned(document({"/a": {"post": taking(media_type, schema)}})), "POST /a").body
    assert found.content == content


@pytest.mark.parametrize("media_type", ["*/*", "application/*"])
def test_range_with_a_schema_is_json(media_type: str) -> None:
    operation = taking(media_type, {"const": {"a": 1}})
    found = sent(planned(document({"/a": {"post": operation}})), "POST /a").body
    assert (found.has_json, found.value) == (True, {"a": 1})


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["application/json-patch+json", "application/merge-patch+json"],
         "application/merge-patch+json"),
        (["application/json-patch+json", "application/vnd.x+json"], "application/vnd.x+json"),
        (["application/json-patch+json", "application/json"], "application/json"),
        (["*/*", "application/hal+json"], "application/hal+json"),
        (["application/xml", "multipart/form-data"], "multipart/form-data"),
        (["text/plain", "application/x-yaml"], "application/x-yaml"),
    ],
)  # fmt: skip
def test_plainest_media_type_is_chosen(offered: list[str], chosen: str) -> None:
    operation = taking(offered[0], {"type": "object"})
    media = {"schema": {"type": "object"}}
    operation["requestBody"]["content"] = dict.fromkeys(offered, media)
    plan = planned(document({"/a": {"patch": operation}}))
    assert plan.by_name["PATCH /a"].media_type == chosen


PET = {
    "type": "object", "required": ["kind"], "properties": {"kind": TEXT},
    "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
}  # fmt: skip
CAT = {"allOf": [ref("Pet"), {"type": "object", "required": ["lives"], "properties": {
    "lives": {"type": "integer"}}}]}  # fmt: skip


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("schema", "pet", "kind"),
    [
        (ref("Cat"), PET, "cat"),
        (ref("Cat"), PET | {"discriminator": {"propertyName": "kind"}}, "Cat"),
        (ref("Cat"), PET | {"discriminator": {"propertyName": "kind",
                                              "mapping": {"puss": "Cat"}}}, "puss"),
        (ref("Tom"), PET, "Tom"),
        (ref("Pet"), PET, "cat"),
        (ref("Pet"), PET | {"discriminator": {"propertyName": "kind"}}, "Cat"),
        ({"oneOf": [ref("Cat")], "discriminator": {
            "propertyName": "kind", "mapping": {"c": "#/components/schemas/Cat"}}},
         PET | {"discriminator": {}}, "c"),
        ({"type": "object", "required": ["pet"], "properties": {"pet": ref("Cat")}}, PET, "cat"),
    ],
)  # fmt: skip
def test_discriminator_names_the_kind(version: str, schema: Any, pet: Any, kind: str) -> None:
    schemas = {"Pet": pet, "Cat": CAT, "Tom": {"allOf": [ref("Cat")]}}
    operation = taking("application/json", schema)
    found = document({"/a": {"post": operation}}, version, components={"schemas": schemas})
    value = sent(planned(found), "POST /a").body.value
    assert value.get("pet", value) == {"kind": kind, "lives": 0}


HARD = {"type": "string", "allOf": [{"pattern": "^(?=.*[A-Z])(?!.*aa)[A-Za-z!7]{12}$"},
                                    {"pattern": "^(?!A)B.*Z$"}]}  # fmt: skip


def test_example_is_used_where_nothing_can_be_generated() -> None:
    for media in ({"example": "Bx7!kkkkkkkZ"}, {"examples": {"one": {"value": "Bx7!kkkkkkkZ"}}}):
        operation = taking("application/json", HARD, **media)
        plan = planned(document({"/e": {"post": operation}}))
        assert sent(plan, "POST /e").body.value == "Bx7!kkkkkkkZ"
        plan = planned(document({"/e/{s}": {"get": {**GET, "parameters": [
            required("s", "path", HARD, **media)]}}}))  # fmt: skip
        assert sent(plan, "GET /e/{s}").path == {"s": "Bx7!kkkkkkkZ"}


@pytest.mark.parametrize(
    ("location", "table"),
    [("path", 'path = { v = "…" }'), ("query", 'query = { v = "…" }'),
     ("header", 'headers = { v = "…" }')],
)  # fmt: skip
def test_pasted_rule_is_for_the_place_that_has_no_value(location: str, table: str) -> None:
    parameters = [required("v", location, {"enum": [".."], "pattern": "^x"})]
    path = "/s/{v}" if location == "path" else "/s"
    plan = planned(document({path: {"get": {**GET, "parameters": parameters}}}))
    (problem,) = plan.problems
    assert f"({location} parameter 'v': " in problem
    assert problem.endswith(f'operation = "GET {path}"\n{table}')


BROKEN = {"type": "object", "properties": {"n": {"type": "number", "exclusiveMinimum": True}}}


def test_plan_has_no_local_directory_and_names_the_wrong_keyword(tmp_path: Path) -> None:
    operation = taking("application/json", {**BROKEN, "required": ["n"]})
    found = document({"/s": {"post": operation}, "/t": {"post": operation}})
    rules = parse('[[rule]]\noperation = "POST /t"\nbody = 5\n', str(tmp_path / "rules.toml"))
    plans = [build(Contract(found, str(tmp_path / f"{n}/c.json")), rules) for n in "ab"]
    assert plans[0].text() == plans[1].text()
    assert str(tmp_path) not in plans[0].text()
    place = "/paths/~1s/post/requestBody/content/application~1json/schema/properties/n"
    assert f"(at #{place}/exclusiveMinimum)" in plans[0].problems[0]


@pytest.mark.parametrize(
    ("pattern", "least", "text"),
    [
        ("^[A-Z]{3}$", 0, "AAA"),
        ("^(foo|bar)-\\d{2,4}$", 0, "foo-00"),
        ("[^a]+", 3, "sss"),
        ("^v?[0-9]+\\.[0-9]+$", 0, "0.0"),
        ("^(?=.*x)y$", 0, None),
        ("(", 0, None),
        ("^\\p{L}+$", 0, None),
    ],
)
def test_text_of_a_pattern_has_no_noise(pattern: str, least: int, text: str | None) -> None:
    assert matching(pattern, least) == text


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("email", TEXT, "@example.com"),
        ("callback_url", TEXT, "https://example.com/"),
        ("startsAt", TEXT, "2030-01-01T00:00:00Z"),
        ("country", TEXT, "US"),
        ("note", TEXT, "smoke"),
        ("note", {**TEXT, "default": "none"}, "none"),
        ("note", {**TEXT, "default": "none", "example": "mine"}, "mine"),
        ("when", {**TEXT, "format": "date"}, "2030-01-01"),
        ("code", {**TEXT, "pattern": "^[A-Z]{2}$"}, "AA"),
        ("code", {**TEXT, "minLength": 8}, "smokesss"),
        ("code", {**TEXT, "maxLength": 3}, "smo"),
        ("title", TEXT, "smoke-0a1b2c3d-"),
        ("limit", {"type": "integer"}, 1),
    ],
)
def test_field_has_a_value_that_a_person_would_write(name: str, schema: Any, value: Any) -> None:
    body = {"type": "object", "required": [name], "properties": {name: schema}}
    plan = planned(document({"/a": {"post": taking("application/json", body)}}))
    found = sent(plan, "POST /a").body.value[name]
    assert found == value or (isinstance(found, str) and str(value) in found)


def test_sample_of_a_name_reaches_an_optional_field() -> None:
    body = {"type": "object", "properties": {"plan": TEXT, "other": TEXT}}
    found = document({"/a": {"post": taking("application/json", body)}})
    plan = planned(found, '[actors.owner]\n[samples]\nplan = "pro"\n"*" = "any"\n')
    assert sent(plan, "POST /a").body.value == {"plan": "pro"}


FILE = {"type": "string", "format": "binary"}


def form(schema: Any, **more: Any) -> Any:
    fields = {"type": "object", "required": ["f"], "properties": {"f": schema}}
    operation = taking("multipart/form-data", fields, **more)
    return sent(planned(document({"/a": {"post": operation}})), "POST /a").body.files


def test_list_of_a_form_has_a_part_for_each_item() -> None:
    words = {"type": "array", "minItems": 2, "items": {"enum": ["x"]}}
    assert form(words) == (("f", (None, b"x", None)), ("f", (None, b"x", None)))
    files = form({"type": "array", "minItems": 2, "items": FILE})
    assert [(name, part[0]) for name, part in files] == [("f", "smoke.txt")] * 2


def test_field_of_a_form_without_a_type_is_a_file() -> None:
    ((name, (filename, _, _)),) = form({})
    assert (name, filename) == ("f", "smoke.txt")


@pytest.mark.parametrize(
    ("schema", "kind", "part"),
    [
        ({"const": {"a": 1}}, "application/json", (None, b'{"a":1}', "application/json")),
        ({"const": ["a"]}, "application/json", (None, b'["a"]', "application/json")),
        ({"const": "a"}, "application/json", (None, b'"a"', "application/json")),
        ({"const": "a"}, "text/plain", (None, b"a", None)),
        ({"const": "a,b"}, "text/csv; charset=utf-8", (None, b"a,b", "text/csv")),
        (TEXT, "text/csv", ("smoke.csv", b"name\nsmoke\n", "text/csv")),
        (FILE, "image/png, image/gif", ("smoke.png", None, "image/png")),
    ],
)
def test_part_of_a_form_has_the_type_of_its_encoding(schema: Any, kind: str, part: Any) -> None:
    ((_, found),) = form(schema, encoding={"f": {"contentType": kind}})
    assert found[0] == part[0]
    assert part[1] in (None, found[1])
    assert str(found[2]).partition(";")[0] == str(part[2])


@pytest.mark.parametrize(
    ("encoding", "fields"),
    [
        ({}, {"f": ["1", "2"]}),
        ({"style": "form", "explode": False}, {"f": "1,2"}),
        ({"style": "pipeDelimited"}, {"f": "1|2"}),
    ],
)
def test_list_of_a_url_encoded_form_is_written_in_its_style(encoding: Any, fields: Any) -> None:
    schema = {"type": "object", "required": ["f"], "properties": {"f": {"const": [1, 2]}}}
    kind = "application/x-www-form-urlencoded"
    operation = taking(kind, schema, encoding={"f": encoding} if encoding else {})
    assert sent(planned(document({"/a": {"post": operation}})), "POST /a").body.form == fields


def test_schema_with_a_bound_that_is_not_a_number_is_a_problem_of_its_request() -> None:
    body = {"type": "object", "required": ["n"], "properties": {
        "n": {"type": "number", "exclusiveMinimum": "x"}}}  # fmt: skip
    plan = planned(document({"/a": {"post": taking("application/json", body)}}))
    assert "its contract is broken there" in plan.problems[0]
