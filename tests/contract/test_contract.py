"""The contract: the content of a document, and the messages about an unreadable one."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.errors import DataError
from tests.unlike import contract_of

PET: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/pets": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/pets/{id}": {"get": {"responses": {"2XX": {"description": "ok"}}}},
    },
}


def changed(**changes: Any) -> Contract:
    return Contract.parse(json.dumps({**PET, **changes}), "pets.json")


def test_operation_is_named_by_method_and_template() -> None:
    assert list(changed().operations) == ["GET /pets", "GET /pets/{id}"]


def test_undeclared_path_variable_is_a_text() -> None:
    (parameter,) = changed().operations["GET /pets/{id}"].parameters
    assert (parameter.name, parameter.location, parameter.required) == ("id", "path", True)
    assert parameter.schema == {"type": "string"}


def test_success_is_every_documented_2xx_and_3xx_in_order() -> None:
    responses = {s: {"description": ""} for s in ("302", "404", "default", "201", "200")}
    contract = changed(paths={"/a": {"get": {"responses": responses}}})
    assert contract.operations["GET /a"].success == (200, 201, 302)


def test_range_means_every_status_of_its_class() -> None:
    good = (*range(200, 209), 226)
    assert changed().operations["GET /pets/{id}"].success == good
    both = {"200": {"description": ""}, "2XX": {"description": ""}}
    assert changed(paths={"/a": {"put": {"responses": both}}}).operations["PUT /a"].success == good


@pytest.mark.parametrize(
    ("own", "secured", "names"),
    [
        (None, True, ("bearer",)),
        ([], False, ()),
        ([{}], False, ()),
        ([{"key": []}, {}], False, ("key",)),
        ([{"key": []}, {"other": [], "third": []}], True, ("key", "other", "third")),
    ],
)
def test_security_is_the_effective_one(own: Any, secured: bool, names: tuple[str, ...]) -> None:
    operation = {"responses": {}} | ({} if own is None else {"security": own})
    found = changed(paths={"/a": {"get": operation}}).operations["GET /a"]
    assert (found.secured, found.security) == (secured, names)


def test_parameter_of_an_operation_overrides_that_of_its_path() -> None:
    shared = [{"name": "n", "in": "query", "schema": {"type": "string"}}]
    own = [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]
    item = {"parameters": shared, "get": {"parameters": own, "responses": {}}}
    (parameter,) = changed(paths={"/a": item}).operations["GET /a"].parameters
    assert (parameter.required, parameter.schema) == (True, {"type": "integer"})


def test_path_items_and_parameters_are_found_behind_references() -> None:
    contract = contract_of("library")
    operation = contract.operations["DELETE /books/{isbn}"]
    assert operation.pointer == "/components/pathItems/Book/delete"
    assert [p.name for p in operation.parameters] == ["isbn"]
    assert contract.operations["GET /shelves/{shelf_code}"].parameters[0].examples == ("A-1",)


def test_yaml_is_read_like_json_with_dates_and_numbers_as_keys() -> None:
    contract = contract_of("shop")
    assert len(contract.operations) == 11
    assert contract.operations["POST /customers"].success == (201,)


def test_yaml_values_without_a_json_type_are_texts() -> None:
    text = "openapi: 3.0.0\ninfo: {title: no, version: 2024-01-01}\npaths: {}\n"
    assert Contract.parse(text, "x.yaml").document["info"] == {
        "title": "no",
        "version": "2024-01-01",
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v2/books", "GET /books"),
        ("/mirror/books", "GET /books"),
        ("/books", "GET /books"),
        ("/v2/books/recent", "GET /books/recent"),
        ("/v2/books/978-0000000001", "GET /books/{isbn}"),
        ("/v2/books/a%2Fb?x=1", "GET /books/{isbn}"),
        ("/v2/files/report.pdf", "GET /files/{name}.{kind}"),
        ("/v2/files/report", None),
        ("/v2/books/", None),
        ("/v3/books", None),
        ("/v2/books/1/2", None),
    ],
)
def test_raw_path_is_matched_to_its_operation(path: str, found: str | None) -> None:
    operation = contract_of("library").match("get", path)
    assert (operation and operation.id) == found


def test_match_falls_back_from_a_literal_without_operation() -> None:
    paths: dict[str, Any] = {
        "/a/b/c": {"get": {"responses": {}}},
        "/a/{x}/d": {"get": {"responses": {}}},
    }
    operation = changed(paths=paths).match("GET", "/a/b/d")
    assert operation is not None
    assert operation.id == "GET /a/{x}/d"


def test_base_path_comes_from_the_first_server() -> None:
    assert contract_of("library").operations["GET /books"].base == "/v2"
    assert {operation.base for operation in contract_of("notes").operations.values()} == {""}


def test_digest_does_not_depend_on_layout_or_order_of_keys() -> None:
    one = Contract.parse('{"openapi": "3.1.0", "paths": {}, "info": {"a": "ä"}}')
    other = Contract.parse('{\n"info": {"a": "\\u00e4"}, "paths": {},\n "openapi": "3.1.0"}')
    assert one.digest == other.digest
    assert one.digest.startswith("sha256:")
    assert one.digest != changed().digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "a": }', "bad.json:2:7: not JSON: Expecting value."),
        ("[]", "bad.json:1: an OpenAPI document is an object; this is another value."),
        ("a: [1\n", "bad.json:2:1: neither JSON nor YAML: did not find expected"),
        ("", "bad.json:1: an OpenAPI document is an object"),
        (
            "{}",
            "bad.json#/openapi: there is no 'openapi' field; Swagger 2.0 and OpenAPI 3.0.x, 3.1.x",
        ),
        ('{"swagger": "1.2"}', "bad.json#/openapi: this is Swagger '1.2'"),
        ('{"openapi": "4.0.0"}', "openapi is '4.0.0'"),
        ('{"openapi": 3.1}', "openapi is 3.1;"),
        ('{"openapi": "3.1.0", "paths": []}', "bad.json#/paths: an object of path items"),
        ('{"openapi": "3.1.0", "paths": {"a": {}}}', "bad.json#/paths/a: a path starts with '/'"),
        (
            '{"openapi": "3.1.0", "paths": {"/a": {"get": {"parameters": [{"in": "body"}]}}}}',
            "bad.json#/paths/~1a/get/parameters/0: a parameter needs a 'name'.",
        ),
        (
            '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"ok": {}}}}}}',
            "bad.json#/paths/~1a/get/responses/ok: 'ok' is not a status",
        ),
        (
            '{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/nowhere"}}}',
            "bad.json#/paths/~1a: $ref '#/nowhere' has no target.",
        ),
        (
            '{"openapi": "3.1.0", "paths": {"/a": {"$ref": "other.json"}}}',
            "$ref 'other.json' leaves the document. Bundle both into one file first.",
        ),
    ],
)
def test_broken_document_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        Contract.parse(text, "bad.json")
    assert message in str(error.value)


def test_all_mistakes_of_a_document_are_reported_together() -> None:
    with pytest.raises(DataError) as error:
        changed(paths={"a": {}, "/b": 1, "/c": {"get": []}})
    assert [line.split(": ")[0] for line in str(error.value).splitlines()] == [
        "pets.json#/paths/a",
        "pets.json#/paths/~1b",
        "pets.json#/paths/~1c/get",
    ]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.json: unreadable: No such file"):
        Contract.load(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"{}\n\xff")
    with pytest.raises(DataError, match=r"it is not UTF-8 text \(line 2\)"):
        Contract.load(tmp_path / "bytes.json")


def test_property_named_ref_is_not_a_reference() -> None:
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}}}
    assert changed(components={"schemas": {"A": schema}}).operations


def test_circular_reference_does_not_hang() -> None:
    parameters = {"a": {"$ref": "#/components/parameters/b"}}
    parameters["b"] = {"$ref": "#/components/parameters/a"}
    item = {"get": {"parameters": [{"$ref": "#/components/parameters/a"}], "responses": {}}}
    with pytest.raises(DataError, match="is circular"):
        changed(paths={"/a": item}, components={"parameters": parameters})


def test_version_3_2_is_read_as_3_1() -> None:
    assert list(changed(openapi="3.2.0").operations) == ["GET /pets", "GET /pets/{id}"]


ONE = {
    "openapi.yaml": """\
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /pets:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: schemas/pet.yaml}}}
      responses: {"201": {$ref: "parts/answers.json#/Made"}}
  /tags: {$ref: paths/tags.yaml}
components: {schemas: {Name: {type: string, nullable: true}}}
""",
    "schemas/pet.yaml": """\
type: object
required: [name, tag]
properties:
  name: {$ref: "../openapi.yaml#/components/schemas/Name"}
  tag: {$ref: "tags.yaml#/Tag"}
  friend: {$ref: "#"}
""",
    "schemas/tags.yaml": "Tag: {type: string, nullable: true, enum: [a]}\n",
    "parts/answers.json": '{"Made": {"description": "made"}}',
    "paths/tags.yaml": "get: {responses: {200: {description: all}}}\n",
}


def written(folder: Path, **more: str) -> Path:
    for name, text in {**ONE, **more}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder / "openapi.yaml"


def test_files_below_the_contract_are_part_of_it(tmp_path: Path) -> None:
    contract = Contract.load(written(tmp_path))
    assert list(contract.operations) == ["POST /pets", "GET /tags"]
    pointer = contract.operations["POST /pets"].request_bodies["application/json"].pointer
    body = {"name": None, "tag": None, "friend": {"name": "x", "tag": "a"}}
    assert contract.value_findings(pointer, body) == []
    assert [f.pointer for f in contract.value_findings(pointer, {**body, "friend": {}})] == [
        "/friend",
        "/friend",
    ]


def test_change_of_a_file_changes_the_digest_of_the_contract(tmp_path: Path) -> None:
    before = Contract.load(written(tmp_path)).digest
    assert Contract.load(written(tmp_path)).digest == before
    more = {"schemas/tags.yaml": "Tag: {type: string, enum: [b]}\n"}
    assert Contract.load(written(tmp_path, **more)).digest != before


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("missing.yaml", "it refers to 'schemas/missing.yaml', which is unreadable: No such file"),
        ("../../outside.yaml", "$ref '../../outside.yaml' leaves the document."),
        (
            "https://x.example/pet.yaml",
            "$ref 'https://x.example/pet.yaml' leaves the document.",
        ),
        ("/etc/hostname", "$ref '/etc/hostname' leaves the document."),
        ("tags.yaml#/None", "has no target."),
    ],
)
def test_file_that_cannot_be_part_of_the_contract_is_refused(
    tmp_path: Path, reference: str, message: str
) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("type: string\n")
    more = {"schemas/pet.yaml": f"properties: {{a: {{$ref: '{reference}'}}}}\n"}
    with pytest.raises(DataError) as error:
        Contract.load(written(folder, **more))
    assert message in str(error.value)


def test_symbolic_link_out_of_the_directory_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    contract = written(folder)
    (tmp_path / "secret.yaml").write_text("type: string\n")
    (folder / "schemas/pet.yaml").unlink()
    (folder / "schemas/pet.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(DataError, match="leads out of the contract's directory"):
        Contract.load(contract)


def test_reader_returns_the_files_below_a_url() -> None:
    source = "https://example.com/docs/openapi.yaml"
    contract = Contract.parse(ONE["openapi.yaml"], source, ONE.__getitem__)
    assert list(contract.operations) == ["POST /pets", "GET /tags"]
