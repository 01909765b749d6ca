"""The project's contract and rules, several times over: the same operations under other paths."""

import json
import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

METHOD = re.compile(r"^([A-Z*]+) /")


def multiply(contract: Path, rules: Path, times: int, folder: Path) -> tuple[Path, Path]:
    """Write a contract with that many times the operations, and rules that fit it."""
    document = json.loads(contract.read_text(encoding="utf-8"))
    text = rules.read_text(encoding="utf-8")
    rows = tomllib.loads(text)["rule"]
    names = {row["as"] for row in rows if "as" in row}
    paths = dict(document["paths"])
    for n in range(2, times + 1):
        for path, item in paths.items():
            document["paths"][f"/copy{n}{path}"] = deepcopy(item)
        for row in rows:
            text += "".join(["\n[[rule]]\n", *_keys(_copied(row, n, names))])
    made = folder / "many.json", folder / "many.toml"
    made[0].write_text(json.dumps(document), encoding="utf-8")
    made[1].write_text(text, encoding="utf-8")
    return made


def _copied(value: Any, n: int, names: set[str]) -> Any:
    """A rule for a copy: its operations, and the names that rules have, are the copy's own."""
    if isinstance(value, dict):
        return {key: _copied(inner, n, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner, n, names) for inner in value]
    if isinstance(value, str) and value in names:
        return f"{value}, copy {n}"
    return METHOD.sub(rf"\1 /copy{n}/", value) if isinstance(value, str) else value


def _keys(row: dict[str, Any]) -> list[str]:
    return [f"{json.dumps(key)} = {_toml(value)}\n" for key, value in row.items()]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items())
        return "{ " + inside + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
