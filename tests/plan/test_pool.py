"""The pool: values of the run in a plan, and the reasons to block an entry."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.config.rules import Then
from smoke.plan import Blocked, Entry, FilledRequest, Plan, Pool, follow_up
from smoke.plan.values import NOTHING, file_bytes, from_rule, last_of, pick, totp, unique_text
from tests.planning import Answering, plan_of
from tests.unlike import NAMES

RUN = "ab12cd34"


def entry(operation: str, **values: Any) -> Entry:
    given_values = {"phase": "act", "actor": "owner", "expect": (200,), **values}
    return Entry(name=given_values.pop("name", operation), operation=operation, **given_values)


def filled(pool: Pool, wanted: Entry) -> FilledRequest:
    request = pool.fill(wanted)
    assert isinstance(request, FilledRequest), request
    return request


def blocked(pool: Pool, wanted: Entry) -> Blocked:
    found = pool.fill(wanted)
    assert isinstance(found, Blocked), found
    return found


def of(source: str, pointer: str = "/id", **more: Any) -> dict[str, Any]:
    return {"$from": source, "pointer": pointer, **more}


def test_literals_are_kept() -> None:
    wanted = entry("PUT /a/{b}", path={"b": 3}, query={"q": ["x", True]}, headers={"N": 1})
    request = filled(Pool(RUN), wanted)
    assert (request.path, request.query, request.headers) == (
        {"b": "3"},
        {"q": ["x", True]},
        {"N": "1"},
    )
    assert request.target == "/a/3"


def test_known_values_are_taken_by_name() -> None:
    pool = Pool(RUN, {"world.place": "P", "actor.owner.email": "o@example.com"})
    wanted = entry(
        "POST /a",
        media_type="application/json",
        body={
            "at": {"$from": "world.place"},
            "to": {"$text": ["<", {"$from": "actor.owner.email"}, ">"]},
            "run": {"$from": "run.id"},
        },
    )
    assert filled(pool, wanted).body.value == {"at": "P", "to": "<o@example.com>", "run": RUN}


def test_value_comes_from_an_earlier_answer() -> None:
    pool = Pool(RUN)
    pool.feed("POST /a", {"data": {"id": 7}}, {"Location": "https://h/a/8?x=1", "ETag": '"1"'})
    for reference, value in (
        (of("POST /a", "/data/id"), "7"),
        ({"$from": "POST /a", "header": "location", "segment": True}, "8"),
        ({"$from": "POST /a", "header": "etag"}, '"1"'),
    ):
        assert filled(pool, entry("GET /a/{id}", path={"id": reference})).path == {"id": value}


def test_value_may_come_from_an_earlier_request() -> None:
    pool = Pool(RUN)
    first = entry("POST /a/{x}", path={"x": "1"}, media_type="application/json", body={"n": "Ann"})
    pool.feed("POST /a/{x}", None, {}, filled(pool, first))
    query = {"n": {"$from": "POST /a/{x}", "sent": "/body/n"},
             "x": {"$from": "POST /a/{x}", "sent": "/path/x"}}  # fmt: skip
    assert filled(pool, entry("GET /a", query=query)).query == {"n": "Ann", "x": "1"}


def test_entry_is_blocked_by_its_failed_prerequisite() -> None:
    wanted = entry("GET /a/{id}", path={"id": of("POST /a")}, needs=("POST /a",))
    assert blocked(Pool(RUN), wanted) == Blocked("POST /a", "blocked by POST /a")


def test_entry_is_blocked_by_a_needed_entry_even_without_its_values() -> None:
    assert blocked(Pool(RUN), entry("GET /b", needs=("GET /a",))).by == "GET /a"


def test_entry_is_blocked_if_the_answer_lacks_the_value() -> None:
    pool = Pool(RUN)
    pool.feed("GET /a", {"items": []})
    found = blocked(pool, entry("GET /a/{id}", path={"id": of("GET /a", "/items/0/id")}))
    assert found == Blocked("GET /a", "blocked: GET /a has no /items/0/id")


def test_missing_world_value_is_reported_by_name() -> None:
    found = blocked(Pool(RUN), entry("GET /a/{id}", path={"id": {"$from": "world.id"}}))
    assert found == Blocked("world.id", "blocked: world.id has no")


def test_substitute_is_used_if_the_first_source_has_no_value() -> None:
    pool = Pool(RUN)
    pool.feed("GET /a", [{"id": 5}])
    reference = {"$from": "world.id", "or": [of("GET /a", "/0/id")]}
    wanted = entry("GET /a/{id}", path={"id": reference}, needs=("world.id",))
    assert filled(pool, wanted).path == {"id": "5"}


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_value_that_would_change_the_path_is_refused(value: Any) -> None:
    pool = Pool(RUN)
    pool.feed("GET /a", {"id": value})
    found = blocked(pool, entry("GET /a/{id}", path={"id": of("GET /a")}))
    assert found.by == "GET /a"
    assert "change the path" in found.reason


def test_null_is_a_value_in_a_body() -> None:
    pool = Pool(RUN)
    pool.feed("GET /a", {"url": None})
    wanted = entry("PUT /a", media_type="application/json", body={"url": of("GET /a", "/url")})
    assert filled(pool, wanted).body.value == {"url": None}


def test_only_owned_resources_are_destroyed() -> None:
    pool = Pool(RUN)
    pool.feed("POST /a", {"id": "mine"})
    pool.feed("GET /a", [{"id": "foreign"}])
    mine = entry("DELETE /a/{id}", path={"id": of("POST /a", owned=True)}, destructive=True)
    foreign = entry("DELETE /a/{id}", path={"id": of("GET /a", "/0/id")}, destructive=True)
    assert filled(pool, mine).owned
    assert "was not made by this run" in blocked(pool, foreign).reason


def test_substitute_that_is_not_owned_is_not_destroyed() -> None:
    pool = Pool(RUN)
    pool.feed("GET /a", [{"id": "foreign"}])
    reference = {"$from": "world.id", "owned": True, "or": [of("GET /a", "/0/id")]}
    wanted = entry("DELETE /a/{id}", path={"id": reference}, destructive=True)
    assert "was not made by this run" in blocked(pool, wanted).reason


def test_protected_value_is_never_destroyed_even_if_owned() -> None:
    pool = Pool(RUN, protected=["tenant-1", None, ""])
    pool.feed("POST /a", {"id": "tenant-1"})
    wanted = entry("DELETE /a/{id}", path={"id": of("POST /a", owned=True)}, destructive=True)
    assert "is protected" in blocked(pool, wanted).reason


def test_protected_value_may_precede_the_destroyed_id() -> None:
    pool = Pool(RUN, {"world.tenant": "tenant-1"}, protected=["tenant-1"])
    pool.feed("POST /a", {"id": 1})
    path = {"tenant": {"$from": "world.tenant"}, "id": of("POST /a", owned=True)}
    wanted = entry("DELETE /t/{tenant}/a/{id}", path=path, destructive=True)
    assert filled(pool, wanted).target == "/t/tenant-1/a/1"


def test_precondition_is_the_latest_of_the_same_path() -> None:
    pool = Pool(RUN)
    read = entry("GET /a/{id}", path={"id": "1"})
    header = {"If-Match": {"$from": "GET /a/{id}", "header": "ETag"}}
    put = entry("PUT /a/{id}", path={"id": "1"}, headers=header)
    other = entry("PUT /a/{id}", path={"id": "2"}, headers=header)
    pool.feed(read.name, {}, {"ETag": '"1"'}, filled(pool, read))
    pool.feed("PUT /a/{id}", {}, {"etag": '"2"'}, filled(pool, put))
    assert filled(pool, put).headers == {"If-Match": '"2"'}
    assert filled(pool, other).headers == {"If-Match": '"1"'}


def test_item_of_a_list_is_picked_by_its_fields() -> None:
    pool = Pool(RUN)
    rows = [{"mail": "b", "id": 1}, {"mail": f"a{RUN}-a1b2", "id": 2}]
    pool.feed("GET /a", {"rows": rows})
    reference = of("GET /a", "/rows/*/id", where={"mail": "b"})
    assert filled(pool, entry("GET /a/{id}", path={"id": reference})).path == {"id": "1"}
    missing = of("GET /a", "/rows/*/id", where={"mail": "c"})
    assert blocked(pool, entry("GET /a/{id}", path={"id": missing})).by == "GET /a"


def test_pointer_may_go_through_the_run_and_its_tenant() -> None:
    pool = Pool(RUN, {"run.tenant": "a/b"})
    pool.feed("POST /seed", {"a/b": {f"key-{RUN}": {"id": 9}}})
    reference = of("POST /seed", "/{tenant}/key-{run}/id")
    assert filled(pool, entry("GET /a/{id}", path={"id": reference})).path == {"id": "9"}


def test_values_that_must_not_be_shown_are_named() -> None:
    pool = Pool(RUN, {"actor.owner.password": "long secret"})
    wanted = entry(
        "POST /login",
        headers={"Authorization": {"$text": ["Bearer ", {"$from": "actor.owner.password"}]}},
        media_type="application/json",
        body={"password": {"$unique": "pw-"}, "email": "o@example.com", "pin_token": "short"},
    )
    assert filled(pool, wanted).secrets == ("long secret", unique_text({"$unique": "pw-"}, RUN))


def test_pool_lists_the_missing_names_of_an_entry() -> None:
    wanted = entry(
        "GET /a", headers={"X": {"$from": "actor.owner.access"}}, query={"t": of("GET /b")}
    )
    pool = Pool(RUN)
    assert pool.wants(wanted) == {"actor.owner.access"}
    pool.know("actor.owner.access", "token")
    assert pool.wants(wanted) == set()
    assert pool.answer_of("GET /b") is None


def test_time_is_the_start_of_the_run() -> None:
    pool = Pool(RUN, clock=lambda: 1_700_000_000.0)
    query = {"now": {"$from": "run.now"}, "today": {"$from": "run.today"}}
    assert filled(pool, entry("GET /a", query=query)).query == {
        "now": "2023-11-14T22:13:20Z",
        "today": "2023-11-14",
    }


def test_one_time_code_follows_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp(secret, at_s, digits=8) for at_s in (59, 1111111109, 20000000000)] == [
        "94287082",
        "07081804",
        "65353130",
    ]
    pool = Pool(RUN, clock=lambda: 59.0)
    pool.feed("POST /mfa", {"secret": secret, "bad": "!"})
    body = {"code": {"$totp": of("POST /mfa", "/secret")}}
    wanted = entry("POST /verify", media_type="application/json", body=body)
    assert filled(pool, wanted).body.value == {"code": "287082"}
    body = {"code": {"$totp": of("POST /mfa", "/bad")}}
    wanted = entry("POST /verify", media_type="application/json", body=body)
    assert "not base32" in blocked(pool, wanted).reason


def test_bytes_go_to_a_url_of_the_answer() -> None:
    then = Then("/url", "bytes", "/how", "/with")
    wanted = entry("POST /upload", then=then)
    found = follow_up(wanted, {"url": "http://h/x", "how": "POST", "with": {"A": 1}})
    assert found is not None
    assert (found.method, found.url, found.headers, found.content) == (
        "POST",
        "http://h/x",
        {"A": "1"},
        b"bytes",
    )
    assert follow_up(wanted, {"url": "memory://x"}) is None
    assert follow_up(entry("POST /upload"), {"url": "http://h/x"}) is None
    plain = follow_up(entry("POST /u", then=Then("/url", "")), {"url": "https://h"})
    assert plain is not None
    assert (plain.method, plain.headers) == ("PUT", {})


@pytest.mark.parametrize("name", NAMES)
def test_whole_plan_can_be_filled_when_everything_succeeds(name: str) -> None:
    plan = plan_of(name)
    assert _blocked(plan, failing=frozenset()) == {}


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_differ_only_in_run_values(name: str) -> None:
    plan = plan_of(name)
    first, second = _sent(plan, "11111111"), _sent(plan, "22222222")
    assert [text.replace("11111111", "22222222") for text in first] != first or first == second
    assert len(first) == len(second)


@given(st.sampled_from(NAMES), st.data())
@settings(deadline=None, database=None)
def test_only_dependents_of_a_failed_entry_are_blocked(name: str, data: st.DataObject) -> None:
    plan = plan_of(name)
    failing = frozenset(data.draw(st.sets(st.sampled_from([e.name for e in plan.entries]))))
    found = _blocked(plan, failing)
    for wanted in plan.entries:
        if wanted.excepted is None and wanted.name not in failing:
            dead = failing | set(found)
            assert (wanted.name in found) == bool(set(wanted.needs) & dead), wanted.name
    assert set(found.values()) <= failing | set(found)


def _blocked(plan: Plan, failing: frozenset[str]) -> dict[str, str]:
    """The blocked entries and their causes, if some entries fail."""
    pool, answering, found = Pool(RUN), Answering(plan), {}
    for wanted in plan.entries:
        if wanted.excepted is not None:
            continue
        request = pool.fill(wanted)
        if isinstance(request, Blocked):
            found[wanted.name] = request.by
        elif wanted.name not in failing:
            answering.answer(pool, wanted, request)
    return found


def _sent(plan: Plan, run: str) -> list[str]:
    pool, answering, sent = Pool(run), Answering(plan), []
    for wanted in plan.entries:
        if wanted.excepted is None:
            request = filled(pool, wanted)
            sent.append(f"{request.operation} {request.target} {request.body}")
            answering.answer(pool, wanted, request)
    return sent


@settings(deadline=None, database=None)
@given(st.text(), st.text(alphabet="0123456789abcdef", min_size=8, max_size=8))
def test_unique_value_is_the_same_for_one_label_and_run_only(label: str, run: str) -> None:
    one = {"$unique": "smoke-", "label": label}
    assert unique_text(one, run) == unique_text(dict(one), run)
    assert unique_text(one, run) != unique_text(one, "zzzzzzzz")
    assert unique_text(one, run) != unique_text({**one, "label": f"{label}!"}, run)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("text", r"a-ab12cd34-[0-9a-f]{4}!"),
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("ipv4", r"10(\.\d{1,3}){3}"),
        ("digits", r"a-\d{12}!"),
        ("hex", r"a-[0-9a-f]{32}!"),
    ],
)
def test_unique_value_has_the_requested_kind(kind: str, pattern: str) -> None:
    import re

    value = unique_text({"$unique": "a-", "suffix": "!", "as": kind}, RUN)
    assert re.fullmatch(pattern, value)


def test_values_of_rules_become_values_of_plans() -> None:
    assert from_rule("{{x}} {run}{world:a}", "l") == {
        "$text": ["{x} ", {"$from": "run.id"}, {"$from": "world.a"}]
    }
    assert from_rule("{email:owner}", "l") == {"$from": "actor.owner.email"}
    assert from_rule({"unique": ""}, "l") == {"$unique": "", "label": "l"}
    assert from_rule([{"from": "GET /a", "header": "ETag"}], "l") == [
        {"$from": "GET /a", "header": "ETag"}
    ]
    assert from_rule({"from": "GET /a"}, "l") == {"from": "GET /a"}
    assert from_rule({"a": {"text": ["x", "{today}"]}}, "l") == {
        "a": {"$text": ["x", {"$from": "run.today"}]}
    }


def test_picking_and_cutting() -> None:
    assert pick({"a": [{"b": None}]}, "/a/*/b", {}) is None
    assert pick({"a": []}, "/a/*/b", {}) is NOTHING
    assert pick({"a": 1}, "/a/*/b", {}) is NOTHING
    assert pick([{"x": 1, "y": [{"z": 2}]}], "/*/y/*/z", {"x": 1}) == 2
    assert last_of("https://h/a/b/?q=1#f") == "b"
    assert file_bytes({"$file": {"base64": "aGk="}}) == b"hi"
