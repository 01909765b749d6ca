"""
Writes the tables of keys in the manual from the JSON Schemas: `python -m tests.project.tables`.

A page marks the place of a table: `<!-- table: rules.login -->` … `<!-- end -->`. The path names a
part of a schema: `.name` a property, `.*` any other property, `[]` the items of a list.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from smoke.cli.main import smoke
from smoke.pytest_plugin.plugin import pytest_addoption

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
CONFIG = ROOT / "smoke/config"
SCHEMAS = {
    name: json.loads((CONFIG / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("rules", "tool")
}
MARKED = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(text: str) -> str:
    """The text of a page with every table made from its source."""
    return MARKED.sub(lambda found: f"{found[1]}\n{_made(found[2])}\n\n{found[3]}", text)


def _made(name: str) -> str:
    return {"options": options, "commands": commands}.get(name, lambda: table(name))()


class _Options:
    """Stands for pytest's parser and keeps what the plugin declares."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def getgroup(self, *_: str) -> "_Options":
        """One group for all."""
        return self

    def addoption(self, *names: str, **settings: Any) -> None:
        """Keep an option as a row."""
        value = f" {settings['metavar']}" if "metavar" in settings else ""
        name = escaped(f"{names[0]}{value}")
        self.rows.append(f"| `{name}` | {escaped(str(settings['help']))} |")

    def register(self, *_: Any) -> None:
        """Plugins of the plugin need no row."""

    def get_plugin(self, *_: Any) -> None:
        """No run is under way."""


def options() -> str:
    """A table of the options that the pytest plugin declares."""
    found: Any = _Options()
    pytest_addoption(found, found)
    return "\n".join(["| option | meaning |", "|---|---|", *found.rows])


def commands() -> str:
    """A table of the commands of `smoke`, with the first sentence of each."""
    context = click.Context(smoke)
    found = {name: smoke.get_command(context, name) for name in smoke.list_commands(context)}
    rows = [
        f"| `smoke {name}` | {escaped(command.get_short_help_str(200))} |"
        for name, command in found.items()
        if command is not None
    ]
    return "\n".join(["| command | meaning |", "|---|---|", *rows])


def escaped(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("|", "\\|")


def table(path: str) -> str:
    """A Markdown table of the keys at a path of a schema, required ones first."""
    root = SCHEMAS[path.split(".", 1)[0]]
    node = _node(root, root, re.findall(r"\.\*|\.\w+|\[\]", path))
    required = node.get("required", [])
    rows = ["| key | value | meaning |", "|---|---|---|"]
    keys = sorted(node.get("properties", {}).items(), key=lambda item: item[0] not in required)
    for key, value in keys:
        mark = " (required)" if key in required else ""
        inner = _resolved(root, value)
        rows.append(f"| `{key}`{mark} | {_kind(root, inner)} | {_meaning(key, path, inner)} |")
    return "\n".join(rows)


def _node(root: Any, node: Any, steps: list[str]) -> Any:
    node = _resolved(root, node)
    if not steps:
        return node
    if steps[0] == ".*":
        inner = node["additionalProperties"]
    elif steps[0] == "[]":
        inner = node["items"]
    else:
        inner = node["properties"][steps[0][1:]]
    return _node(root, inner, steps[1:])


def _resolved(root: Any, node: Any) -> Any:
    if "$ref" not in node:
        return node
    found = root
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**found, **{key: value for key, value in node.items() if key != "$ref"}}


def _kind(root: Any, node: Any) -> str:
    """The allowed values in words."""
    if "title" in node:
        return str(node["title"])
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return ", ".join(f"`{json.dumps(value)}`" for value in node["enum"])
    if "anyOf" in node:
        kinds = [_kind(root, _resolved(root, inner)) for inner in node["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    kind = node.get("type", "any value")
    if kind == "array":
        return f"list of {_kind(root, _resolved(root, node.get('items', {})))}"
    if isinstance(kind, list):
        return " or ".join(map(_word, kind))
    return _word(kind)


def _word(kind: str) -> str:
    return {"object": "table", "string": "text", "boolean": "true or false"}.get(kind, kind)


def _meaning(key: str, path: str, node: Any) -> str:
    text = str(node.get("description") or node.get("title", ""))
    assert text, f"{path}: {key} has no description in its schema."
    default = f" Default: `{json.dumps(node['default'])}`." if "default" in node else ""
    return f"{escaped(text)}{default}"


def main() -> int:
    """Write every table again."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(rewritten(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
