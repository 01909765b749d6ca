"""Three small services unlike the embedded one: their contracts and the rules they need."""

from pathlib import Path

from smoke.config.rules import Rules, parse
from smoke.contract import Contract

FOLDER = Path(__file__).parent
NAMES = ("notes", "shop", "library")


def contract_of(name: str) -> Contract:
    """The contract of one of the services."""
    suffix = "json" if name in ("notes", "library") else "yaml"
    return Contract.load(FOLDER / f"{name}.{suffix}")


def rules_of(name: str) -> Rules:
    """The rules of one of the services."""
    path = FOLDER / f"{name}.toml"
    return parse(path.read_text(encoding="utf-8"), path.name)
