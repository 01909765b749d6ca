"""Links: the source of an id, by its place in the path first, then by its name."""

from typing import Any

import pytest

from smoke.errors import DataError
from smoke.plan import FilledRequest, Pool
from tests.planning import OBJECT, SEND, operation, plan_for, thing

TEXT = {"type": "string"}


def parameter(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema or TEXT}


def made(answer: Any, item: str = "/things/{id}", place: str = "/things", **more: Any) -> Any:
    """The source of the id in the read of an item."""
    paths = {place: {"post": operation(answer, **more)}, item: {"get": operation(OBJECT)}}
    entry = plan_for(paths, SEND).by_name[f"GET {item}"]
    assert entry.problem is None, entry.problem
    return entry.path[item.rpartition("{")[2].partition("}")[0]]


def names_made(answer: Any) -> bool:
    """Whether the run owns the resource that the read of an item names."""
    return bool(made(answer).get("owned"))


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("/projects/{projectUid}", "uid"),
        ("/projects/{project_uuid}", "uuid"),
        ("/projects/{project_slug}", "slug"),
        ("/projects/{project_id_or_slug}", "slug"),
        ("/projects/{projectIdOrSlug}", "id"),
        ("/projects/{key}", "key"),
        ("/projects/{projectName}", "name"),
        ("/projects/{project}", "name"),
        ("/projects/{pk}", "pk"),
        ("/projects/{login}", "login"),
    ],
)
def test_id_field_of_an_answer_is_found(item: str, field: str) -> None:
    found = made(thing("title", field), item, "/projects")
    assert found == {"$from": "POST /projects", "pointer": f"/{field}", "owned": True}


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("/flows/{flow_id}", "/flows/"),
        ("/flows/{flow_id}/", "/flows"),
        ("/flows/{flow_id}/", "/flows/"),
        ("/api/v1/flows/{flow_id}/", "/api/v1/flows/"),
    ],
)
def test_trailing_slash_of_a_collection_is_ignored(item: str, place: str) -> None:
    found = made(OBJECT, item, place)
    assert found == {"$from": f"POST {place}", "pointer": "/id", "owned": True}


def within(*names: str, inner: Any = OBJECT) -> Any:
    """A schema inside objects of these names; `[]` is a list."""
    for name in reversed(names):
        if name == "[]":
            inner = {"type": "array", "items": inner}
        else:
            inner = {"type": "object", "required": [name], "properties": {name: inner}}
    return inner


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        (within("data"), "/data/id"),
        (within("result", "[]"), "/result/0/id"),
        (within("[]"), "/0/id"),
        (within("thing"), "/thing/id"),
        (within("data", "thing"), "/data/thing/id"),
        (within("data", "attributes", inner=thing("slug")), "/data/attributes/slug"),
        (within("_embedded", "things", "[]"), "/_embedded/things/0/id"),
        (within("data", "thing", "edges", "[]"), "/data/thing/edges/0/id"),
        (within("node"), "/node/id"),
    ],
)
def test_id_is_found_inside_an_envelope(answer: Any, pointer: str) -> None:
    assert made(answer)["pointer"] == pointer
    assert names_made(answer) is ("/0" not in pointer)  # a list may begin with what was there


def test_id_of_a_related_object_is_not_used() -> None:
    answer = {"type": "object", "properties": {
        "owner": OBJECT, "creator": OBJECT, "name": TEXT}}  # fmt: skip
    assert made(answer)["pointer"] == "/name"


def test_self_link_ends_with_the_id() -> None:
    answer = within("_links", "self", inner=thing("href"))
    found = made(answer)
    assert found == {
        "$from": "POST /things",
        "pointer": "/_links/self/href",
        "segment": True,
        "owned": True,
    }
    paths = {"/things": {"post": operation(answer)}, "/things/{id}": {"get": operation(OBJECT)}}
    pool = Pool("ab12cd34")
    pool.feed("POST /things", {"_links": {"self": {"href": "https://x.example/things/77?a=b"}}})
    request = pool.fill(plan_for(paths, SEND).by_name["GET /things/{id}"])
    assert isinstance(request, FilledRequest)
    assert request.path == {"id": "77"}


def test_nested_owner_and_name_come_from_one_answer() -> None:
    answer = thing("name") | {"properties": {
        "id": {"type": "integer"}, "name": TEXT, "owner": thing("login")}}  # fmt: skip
    paths = {
        "/user/repos": {"post": operation(answer)},
        "/repos/{owner}/{repo}": {"get": operation(OBJECT)},
        "/repos/{owner}/{repo}/tags": {"get": operation(OBJECT)},
    }
    plan = plan_for(paths, SEND)
    for name in list(paths)[1:]:
        assert plan.by_name[f"GET {name}"].path == {
            "owner": {"$from": "POST /user/repos", "pointer": "/owner/login"},
            "repo": {"$from": "POST /user/repos", "pointer": "/name"},
        }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$response.body#/weird", {"pointer": "/weird"}),
        ("{$response.body#/weird}", {"pointer": "/weird"}),
        ("$response.header.X-Key", {"header": "X-Key"}),
        ("$request.body#/name", {"sent": "/body/name"}),
        ("$request.query.q", {"sent": "/query/q"}),
    ],
)
@pytest.mark.parametrize(
    "target", [{"operationId": "getB"}, {"operationRef": "#/paths/~1b~1{bid}/get"}]
)
@pytest.mark.parametrize("name", ["bid", "path.bid"])
def test_link_of_the_contract_comes_first(
    expression: str, value: Any, target: Any, name: str
) -> None:
    maker = operation(thing("weird"), thing("name"))
    maker["parameters"] = [{"name": "q", "in": "query", "required": True, "schema": TEXT}]
    maker["responses"]["200"]["links"] = {"get": {**target, "parameters": {name: expression}}}
    paths = {
        "/a": {"post": maker},
        "/b": {"get": operation({"type": "array", "items": thing("bid")})},
        "/b/{bid}": {"get": {**operation(OBJECT), "operationId": "getB"}},
    }
    assert plan_for(paths, SEND).by_name["GET /b/{bid}"].path["bid"] == {
        "$from": "POST /a",
        **value,
    }


def test_link_does_not_prove_ownership() -> None:
    maker = operation(thing("user_id"))
    maker["responses"] = {"201": maker["responses"]["200"]}
    maker["responses"]["201"]["links"] = {
        "gone": {"operationId": "gone", "parameters": {"user_id": "$response.body#/user_id"}}
    }
    gone = {**operation(), "operationId": "gone"}
    paths = {"/projects/1/users": {"post": maker}, "/users/{user_id}": {"delete": gone}}
    assert "not known to be made by this run" in plan_for(paths, SEND).problems[0]


FLAG = {"get": operation(OBJECT), "delete": operation(), "put": operation(OBJECT, thing("on"))}


def test_run_chooses_the_id_of_a_put() -> None:
    paths = {"/flags/{flag}": FLAG, "/flags/{flag}/log": {"get": operation(OBJECT)}}
    plan = plan_for(paths)
    assert plan.problems == ()
    assert plan.by_name["PUT /flags/{flag}"].path["flag"]["$unique"] == "smoke-"
    own = {"$from": "PUT /flags/{flag}", "sent": "/path/flag", "owned": True}
    for name in ("GET /flags/{flag}", "DELETE /flags/{flag}", "GET /flags/{flag}/log"):
        assert plan.by_name[name].path == {"flag": own}


@pytest.mark.parametrize(
    ("schema", "chosen"),
    [
        ({"type": "string", "format": "uuid"}, {"as": "uuid"}),
        ({"type": "string", "pattern": "^[0-9a-f]{32}$"}, {"as": "hex"}),
        ({"type": "string", "maxLength": 40}, {}),
    ],
)
def test_chosen_id_keeps_its_schema(schema: Any, chosen: Any) -> None:
    item = {**FLAG, "parameters": [parameter("flag", **schema)]}
    value = plan_for({"/flags/{flag}": item}).by_name["PUT /flags/{flag}"].path["flag"]
    assert {key: value[key] for key in chosen} == chosen


@pytest.mark.parametrize(
    "paths",
    [
        {"/flags": {"post": operation(thing("flag"))}, "/flags/{flag}": FLAG},
        {"/flags/{flag}": {**FLAG, "parameters": [parameter("flag", enum=["a"])]}},
        {"/flags/{flag}": {**FLAG, "put": {**operation(), "responses": {
            "200": {"description": ""}, "404": {"description": ""}}}}},
    ],
)  # fmt: skip
def test_id_of_a_changing_put_is_not_chosen(paths: Any) -> None:
    entry = plan_for(paths).by_name["PUT /flags/{flag}"]
    assert "$unique" not in str(entry.path)


@pytest.mark.parametrize("last", ["name", "by-name", "lookup_name"])
def test_lookup_path_is_not_a_collection(last: str) -> None:
    paths = {
        "/things": {"post": operation(thing("id", "name"))},
        "/things/{id}": {"get": operation(OBJECT)},
        f"/things/{last}/{{x}}": {"get": operation(OBJECT)},
    }
    entry = plan_for(paths, SEND).by_name[f"GET /things/{last}/{{x}}"]
    assert entry.path == {"x": {"$from": "POST /things", "pointer": "/name", "owned": True}}


def test_pattern_with_after_does_not_wait_for_itself() -> None:
    rules = '[[rule]]\noperation = "* /things*"\nafter = ["GET /things"]\n'
    paths = {"/things": {"get": operation(OBJECT)}, "/things/a": {"get": operation(OBJECT)}}
    plan = plan_for(paths, rules)
    assert plan.problems == ()
    assert plan.by_name["GET /things"].needs == ()
    assert plan.by_name["GET /things/a"].needs == ("GET /things",)


def test_rule_may_send_a_query_parameter_that_is_not_documented() -> None:
    rules = '[[rule]]\noperation = "GET /things"\nquery = { debug = true }\n'
    paths = {"/things": {"get": operation(OBJECT)}}
    plan = plan_for(paths, f"{rules}undocumented = true\n")
    assert (plan.problems, plan.by_name["GET /things"].query) == ((), {"debug": True})
    with pytest.raises(DataError, match="has no query parameter 'debug'"):
        plan_for(paths, rules)


def test_extension_of_the_contract_has_the_keys_of_a_rule() -> None:
    extension = {"query": {"debug": True}, "undocumented": True, "expect": [202]}
    paths = {"/things": {"get": {**operation(OBJECT), "x-smoke": extension}}}
    entry = plan_for(paths).by_name["GET /things"]
    assert (entry.query, entry.expect) == ({"debug": True}, (202,))


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["day", "week"]},
        {"$ref": "#/components/schemas/Unit"},
        {"allOf": [{"$ref": "#/components/schemas/Unit"}], "description": "what to count by"},
    ],
)
def test_word_that_the_contract_lists_names_no_resource(schema: dict[str, Any]) -> None:
    paths = {"/count-by/{unit}": {"parameters": [parameter("unit", **schema)], "post": operation()}}
    components = {"schemas": {"Unit": {"type": "string", "enum": ["day", "week"]}}}
    entry = plan_for(paths, SEND, components=components).by_name["POST /count-by/{unit}"]
    assert (entry.problem, entry.path) == (None, {"unit": "day"})
