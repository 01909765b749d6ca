"""Rules: TOML of any kind, and valid rules made wrong, are read or refused with their lines."""

import datetime
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smoke.config.rules import check, parse
from smoke.plan.values import from_rule
from tests.config.test_rules import FILE
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated, scratched, toml_of, values
from tests.unlike import FOLDER, contract_of

PLACE = r"bad:\d+(:\d+)?: \S|\S+/library\.json#/\S+: \S"
TEXTS = {name: (FOLDER / f"{name}.toml").read_text("utf-8") for name in ("library", "shop")}


def tables(text: str) -> Any:
    """The tables of a TOML text with dates as texts, so that everything in them is JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.isoformat() if isinstance(value, datetime.date) else value

    return plain(tomllib.loads(text))


def read_or_refused(text: str, service: str = "library") -> None:
    with bounded(), refusable(PLACE):
        rules = parse(text, "bad")
        check(contract_of(service), rules, ["ai"])
        for rule in rules.rules:
            for value in (rule.path, rule.query, rule.headers, rule.body):
                from_rule(value, "")


@tried(80)
@given(mutated(tables(TEXTS["library"]), 1))
def test_rules_made_wrong(data: Any) -> None:
    read_or_refused(toml_of(data))


@tried(40)
@given(mutated(tables(TEXTS["shop"])))
def test_other_rules_made_wrong(data: Any) -> None:
    read_or_refused(toml_of(data), "shop")


@tried(80)
@given(mutated(tables(FILE), 1))
def test_every_section_made_wrong(data: Any) -> None:
    read_or_refused(toml_of(data))


@tried(60)
@given(scratched(FILE))
def test_text_made_wrong(text: str) -> None:
    read_or_refused(text)


@tried(60)
@given(st.text() | st.dictionaries(st.text(), values()).map(toml_of))
def test_any_text(text: str) -> None:
    read_or_refused(text)
