"""Rules against a contract: every name must exist, and several rules are merged."""

import pytest

from smoke.config.rules import check, match, parse
from smoke.contract import Contract
from smoke.errors import DataError
from tests.unlike import NAMES, contract_of, rules_of


def problems(text: str, name: str = "notes", gates: list[str] | None = None) -> list[str]:
    with pytest.raises(DataError) as error:
        check(contract_of(name), parse(text, "r.toml"), gates)
    return str(error.value).splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_rules_of_the_unlike_services_are_in_order(name: str) -> None:
    contract = contract_of(name)
    assert list(check(contract, rules_of(name))) == list(contract.operations)


def test_unknown_operation_is_reported_with_the_nearest() -> None:
    (line,) = problems('\n[[rule]]\noperation = "GET /note"\n')
    assert line.startswith("r.toml:2: 'GET /note' is not an operation of")
    assert "Did you mean 'GET /notes'?" in line


def test_pattern_that_matches_nothing_is_a_mistake_unless_it_is_optional() -> None:
    (line,) = problems('[[rule]]\noperation = "GET /cats*"\n')
    assert "'GET /cats*' matches no operation" in line
    check(contract_of("notes"), parse('[[rule]]\noperation = "GET /cats*"\noptional = true\n'))


def test_rules_that_hide_every_operation_are_a_mistake() -> None:
    later = 'except = { reason = "later" }\n'
    (line,) = problems(f'\n[[rule]]\noperation = "* *"\n{later}')
    assert line.startswith("r.toml:2: with this, every operation of ")
    assert "notes.json is excepted, so that a run would verify nothing." in line
    check(contract_of("notes"), parse(f'[[rule]]\noperation = "GET *"\n{later}'))
    some = 'except = { reason = "later", targets = ["a"] }\n'
    check(contract_of("notes"), parse(f'[[rule]]\noperation = "* *"\n{some}'))


def test_all_wrong_names_are_reported_together() -> None:
    lines = problems(
        """
[actors.owner]
email = "o@example.com"
[world]
place = "/place"
[[rule]]
operation = "GET /notes/{noteId}"
actor = "ownr"
gate = "ai"
path = { id = 1 }
query = { limit = "{world:plce}" }
after = ["POST /note"]
[[rule]]
operation = "GET /ping"
body = {}
headers = { X = "{emial:owner}", Y = "{{not a placeholder}}" }
[[rule]]
operation = "POST /notes"
media_type = "application/jsn"
body = { title = { from = "GET /nots", pointer = "/id" }, parent = { unique = "", as = "uid" } }
[[rule]]
operation = "GET /notes*"
as = "many"
[[known]]
operation = "GET /gone"
kind = "shape"
reason = "r"
link = "l"
expires = 2030-01-01
""",
        gates=["billing"],
    )
    starts = [line.partition(" Known")[0].partition(" Did you")[0] for line in lines]
    assert [start.partition(": ")[0] for start in starts] == [
        *["r.toml:6"] * 6,
        *["r.toml:13"] * 2,
        *["r.toml:17"] * 3,
        "r.toml:21",
        "r.toml:24",
    ]
    text = "\n".join(lines)
    for words in (
        "unknown actor 'ownr'. Did you mean 'owner'?",
        "unknown gate 'ai'. Known: billing.",
        "has no path parameter 'id'; it has noteId.",
        "has no query parameter 'limit'; it has none.",
        "'{world:plce}': unknown name. Did you mean 'place'? Known: place.",
        "'POST /note' is not an operation",
        "'GET /ping' takes no body.",
        "unknown placeholder '{emial:owner}'. Did you mean 'email'?",
        "has no media type 'application/jsn'; it has application/json.",
        "'GET /nots' is not an operation",
        "unknown kind 'uid' of unique. Known: text, uuid, ipv4, digits, hex, word.",
        "as = 'many' adds one request, so it must name exactly one operation.",
        "'GET /gone' is not an operation",
    ):
        assert words in text


def test_two_rules_of_equal_rank_must_not_contradict_each_other() -> None:
    (line,) = problems(
        '[[rule]]\noperation = "POST /notes"\nbody = { title = "a" }\n'
        '[[rule]]\noperation = "POST /notes"\nbody = { title = "b" }\n'
    )
    assert line == ("r.toml:4: body.title of 'POST /notes' contradicts r.toml:1. Keep one of them.")


def test_name_of_an_additional_request_is_taken_once() -> None:
    (line,) = problems('[[rule]]\noperation = "GET /ping"\nas = "x"\n' * 2)
    assert line == "r.toml:4: as = 'x' is taken by r.toml:1."


def test_exact_rule_wins_over_a_pattern_and_the_rest_is_merged() -> None:
    rules = parse(
        '[[rule]]\noperation = "POST /notes"\nbody = { title = "exact" }\nafter = ["GET /ping"]\n'
        '[[rule]]\noperation = "* /notes*"\nbody = { title = "loose", deep = { a = 1 } }\n'
        'after = ["GET /notes"]\nexpect = [201]\n'
    )
    found = match(contract_of("notes"), rules)["POST /notes"].rule
    assert found.body == {"title": "exact", "deep": {"a": 1}}
    assert found.expect == (201,)
    assert set(found.after) == {"GET /ping", "GET /notes"}


def test_tag_names_operations() -> None:
    rules = parse('[[rule]]\noperation = "tag:files"\ngate = "files"\n')
    found = match(contract_of("notes"), rules)
    assert sorted(name for name, row in found.items() if row.rule.gate) == [
        "GET /notes/{noteId}/attachments/{attachment_id}",
        "POST /notes/import",
        "POST /notes/{noteId}/attachments",
    ]


def test_contract_may_contain_rules() -> None:
    found = match(contract_of("library"), rules_of("library"))
    assert found["POST /loans"].rule.actor == "librarian"
    assert found["POST /loans"].places[0].endswith("#/paths/~1loans/post/x-smoke")


def test_file_wins_over_rules_in_the_contract() -> None:
    rules = parse('[actors.reader]\n[[rule]]\noperation = "POST /loans"\nactor = "reader"\n')
    assert match(contract_of("library"), rules)["POST /loans"].rule.actor == "reader"


def test_mistake_in_the_contract_is_reported_with_its_pointer() -> None:
    document = contract_of("library").document
    loans = {"post": {**document["paths"]["/loans"]["post"], "x-smoke": {"actr": "x"}}}
    contract = Contract({**document, "paths": {"/loans": loans}}, "l.json")
    with pytest.raises(DataError) as error:
        match(contract, parse(""))
    assert str(error.value).startswith(
        "l.json#/paths/~1loans/post/x-smoke: unknown key 'actr'. Did you mean 'actor'?"
    )


def test_login_by_key_names_a_scheme_of_the_contract() -> None:
    (line,) = problems('[login]\nkind = "key"\nscheme = "kee"\n')
    assert line == (
        "r.toml:3: the contract has no security scheme 'kee'; it has key. Did you mean 'key'?"
    )


def test_sections_name_operations_of_the_contract() -> None:
    lines = problems('[ready]\noperation = "GET /pin"\n[login]\noperation = "POST /login"\n')
    assert [line.partition(" is")[0] for line in lines] == [
        "r.toml:2: 'GET /pin'",
        "r.toml:4: 'POST /login'",
    ]


def test_unknown_placeholder_outside_of_rules_is_a_mistake() -> None:
    login = (
        '[login]\nurl = "/login"\naccess = "/token"\nbody = { user = "{emial}", of = "{env:X}" }\n'
    )
    (line,) = problems(login)
    assert line.startswith(
        "r.toml:4: unknown placeholder '{emial}'. Did you mean 'email'? Known: env,"
    )
    (line,) = problems('[samples]\nmail = "{email:carol}"\n')
    assert line.startswith("r.toml:2: '{email:carol}': unknown name.")
    seed = (
        '[seed]\noperation = "POST /notes"\nbody = { name = "smoke-{runn}", plan = "{refresh}" }\n'
    )
    first, second = problems(seed)
    assert first.startswith("r.toml:3: unknown placeholder '{runn}'. Did you mean 'run'?")
    assert second.startswith("r.toml:3: unknown placeholder '{refresh}'.")
