"""What a run wrote, read the way its readers do; each reader raises where it cannot."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import XMLParser, parse

import jsonschema_rs
from haralyzer import HarParser  # type: ignore[import-untyped]
from junitparser import JUnitXml

from smoke import results

SCHEMA = json.loads((Path(results.__file__).parent / "run.schema.json").read_text("utf-8"))

FILES = (
    "run.jsonl", "verdict.json", "junit.xml", "summary.md", "run.har", "ctrf.json", "report.html",
)  # fmt: skip
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal or an editor obeys instead of showing it; tabs and ends of lines are fine."""


def all_read(folder: Path) -> dict[str, str]:
    """Read every file of a run, each with what is made for it; return their texts."""
    texts = {name: (folder / name).read_text("utf-8") for name in FILES}
    records = [
        json.loads(line, parse_constant=_no_json) for line in texts["run.jsonl"].split("\n")[:-1]
    ]
    validator = jsonschema_rs.validator_for(SCHEMA)
    wrong = [error.message for line in records for error in validator.iter_errors(line)]
    assert wrong == []
    for name in ("verdict.json", "run.har", "ctrf.json"):
        json.loads(texts[name], parse_constant=_no_json)
    assert JUnitXml.fromfile(str(folder / "junit.xml")).tests > 0
    parse(folder / "junit.xml", XMLParser(encoding="utf-8"))  # noqa: S314  (our own file)
    assert HarParser(json.loads(texts["run.har"])).pages is not None
    return texts


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
