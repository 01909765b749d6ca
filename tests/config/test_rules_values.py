"""Malformed special values of rules are refused with their line."""

import json
from typing import Any

import pytest

from smoke.config.rules import check, parse
from smoke.contract import Contract
from smoke.errors import DataError

RULE = '[[rule]]\noperation = "GET /a"\n'


def message_of(text: str) -> str:
    with pytest.raises(DataError) as error:
        parse(text, "r.toml")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{RULE}path = {{ id = {{ from = 5, pointer = "/x" }} }}',
         "r.toml:3: from = '5'; the name of a request is expected."),
        (f'{RULE}path = {{ id = {{ from = "GET /a", pointer = "x" }} }}',
         "r.toml:3: pointer = 'x'; a JSON pointer, which begins with '/' is expected."),
        (f'{RULE}query = {{ q = {{ from = "GET /a", sent = [] }} }}',
         "r.toml:3: sent = '[]'; a JSON pointer, which begins with '/' is expected."),
        (f'{RULE}headers = {{ h = {{ from = "GET /a", header = 5 }} }}',
         "r.toml:3: header = '5'; the name of a header is expected."),
        (f'{RULE}body = [{{ from = "GET /a", pointer = "", owned = "yes" }}]',
         "r.toml:3: owned = 'yes'; true or false is expected."),
        (f'{RULE}body.deep = {{ from = "GET /a", pointer = "/*/x", where = 5 }}',
         "r.toml:3: where = '5'; a table of fields is expected."),
        (f"{RULE}body = {{ unique = 5 }}", "r.toml:3: unique = '5'; a text is expected."),
        (f'{RULE}body = {{ unique = "", suffix = 5 }}',
         "r.toml:3: suffix = '5'; a text is expected."),
        ("[samples]\na = nan", "r.toml:2: nan is not a number that JSON can hold."),
        ("[samples]\na = [1, -inf]", "r.toml:2: -inf is not a number that JSON can hold."),
        ("[samples]\n\na = { any = 5 }", "r.toml:3: any = '5'; a list is expected."),
        ('[seed]\noperation = "POST /s"\nbody = { a = { gate = [], value = 1 } }',
         "r.toml:3: gate = '[]'; the name of a gate is expected."),
        ('[world]\n"a\\nb\\u001b[2J" = 5',
         "r.toml:1: world.a\\nb\\x1b[2J is 5. "
         "Allowed: a JSON pointer (RFC 6901), which begins with '/'."),
    ],
)  # fmt: skip
def test_malformed_value_is_reported_with_its_line(text: str, message: str) -> None:
    assert message_of(text) == message


def test_table_that_only_resembles_a_special_one_is_data() -> None:
    rules = parse(f"{RULE}body = {{ from = 5, to = 6, unique = 7, deep = {{ gate = 5 }} }}", "r")
    assert rules.rules[0].body == {"from": 5, "to": 6, "unique": 7, "deep": {"gate": 5}}


def test_rule_inside_the_contract_is_reported_with_its_pointer() -> None:
    extension = {"path": {"id": {"from": [], "pointer": "/x"}}, "actr": "owner"}
    paths: dict[str, Any] = {"/a": {"get": {"responses": {}, "x-smoke": extension}}}
    text = json.dumps({"openapi": "3.1.0", "paths": paths})
    with pytest.raises(DataError) as error:
        check(Contract.parse(text, "c.json"), parse(""))
    actr, value = str(error.value).split("\n")
    assert actr.startswith("c.json#/paths/~1a/get/x-smoke: unknown key 'actr'. Did you mean")
    assert value == "c.json#/paths/~1a/get/x-smoke: from = '[]'; the name of a request is expected."


def test_missing_name_is_reported_with_a_line_also_if_its_key_has_none() -> None:
    contract = Contract.parse('{"openapi": "3.1.0", "paths": {}}', "c.json")
    rules = parse('\nlogin = { kind = "key", scheme = "basic" }\nready.operation = "GET /r"', "r")
    with pytest.raises(DataError) as error:
        check(contract, rules)
    assert [line.partition(": ")[0] for line in str(error.value).split("\n")] == ["r:3", "r:2"]
