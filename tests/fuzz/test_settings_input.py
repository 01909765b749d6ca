"""Configuration: a pyproject.toml and an environment of any kind are read or refused."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.config.settings import Flags, asked_targets, read_settings
from smoke.config.table import read_table
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated, scratched, toml_of, values

TEXT = """
[tool.smoke]
contract = "openapi/x.json"
checks = "checks"
target = "staging"
first = ["health"]

[tool.smoke.options]
version = ""

[tool.smoke.targets.local]
serve = "some.module"
gates = { "*" = "on" }

[tool.smoke.targets.staging]
base_url = "https://api.example.com/v1"
tags = ["prod"]
actors = ["owner"]
timeout_s = 2.5
verify = false
protected = true
token = { issuer = "x" }
options = { version = "2" }
drift = "red"
rules = "other.toml"
trace_url = "https://traces.example.com/{trace_id}"

[tool.smoke.gates.billing]
covers = ["tag:billing", "POST /pay*"]
shut = "needs a payment provider"
needs = ["PAYMENT_KEY"]
setting = "ENABLE_BILLING"
refusal = [403]
"""
TABLE = tomllib.loads(TEXT)["tool"]["smoke"]
ENVIRON = {
    "SMOKE_TARGET": "staging",
    "SMOKE_BASE_URL": "http://127.0.0.1:8000",
    "SMOKE_HTTP_TIMEOUT": "3",
    "SMOKE_ENABLE_BILLING": "1",
    "PAYMENT_KEY": "k",
}
NAMES = (*ENVIRON, "SMOKE_ENABLE_", "SMOKE_ENABLE_X", "SMOKE_OTHER", "SMOKE_USER_EMAIL")
WORDS = (
    *("local,staging", "@prod", "@", ",", "http://[", "http://x:99999", "http://x:y", "//x"),
    *("1e999", "nan", "-1", "0", "http://\udc80", "ftp://x", "absent", "on", "\x1b[2J"),
)
PLACES = (
    r"pyproject\.toml: \[tool\.smoke|SMOKE_\w*\W|--gate |There is no target |"
    r"No target has the tag |Target '|Gate '|gates\."
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the broken configurations; each overwrites the one before."""
    return tmp_path_factory.mktemp("projects") / "pyproject.toml"


def read_or_refused(path: Path, text: str, environ: dict[str, str]) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
    place = rf"{re.escape(str(path))}: has no \[tool.smoke\]|{re.escape(str(path))}:\d+:\d+: \S"
    with bounded(), refusable(f"{place}|{PLACES}"):
        table = read_table(path)
        for name in asked_targets(table, environ, ()):
            settings = read_settings(table, path.parent, environ, Flags(target=name))
            assert settings.target.name == name
            assert all(gate.hint and not gate.holds("GET /", ["x"]) for gate in settings.gates)


@tried(120)
@given(mutated(TABLE, 1))
def test_table_made_wrong(path: Path, table: Any) -> None:
    read_or_refused(path, toml_of({"tool": {"smoke": table}}), ENVIRON)


@tried(60)
@given(mutated(TABLE), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS)))
def test_table_and_environment_made_wrong(path: Path, table: Any, environ: dict[str, str]) -> None:
    read_or_refused(path, toml_of({"tool": {"smoke": table}}), environ)


@tried(60)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS) | st.text()))
def test_any_environment(path: Path, environ: dict[str, str]) -> None:
    read_or_refused(path, TEXT, environ)


@tried(40)
@given(scratched(TEXT))
def test_text_made_wrong(path: Path, text: str) -> None:
    read_or_refused(path, text, {})


@tried(40)
@given(values())
def test_any_table(path: Path, value: Any) -> None:
    read_or_refused(path, toml_of({"tool": value}), {})
    read_or_refused(path, toml_of({"tool": {"smoke": value}}), {})
