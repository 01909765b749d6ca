"""The schemas for editors are ready for SchemaStore: its validator takes them in strict mode."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.fleet.engines.node import NODE, node_path
from tests.fleet.units import environ_of, smoke

# SchemaStore's own settings: strict, but with lists of types, which JSON Schema allows.
SCRIPT = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const load = createRequire(process.argv[2] + "/");
const ajv = new (load("ajv"))({ strict: true, allowUnionTypes: true, allErrors: true });
load("ajv-formats")(ajv);
const { schema, files } = JSON.parse(readFileSync(0, "utf8"));
const validate = ajv.compile(schema);
console.log(JSON.stringify(files.map((file) => validate(file))));
"""

GOOD = {"targets": {"staging": {"base_url": "https://staging.example.com"}}}
WRONG = {"targets": {"staging": {"base": "https://staging.example.com"}}}
RULES = {"rule": [{"operation": "GET /notes", "actor": "reader"}]}
FILES = {
    "smoke.toml": (GOOD, WRONG),
    "pyproject.toml": ({"tool": {"smoke": GOOD}}, {"tool": {"smoke": WRONG}}),
    "rules.toml": (RULES, {"rules": []}),
}


@pytest.mark.parametrize("name", FILES)
def test_schema_compiles_in_strict_mode_and_tells_right_from_wrong(
    name: str, tmp_path: Path
) -> None:
    printed = subprocess.run(  # noqa: S603  (our own module)
        smoke("schema", name), env=environ_of(), capture_output=True, text=True, check=True
    ).stdout
    schema = json.loads(printed)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"https://json.schemastore.org/smoke-http-{name.partition('.')[0]}.json"
    assert schema["title"]
    (tmp_path / "check.mjs").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  (our own script)
        [str(NODE), str(tmp_path / "check.mjs"), str(node_path("ajv").parent)],
        input=json.dumps({"schema": schema, "files": FILES[name]}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[true,false]\n"), done.stderr
