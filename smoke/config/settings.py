"""The configuration of one run, read once from mappings into frozen objects."""

import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from smoke.config.gates import FLAG_PREFIX, Gates, are_texts, read_gates, shown
from smoke.config.production import WORDS, looks_like, meant_of
from smoke.config.targets import FROM_ENVIRON, Target, named, read_target
from smoke.documents import TextError, UnreadableError, parse_toml, read_text, visible
from smoke.errors import ConfigError, DataError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TABLE_KEYS = {
    "contract": (str, "a text"),
    "plan": (str, "a text"),
    "rules": (str, "a text"),
    "checks": (str, "a text"),
    "target": (str, "a text"),
    "gates": (dict, "a table"),
    "targets": (dict, "a table"),
    "options": (dict, "a table"),
    "first": (list, "a list of texts"),
    "production": (list, "a list of texts"),
}
"""What `[tool.smoke]` may have, and of which kind it is."""

DATA = {
    "contract": "openapi/openapi.json",
    "plan": "openapi/plan.json",
    "rules": "openapi/rules.toml",
    "checks": "",
}
"""What tells one service from another, with the defaults; a target's row may name its own."""

VARIABLES = ("SMOKE_TARGET", "SMOKE_PRODUCTION", *FROM_ENVIRON)
TOKEN_PREFIX = "SMOKE_TOKEN_"  # noqa: S105  (a variable of the pasted curl lines, not a token)


@dataclass(frozen=True)
class Flags:
    """What the command line says; None and empty mean that it is silent."""

    target: str | None = None
    base_url: str | None = None
    gates: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    production: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything one run is configured with; paths are absolute.

    `checks` is the package of the hand-written checks; empty where there are none. `session` is the
    nox session that runs this target. `production` is the pattern by which its host looks like
    production; empty where it does not, or where the target was named twice.
    """

    root: "Path"
    contract: "Path"
    plan: "Path"
    rules: "Path"
    checks: str
    target: Target
    gates: Gates
    options: "Mapping[str, Any]"
    first: tuple[str, ...] = ()
    session: str = "smoke"
    production: str = ""


def read_table(pyproject: "Path") -> dict[str, Any]:
    """Return `[tool.smoke]` of a pyproject.toml.

    Raises:
        DataError: the file cannot be read, is not TOML, or has no such table.
    """
    try:
        document = parse_toml(read_text(pyproject))
    except UnreadableError as error:
        raise DataError(f"{pyproject}: cannot be read: {error.reason}.") from None
    except TextError as error:
        raise DataError(f"{pyproject}:{error.place}: {error.problem}.") from None
    tools = document.get("tool")
    table = tools.get("smoke") if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        raise DataError(f"{pyproject}: has no [tool.smoke] table, so there is nothing to run.")
    return table


def asked_targets(
    table: "Mapping[str, Any]", environ: "Mapping[str, str]", flags: "Sequence[str]"
) -> list[str]:
    """Return the names of the targets that a run is asked for; tags are resolved.

    Several are separated by commas, or given as several flags.

    Raises:
        ConfigError: a word names no target, or several targets are to have one address.
    """
    asked = flags or [environ.get("SMOKE_TARGET") or str(table.get("target", "local"))]
    words = [word.strip() for text in asked for word in text.split(",") if word.strip()]
    return named(words, _table(table, "targets"))


def read_settings(
    table: "Mapping[str, Any]", root: "Path", environ: "Mapping[str, str]", flags: Flags
) -> Settings:
    """Return the settings of a run; flags win over the environment, it over the file.

    Raises:
        ConfigError: with every mistake found.
    """
    mistakes = [*_wrong_keys(table), *_unknown_variables(environ)]
    name = flags.target or environ.get("SMOKE_TARGET") or str(table.get("target", "local"))
    asked = {"base_url": flags.base_url, "allow": flags.allow}
    overrides = {
        key: (value, f"--{key.replace('_', '-')}") for key, value in asked.items() if value
    }
    target = read_target(name, _table(table, "targets"), environ, overrides, mistakes)
    named_again = flags.production or environ.get("SMOKE_PRODUCTION", "").split(",")
    meant = meant_of(named_again, _table(table, "targets"), mistakes)
    states = target.gates if target else {}
    gates = read_gates(_table(table, "gates"), states, environ, flags.gates, mistakes)
    if target is not None:
        mistakes += _unknown_options(target, _table(table, "options"))
        target = _trusting(target, root, mistakes)
    if mistakes or target is None:
        raise ConfigError(_in_file(line) for line in mistakes)
    if target.base_url and target.serve:  # a URL was asked for by name: it is the service
        target = replace(target, serve="")
    data = {
        key: str(table.get(key, default) if getattr(target, key) is None else getattr(target, key))
        for key, default in DATA.items()
    }
    return Settings(
        root=root,
        contract=root / data["contract"],
        plan=root / data["plan"],
        rules=root / data["rules"],
        checks=data["checks"],
        target=target,
        gates=gates,
        first=tuple(table.get("first", ())),
        session="smoke" if name == table.get("target", "local") else f"smoke-{name}",
        options={**_table(table, "options"), **target.options},
        production="" if name in meant else looks_like(target, table.get("production", WORDS)),
    )


def _wrong_keys(table: "Mapping[str, Any]") -> list[str]:
    found = []
    for key, value in table.items():
        kind, words = TABLE_KEYS.get(key, (object, ""))
        if key not in TABLE_KEYS:
            found.append(f"[tool.smoke] has an unknown key {key!r}.{nearest(key, TABLE_KEYS)}")
        elif not isinstance(value, kind) or (kind is list and not are_texts(value)):
            found.append(f"[tool.smoke] {key} is {shown(value)}. Allowed: {words}.")
    return found


def _in_file(mistake: str) -> str:
    """A mistake of the file says of which; the others name a variable or a flag."""
    place = "pyproject.toml: " if mistake.startswith("[tool.smoke") else ""
    return place + visible(mistake)


def _table(table: "Mapping[str, Any]", key: str) -> dict[str, Any]:
    value = table.get(key, {})
    return value if isinstance(value, dict) else {}


def _trusting(target: Target, root: "Path", mistakes: list[str]) -> Target:
    """The target with the path of its certificates whole; what is not there is a mistake."""
    if not isinstance(target.verify, str):
        return target
    place = root / target.verify
    try:
        ssl.create_default_context(cafile=place)
    except OSError as error:
        mistakes.append(
            f"[tool.smoke.targets.{target.name}] verify = {target.verify!r}: {place} cannot be "
            f"trusted: {error.strerror or error}. Allowed: true, false, or a PEM file."
        )
    return replace(target, verify=str(place))


def _unknown_options(target: Target, known: "Mapping[str, Any]") -> list[str]:
    return [
        f"[tool.smoke.targets.{target.name}] options.{name} is unknown.{nearest(name, known)} "
        f"Options: {', '.join(known) or 'none'}."
        for name in target.options
        if name not in known
    ]


def _unknown_variables(environ: "Mapping[str, str]") -> list[str]:
    return [
        f"{name} is not a variable of this suite.{nearest(name, VARIABLES)} "
        f"Allowed: {', '.join(VARIABLES)}, {FLAG_PREFIX}<GATE>."
        for name in environ
        if name.startswith("SMOKE_")
        and name not in VARIABLES
        and not name.startswith((FLAG_PREFIX, TOKEN_PREFIX))
    ]
