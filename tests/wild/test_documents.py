"""Whole documents: formats, servers, security, and what stands beside the operations."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.plan.build.builder import build
from tests.wild.contracts import TEXT, document, having, planned, ref, required, taking

ROOT = Path(__file__).parents[2]
VARIABLES = {
    "url": "https://{region}.example.com:{port}/{base}/",
    "variables": {
        "region": {"default": "eu"}, "port": {"default": "443"}, "base": {"default": "v2"},
    },
}  # fmt: skip


def get(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "ok"}}, **more}


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.1.0", "3.1.1"])
def test_json_and_yaml_are_one_document(version: str) -> None:
    paths = {"/a/{id}": {"get": get(parameters=[required("id", "path", {"enum": ["no", "~"]})])},
             "/b": {"post": taking("application/json", having("yes", "2024-01-01"))}}  # fmt: skip
    found = document(paths, version)
    plain, styled = (
        Contract.parse(text, "wild")
        for text in (json.dumps(found), yaml.safe_dump(found, allow_unicode=True))
    )
    assert plain.digest == styled.digest
    assert build(plain, parse("")).text() == build(styled, parse("")).text()


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        (None, ""),
        ([], ""),
        ([{"url": "/"}], ""),
        ([{"url": "/api/v1"}], "/api/v1"),
        ([{"url": "https://example.com"}], ""),
        ([{"url": "https://example.com/caf%C3%A9/"}], "/café"),
        ([VARIABLES, {"url": "/other"}], "/v2"),
        ([{"url": "{scheme}://example.com", "variables": {}}], ""),
        ([{"url": "{scheme}://{host}/v3/"}], "/v3"),
        ([{"url": "//example.com/x"}], "/x"),
    ],
)
def test_base_path_comes_from_the_first_server(servers: Any, base: str) -> None:
    more = {} if servers is None else {"servers": servers}
    contract = Contract(document({"/a": {"get": get()}}, **more))
    assert contract.operations["GET /a"].base == base
    found = contract.match("GET", f"{base}/a")
    assert found is not None
    assert found.id == "GET /a"


def test_servers_of_a_path_and_of_an_operation_win() -> None:
    item = {"servers": [{"url": "/p"}], "get": get(), "put": get(servers=[{"url": "/o"}])}
    contract = Contract(document({"/a": item, "/b": {"get": get()}}, servers=[{"url": "/d"}]))
    bases = {name: operation.base for name, operation in contract.operations.items()}
    assert bases == {"GET /a": "/p", "PUT /a": "/o", "GET /b": "/d"}
    assert len(planned(contract.document).entries) == 3


SCHEMES = {
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "/o"},
    "tls": {"type": "mutualTLS"},
    "moved": {"$ref": "#/components/securitySchemes/basic"},
}


@pytest.mark.parametrize(
    ("security", "actor"),
    [
        (None, "owner"),
        ([], "anonymous"),
        ([{}], "anonymous"),
        ([{"basic": []}, {}], "anonymous"),
        ([{"header": [], "tls": []}], "owner"),
        ([{"query": []}, {"cookie": []}], "owner"),
        ([{"oauth": ["read"]}], "owner"),
        ([{"openid": []}], "owner"),
        ([{"moved": []}], "owner"),
    ],
)
def test_every_kind_of_security_says_who_calls(security: Any, actor: str) -> None:
    own = {} if security is None else {"security": security}
    components = {"securitySchemes": SCHEMES}
    found = document({"/a": {"get": get(**own)}}, components=components, security=[{"basic": []}])
    assert planned(found).by_name["GET /a"].actor == actor
    schemes = Contract(found).security_schemes
    assert schemes["moved"] == SCHEMES["basic"]


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ({"default": {"description": ""}}, (200, 201, 202, 204)),
        ({"2XX": {"description": ""}}, (*range(200, 209), 226)),
        ({"200": {"description": ""}, "2XX": {"description": ""}}, (*range(200, 209), 226)),
        ({"3XX": {"description": ""}}, (*range(300, 306), 307, 308)),
        ({"default": {"description": ""}, "4XX": {"description": ""}}, (200, 201, 202, 204)),
        ({"202": {"description": ""}, "200": {"description": ""}}, (200, 202)),
        ({"303": {"description": ""}}, (303,)),
        ({"404": {"description": ""}}, (200, 201, 202, 204)),
        ({}, (200, 201, 202, 204)),
    ],
)
def test_success_is_what_is_documented(responses: Any, expected: tuple[int, ...]) -> None:
    plan = planned(document({"/a": {"get": {"responses": responses}}}))
    assert plan.by_name["GET /a"].expect == expected


def test_what_stands_beside_the_operations_is_left_alone() -> None:
    back = {"{$request.body#/url}": {"post": taking("application/json", ref("Event"))}}
    link = {"operationId": "readA", "parameters": {"id": "$response.body#/id"}}
    operation = taking("application/json", having("url")) | {"callbacks": {"done": back}}
    operation["responses"]["201"]["links"] = {"read": link, "moved": {"operationRef": "#/x"}}
    paths = {"/a": {"post": operation}, "/a/{id}": {"$ref": "#/components/pathItems/A"},
             "x-internal": {"anything": True}}  # fmt: skip
    components = {
        "schemas": {"Event": {"oneOf": [having("id"), {"$ref": "#/components/schemas/Event"}]}},
        "pathItems": {"A": {"summary": "one", "get": get(operationId="readA")}},
    }
    webhooks = {"made": {"post": taking("application/json", ref("Event"))}}
    found = document(paths, components=components, webhooks=webhooks, tags=[{"name": "t"}])
    plan = planned(found)
    assert sorted(plan.by_name) == ["GET /a/{id}", "POST /a"]


def many(collections: int, others: int) -> dict[str, Any]:
    """A document with five operations for each collection, all of them linked, and others."""
    paths: dict[str, Any] = {f"/others{n}": {"get": get()} for n in range(others)}
    for n in range(collections):
        item = having("id", "name") | {"properties": {"id": TEXT, "name": TEXT, "of": ref("Any")}}
        rows = {"type": "array", "items": item}
        make, one, several = taking("application/json", having("name")), get(), get()
        make["responses"]["201"]["content"] = {"application/json": {"schema": item}}
        one["responses"]["200"]["content"] = {"application/json": {"schema": item}}
        several["responses"]["200"]["content"] = {"application/json": {"schema": rows}}
        paths[f"/things{n}"] = {"post": make, "get": several}
        paths[f"/things{n}/{{id}}"] = {
            "get": one,
            "put": taking("application/json", having("name")),
            "delete": {"responses": {"204": {"description": "gone"}}},
        }
    boundless = {"anyOf": [TEXT, {"type": "array", "items": ref("Any")}]}
    return document(paths, components={"schemas": {"Any": boundless}})


def test_thousand_operations_are_planned_in_bounded_time() -> None:
    begun = time.process_time()
    plan = planned(many(collections=120, others=450))
    assert time.process_time() - begun < 20
    assert len(plan.entries) == 1050
    assert plan.problems == ()
    last = plan.by_name["DELETE /things119/{id}"]
    assert last.path["id"] == {"$from": "POST /things119", "pointer": "/id", "owned": True}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("make", "operations", "cpu_s", "megabytes"),
    [("search_engine", 450, 20, 400), ("code_host", 1224, 15, 400)],
)
def test_largest_public_contracts_are_planned_in_bounded_time_and_memory(
    make: str, operations: int, cpu_s: float, megabytes: float
) -> None:
    code = (
        "import json, time; from tests.memory import peak_mb; from tests.wild import large\n"
        f"from tests.wild.contracts import planned; plan = planned(large.{make}())\n"
        "print(json.dumps([len(plan.entries), time.process_time(), peak_mb()]))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, timeout=300
    )
    entries, cpu, size = json.loads(done.stdout)
    assert entries == operations
    assert cpu < cpu_s
    assert size < megabytes
