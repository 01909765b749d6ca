"""The YAML files of this room: job definitions with placeholders, and how they are written."""

import json
from pathlib import Path
from string import Template
from typing import Any

import yaml


def filled(name: str, /, **values: Any) -> list[dict[str, Any]]:
    """The documents of a file beside this one, each `${placeholder}` replaced by its value."""
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    # JSON is YAML, too, so a value of any kind fits where its placeholder stands.
    written = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    return list(yaml.safe_load_all(Template(text).substitute(written)))


def dumped(*documents: dict[str, Any]) -> str:
    """Documents as YAML: keys in their order, texts of several lines as blocks, no anchors."""
    return yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000)


class _Plain(yaml.SafeDumper):
    """Writes for people: no anchors such as `&id001`, and scripts on several lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Write a repeated value in full."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Plain.add_representer(str, _text)
