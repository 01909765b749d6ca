"""Requests that are sent without a decision by a person, and undecided ones."""

from typing import Any

import pytest

from tests.planning import OBJECT, operation, plan_for, thing, things

LIST = {"type": "array", "items": OBJECT}


def undecided(paths: dict[str, Any], rules: str = "", **more: Any) -> list[str]:
    """The undecided operations of a contract."""
    return [e.operation for e in plan_for(paths, rules, **more).entries if e.problem]


def made(status: str = "201", answer: Any = OBJECT, body: Any = None) -> dict[str, Any]:
    """A creating operation with one documented success."""
    found = operation(answer, body)
    found["responses"] = {status: found["responses"]["200"]}
    return found


@pytest.mark.parametrize(
    "path",
    [
        *("/flows/frobnicate", "/shutdown", "/flows/bulk_delete", "/current-user/reset-token/"),
        *("/connections/defaults", "/boxes:batchDelete", "/search-and-destroy"),
        *("/validate-and-apply", "/things", "/accept"),
    ],
)
def test_post_without_proof_of_harmlessness_is_undecided_whatever_its_name(path: str) -> None:
    paths = {path: {"post": operation()}, "/z": {"get": operation()}}
    (problem,) = plan_for(paths).problems
    pasted = problem.partition("paste:\n")[2]
    assert plan_for(paths, pasted).problems == ()


@pytest.mark.parametrize("path", ["/search", "/things/search", "/things:query", "/preview"])
def test_post_with_a_reading_name_is_sent(path: str) -> None:
    plan = plan_for({path: {"post": operation()}})
    assert plan.problems == ()
    assert plan.entries[0].asks


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("query", "mutation { deleteUser(id: 1) }", False),
        ("query", "{ users { id } }", True),
        ("query", "query Users { users { id } }", True),
        ("sql", "DROP TABLE users", False),
        ("statement", "update users set a = 1", False),
        ("sql", "SELECT 1", True),
        ("method", "users.purgeAll", False),
        ("method", "users.list", True),
        ("action", "terminate", False),
        ("q", "how to cancel an order", True),
        ("state", "archive", True),
        ("purge", True, False),
        ("apply", True, False),
        ("archive", True, True),
        ("verbose", True, True),
    ],
)
@pytest.mark.parametrize("place", ["body", "query"])
def test_reading_request_with_a_command_in_it_is_undecided(
    name: str, value: Any, sent: bool, place: str
) -> None:
    schema = {"type": "boolean" if value is True else "string", "example": value}
    if place == "body":
        body = {"type": "object", "required": [name], "properties": {name: schema}}
        paths = {"/things/query": {"post": operation(None, body)}}
    else:
        asked = {"name": name, "in": "query", "required": True, "schema": schema}
        paths = {"/things": {"get": operation(parameters=[asked])}}
    assert (undecided(paths) == []) is sent


@pytest.mark.parametrize(
    ("path", "more", "sent"),
    [
        ("/api.purgeAll", {}, False),
        ("/api.Users.Delete", {}, False),
        ("/rotateKeys", {}, False),
        ("/closeAccount", {}, False),
        ("/queue/pop", {}, False),
        ("/self-destruct", {}, False),
        ("/tasks/purge-old", {}, False),
        ("/auth/log-me-out", {}, False),
        ("/logmeout", {}, False),
        ("/auth/session/end", {}, False),
        ("/saml/slo", {}, False),
        ("/user/abmelden", {}, False),
        ("/x", {"operationId": "admin_delete_all_x_get"}, False),
        ("/x", {"operationId": "adminPurgeAll"}, False),
        ("/x", {"summary": "Flush the queue"}, False),
        ("/x", {"summary": "Permanently deletes all rows"}, False),
        ("/x", {"operationId": "list_removed_things"}, True),
        ("/x", {"summary": "Archive of the month"}, True),
        ("/deleted-things", {"operationId": "listDeletedThings"}, True),
        ("/openapi.json", {}, True),
        ("/importJobs", {}, True),
    ],
)
def test_get_with_an_action_in_any_of_its_names_is_undecided(
    path: str, more: dict[str, Any], sent: bool
) -> None:
    assert (undecided({path: {"get": operation(**more)}}) == []) is sent


@pytest.mark.parametrize("name", ["x.purgeAll", "x_wipe_rows_x_post"])
def test_creation_with_an_action_in_its_operation_id_is_undecided(name: str) -> None:
    create = made() | {"operationId": name}
    assert "POST /x" in undecided({"/x": {"post": create}, "/x/{id}": {"delete": operation()}})


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/cache/clear", False),
        ("/deleteall", False),
        ("/users/reset-token", False),
        ("/archive", True),
        ("/refund-policies", True),
        ("/refunds", True),
        ("/deploy", False),
        ("/admin/reload-config", False),
        ("/repository/sync", False),
        ("/deploy_keys", True),
        ("/sync-status", True),
        ("/deployments", True),
    ],
)
def test_get_with_an_action_name_is_undecided(path: str, sent: bool) -> None:
    assert (undecided({path: {"get": operation()}}) == []) is sent


def test_summary_and_operation_id_and_tag_count_too() -> None:
    for more in ({"summary": "Purge all"}, {"operationId": "deleteX"}, {"tags": ["purge"]}):
        paths = things()
        paths["/things"]["post"] = made() | more
        assert "POST /things" in undecided(paths), more


def test_creation_is_sent_if_provably_new_and_deletable() -> None:
    paths = things()
    paths["/things"]["post"] = made()
    assert undecided(paths) == []
    del paths["/things/{id}"]["delete"]
    assert undecided(paths) == ["POST /things"]


def test_creation_that_answers_200_needs_a_list_as_proof() -> None:
    paths = things()
    assert undecided(paths) == []
    del paths["/things"]["get"]
    assert set(undecided(paths)) == {"POST /things", "GET /things/{id}", "DELETE /things/{id}"}
    assert undecided(paths, '[[rule]]\noperation = "POST /things"\ncreates = "/id"\n') == []


def test_id_of_one_collection_is_not_used_in_another_of_the_same_last_name() -> None:
    one = {"get": operation(OBJECT), "delete": operation()}
    paths = {
        "/threads": {"post": made()},
        "/threads/{thread_id}": {"delete": operation()},
        "/chat/threads": {"get": operation(LIST)},
        "/chat/threads/{thread_id}": one,
    }
    assert undecided(paths) == ["DELETE /chat/threads/{thread_id}"]
    rule = '[[rule]]\noperation = "DELETE /chat/threads/{thread_id}"\nown = "POST /threads"\n'
    entry = plan_for(paths, rule).by_name["DELETE /chat/threads/{thread_id}"]
    assert entry.problem is None
    assert entry.path["thread_id"]["owned"] is True


def test_id_sent_by_a_request_is_not_created_by_it() -> None:
    paths = {
        "/users/{user_id}": {"delete": operation()},
        "/projects": {"post": made()},
        "/projects/{project_id}": {"delete": operation()},
        "/projects/{project_id}/users": {"post": made(answer=thing("user_id"))},
        "/projects/{project_id}/users/{user_id}": {"delete": operation()},
    }
    assert undecided(paths) == ["DELETE /users/{user_id}"]


@pytest.mark.parametrize("method", ["put", "patch"])
def test_singleton_resource_is_not_overwritten(method: str) -> None:
    paths = {"/settings": {"get": operation(thing("mode")), method: operation(None, thing("mode"))}}
    name = f"{method.upper()} /settings"
    assert undecided(paths) == [name]
    plan = plan_for(paths, f'[[rule]]\noperation = "{name}"\nsend = "same"\n')
    assert plan.problems == ()
    read = {"$from": "GET /settings", "pointer": "", "keep": ["mode"]}
    assert plan.by_name[name].body == read
    assert plan.by_name[name].needs == ("GET /settings",)


def test_id_in_a_change_body_belongs_to_the_run_or_is_undecided() -> None:
    items = {"post": made(), "get": operation(LIST)}
    body = thing("item_id", "into_item_id")
    paths = {
        "/items": items,
        "/items/{item_id}": {"get": operation(OBJECT), "delete": operation()},
        "/boxes": {"post": made(body=thing("item_id"))},
        "/boxes/{id}": {"delete": operation()},
        "/merge": {"post": operation(None, body)},
        "/redact": {"post": operation(None, thing("message_id"))},
    }
    send = '[[rule]]\noperation = ["POST /merge", "POST /redact"]\nsend = true\n'
    plan = plan_for(paths, send)
    assert plan.by_name["POST /boxes"].body["item_id"]["owned"] is True
    assert [problem.partition(" is an id")[0] for problem in plan.problems] == [
        "POST /merge: its body field 'into_item_id'",
        "POST /redact: its body field 'message_id'",
    ]


LOGIN = '[login]\noperation = "POST /login"\naccess = "/t"\n[actors.owner]\nemail = "a@b.c"\n'


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/auth/logout", "/signOut", "/session/log_out"])
def test_session_of_the_run_ends_last(method: str, path: str) -> None:
    paths = {
        path: {method: operation()},
        "/login": {"post": operation(thing("t"))},
        "/z": {"get": operation()},
    }
    plan = plan_for(paths, LOGIN, security=[{"b": []}])
    last = plan.entries[-1]
    assert (last.operation, last.phase) == (f"{method.upper()} {path}", "end")
    assert last.problem is None
    alone = plan_for(paths, "[actors.owner]\nkey = 'K'\n", security=[{"b": []}])
    assert alone.by_name[last.operation].problem is not None


@pytest.mark.parametrize("path", ["/logout/all", "/auth/sign-out-everywhere", "/logoutAll"])
def test_sessions_of_others_are_not_ended(path: str) -> None:
    paths = {path: {"post": operation()}}
    assert undecided(paths, LOGIN.replace("/login", path)) == [f"POST {path}"]
    disposable = LOGIN + '[actors.disposable]\nemail = "d@b.c"\n'
    secured: dict[str, Any] = {"security": [{"b": []}]}
    assert undecided(paths, disposable.replace("/login", path), **secured) == []


@pytest.mark.parametrize("path", ["/users/me", "/me", "/account", "/session"])
def test_caller_does_not_delete_its_own_account(path: str) -> None:
    assert undecided({path: {"delete": operation()}}) == [f"DELETE {path}"]
