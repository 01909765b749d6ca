"""Values as inline TOML, for rules that a person pastes."""

import json
from typing import Any


def toml_value(value: Any) -> str:
    """A value of JSON as inline TOML, which has no null: a member that is null is left out."""
    if isinstance(value, dict):
        members = ((key, member) for key, member in value.items() if member is not None)
        inner = ", ".join(f"{toml_key(key)} = {toml_value(member)}" for key, member in members)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml_value(item) for item in value if item is not None)}]"
    return json.dumps(value, ensure_ascii=False)


def toml_key(name: str) -> str:
    """A key of TOML: bare where it may be."""
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isalnum() and bare.isascii() else json.dumps(name)
