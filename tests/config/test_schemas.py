"""The JSON Schemas of the configuration: one source for the reader, editors and linters."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from validate_pyproject import api, errors
from validate_pyproject.plugins import PluginWrapper

from smoke.config.rules import ActorRow, Login, Seed
from smoke.config.schemas import pyproject, schema, tool
from smoke.config.table import EACH
from smoke.config.targets import SECRET, Target

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "smoke/config"
NOT_IN_A_ROW = {"name", "allow", "sources", *SECRET}


@pytest.mark.parametrize("name", ["tool", "rules", "x-smoke"])
def test_schema_is_valid_draft_7(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema(name))


def test_row_of_a_target_has_a_key_for_every_field() -> None:
    keys = schema("tool")["definitions"]["target"]["properties"]
    assert set(keys) - {EACH} == {field.name for field in fields(Target)} - NOT_IN_A_ROW


@pytest.mark.parametrize(("table", "kind"), [("login", Login), ("seed", Seed), ("actor", ActorRow)])
def test_table_of_the_rules_has_a_key_for_every_field(table: str, kind: Any) -> None:
    keys = schema("rules")["definitions"][table]["properties"]
    assert set(keys) == {field.name for field in fields(kind)} - {"name"}


def test_rule_inside_the_contract_names_no_operation() -> None:
    assert "operation" not in schema("x-smoke")["properties"]
    assert "actor" in schema("x-smoke")["properties"]


def validated(text: str) -> None:
    """Validate a pyproject.toml as validate-pyproject does, with our plugin."""
    plugin = PluginWrapper("smoke", cast("Any", tool))
    api.Validator(plugins=[plugin])(json.loads(text))


def test_validate_pyproject_takes_the_schema() -> None:
    row = {"base_url": "https://api.example.com"}
    validated(json.dumps({"tool": {"smoke": {"targets": {"staging": row}}}}))
    with pytest.raises(errors.ValidationError, match=r"tool\.smoke\.targets\.staging"):
        validated(json.dumps({"tool": {"smoke": {"targets": {"staging": {"base": "x"}}}}}))


def taplo(folder: Path, name: str, text: str, *rule: str) -> subprocess.CompletedProcess[str]:
    """Check a file with Taplo, as an editor does; `rule` is its configuration."""
    (folder / name).write_text(text, encoding="utf-8")
    settings = "\n".join([f'include = ["{name}"]', "[[rule]]", f'include = ["{name}"]', *rule])
    (folder / "taplo.toml").write_text(settings, encoding="utf-8")
    command = Path(sys.executable).with_name("taplo")
    return subprocess.run(  # noqa: S603  (a linter on a file of this test)
        [command, "check", "--config", folder / "taplo.toml", name],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("key", "code"), [("base_url", 0), ("base_urll", 1)])
def test_taplo_takes_the_schema_of_the_table(key: str, code: int, tmp_path: Path) -> None:
    text = f'[tool.smoke.targets.staging]\n{key} = "https://api.example.com"\n'
    file = tmp_path / "pyproject.schema.json"
    file.write_text(json.dumps(pyproject()), encoding="utf-8")
    place = f'schema.path = "{file}"'
    done = taplo(tmp_path, "pyproject.toml", text, place)
    assert done.returncode == code, done.stderr
    assert (f"'{key}' was unexpected" in done.stderr) == bool(code)


@pytest.mark.parametrize(("kind", "code"), [("session", 0), ("sesion", 1)])
def test_taplo_takes_the_schema_of_the_rules(kind: str, code: int, tmp_path: Path) -> None:
    place = f'schema.path = "{SCHEMAS / "rules.schema.json"}"'
    done = taplo(tmp_path, "rules.toml", f'[login]\nkind = "{kind}"\n', place)
    assert done.returncode == code, done.stderr
