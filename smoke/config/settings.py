"""The configuration of one run, read once from mappings into frozen objects."""

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smoke.config.gates import FLAG_PREFIX, Gates, read_gates
from smoke.config.production import ENVIRONMENTS, WORDS, looks_like, meant_of
from smoke.config.table import checked, in_file
from smoke.config.targets import FROM_ENVIRON, Target, named, read_target
from smoke.documents import UnreadableError, read_text
from smoke.errors import ConfigError, nearest

# The variable that declares the environment of an address on this machine. It applies to no other
# address: else one exported variable could declare that production is a test.
LOCAL = "SMOKE_ENVIRONMENT"

# The files that belong to one service, with their defaults; a target's row may name its own.
DATA = {
    "contract": "openapi/openapi.json",
    "plan": "openapi/plan.json",
    "rules": "openapi/rules.toml",
    "checks": "",
}

VARIABLES = ("SMOKE_TARGET", "SMOKE_TARGETS", "SMOKE_PRODUCTION", LOCAL, *FROM_ENVIRON)
OPTION_PREFIX = "SMOKE_OPTION_"
TOKEN_PREFIX = "SMOKE_TOKEN_"  # noqa: S105  (a variable of the pasted curl lines, not a token)


@dataclass(frozen=True)
class Flags:
    """The values of the command line; None or empty if the user gave none."""

    target: str | None = None
    base_url: str | None = None
    gates: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    depth: str | None = None
    version: str | None = None
    concurrency: int | None = None


@dataclass(frozen=True)
class Settings:
    """
    The whole configuration of one run; paths are absolute.

    `checks` is the package of the hand-written checks; empty if there are none. `session` is the
    nox session that runs this target. `production` is the reason why the target looks like
    production; empty if it does not, or if the user named it twice.
    """

    root: Path
    contract: Path
    plan: Path
    rules: Path
    checks: str
    target: Target
    gates: Gates
    options: Mapping[str, Any]
    first: tuple[str, ...] = ()
    session: str = "smoke"
    production: str = ""


def asked_targets(
    table: Mapping[str, Any], environ: Mapping[str, str], flags: Sequence[str]
) -> list[str]:
    """
    Return the names of the selected targets, with tags resolved.

    The user separates several targets by commas, or repeats the flag.

    Raises:
        ConfigError: a word names no target.
    """
    asked = flags or [environ.get("SMOKE_TARGET") or str(table.get("target", "local"))]
    words = [word.strip() for text in asked for word in text.split(",") if word.strip()]
    targets = table.get("targets")
    return named(words, targets if isinstance(targets, dict) else {})


def read_settings(
    table: Mapping[str, Any], root: Path, environ: Mapping[str, str], flags: Flags
) -> Settings:
    """
    Return the settings of a run: flags first, then the environment, then the file.

    Raises:
        ConfigError: with every mistake found.
    """
    default = str(table.get("target", "local"))
    name = flags.target or environ.get("SMOKE_TARGET") or default
    # Mistakes are collected, not raised: one message names all of them.
    table, mistakes = checked(table, name)
    targets, options = table.get("targets", {}), table.get("options", {})
    target = read_target(name, targets, environ, _overrides(flags), mistakes)
    named_again = flags.production or environ.get("SMOKE_PRODUCTION", "").split(",")
    meant = meant_of(named_again, targets, mistakes)
    states = target.gates if target else {}
    gates = read_gates(table.get("gates", {}), states, environ, flags.gates, mistakes)
    if target is not None:
        options = _chosen_options(target, options, environ, flags, mistakes)
        target = _trusting(target, root, mistakes)
        target = _known_to_be(target, environ.get(LOCAL, ""), mistakes)
    # Even for a wrong target: the mistakes of the variables belong in the same message.
    data = _data_of(target, table) if target else DATA
    mistakes += _unknown_variables(environ, root / data["rules"], target.headers if target else {})
    if mistakes or target is None:
        raise ConfigError(in_file(root, line) for line in mistakes)
    # An explicit URL wins over starting the service ourselves.
    if target.base_url and target.serve:
        target = replace(target, serve="")
    return Settings(
        root=root,
        contract=root / data["contract"],
        plan=root / data["plan"],
        rules=root / data["rules"],
        checks=data["checks"],
        target=target,
        gates=gates,
        first=tuple(table.get("first", ())),
        session="smoke" if name == default else f"smoke-{name}",
        options=options,
        production="" if name in meant else looks_like(target, table.get("production", WORDS)),
    )


def _chosen_options(
    target: Target, options: Mapping[str, Any], environ: Mapping[str, str], flags: Flags,
    mistakes: list[str],
) -> dict[str, Any]:  # fmt: skip
    """The options of a run: the defaults, then the target's row, the environment and the flags."""
    mistakes += _unknown_options(target, options)
    found = {**options, **target.options, **_options_of(environ, options, mistakes)}
    if flags.version is not None:
        mistakes += _no_version(found)
        found["version"] = flags.version
    return found


def _overrides(flags: Flags) -> dict[str, tuple[Any, str]]:
    """The fields of a target that flags set, each with the name of its flag."""
    asked = {
        "base_url": flags.base_url,
        "allow": flags.allow,
        "depth": flags.depth,
        "concurrency": flags.concurrency,
    }
    return {
        key: (value, f"--{key.replace('_', '-')}")
        for key, value in asked.items()
        if value or value == 0  # a mistake, which the target reports
    }


def _data_of(target: Target, table: Mapping[str, Any]) -> dict[str, str]:
    """The files of the service: from the target's row, else from the table."""
    rows = {key: getattr(target, key) for key in DATA}
    return {
        key: str(table.get(key, default) if rows[key] is None else rows[key])
        for key, default in DATA.items()
    }


def _trusting(target: Target, root: Path, mistakes: list[str]) -> Target:
    """The target with absolute paths of its certificates; a missing file is a mistake."""
    own = {key: getattr(target, key) for key in ("client_cert", "client_key")}
    cert, key = (str(root / file) if file else "" for file in own.values())
    target = replace(target, client_cert=cert, client_key=key)
    mistakes += [
        f"[tool.smoke.targets.{target.name}] {name} = {file!r}: {root / file} is not a file."
        for name, file in own.items()
        if file and not (root / file).is_file()
    ]
    if not isinstance(target.verify, str):
        return target
    # The file is loaded once here, so that a bad one is reported before the first request.
    place = root / target.verify
    try:
        ssl.create_default_context(cafile=place)
    except OSError as error:
        mistakes.append(
            f"[tool.smoke.targets.{target.name}] verify = {target.verify!r}: {place} cannot be "
            f"trusted: {error.strerror or error}. Allowed: true, false, or a PEM file."
        )
    return replace(target, verify=str(place))


def _known_to_be(target: Target, environment: str, mistakes: list[str]) -> Target:
    """The target on this machine with its environment, which a variable may set for one run."""
    if not environment or target.environment or not target.loopback:
        return target
    if environment not in ENVIRONMENTS:
        mistakes.append(f"{LOCAL} is {environment!r}. Allowed: {', '.join(ENVIRONMENTS)}.")
    return replace(target, environment=environment)


def _unknown_options(target: Target, known: Mapping[str, Any]) -> list[str]:
    return [
        f"[tool.smoke.targets.{target.name}] options.{name} is unknown.{nearest(name, known)} "
        f"Options: {', '.join(known) or 'none'}."
        for name in target.options
        if name not in known
    ]


def _no_version(options: Mapping[str, Any]) -> list[str]:
    """Report an expected version that no check would compare."""
    if "version" in options:
        return []
    return [
        "--expect-version needs the option 'version', which a check compares with the version that "
        'the service states. Add version = "" to [tool.smoke.options].'
    ]


def _options_of(
    environ: Mapping[str, str], known: Mapping[str, Any], mistakes: list[str]
) -> dict[str, Any]:
    """The options that variables set: `SMOKE_OPTION_METRICS=required` sets `metrics`."""
    names = {f"{OPTION_PREFIX}{name.upper()}": name for name in known}
    found: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(OPTION_PREFIX):
            continue
        if variable not in names:
            mistakes.append(
                f"{variable} sets no option.{nearest(variable, names)} "
                f"Allowed: {', '.join(names) or 'none'}."
            )
            continue
        default = known[names[variable]]
        value = _like(default, text)
        if value is None:
            kind = "true or false" if isinstance(default, bool) else "a number"
            mistakes.append(f"{variable} is {text!r}. Allowed: {kind}.")
        found[names[variable]] = value
    return found


def _like(default: Any, text: str) -> Any:
    """A variable's text as a value of the option's type; None if it is not one."""
    if isinstance(default, bool):
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
    if not isinstance(default, (int, float)):
        return text
    try:
        return type(default)(text)
    except ValueError:
        return None


def _unknown_variables(
    environ: Mapping[str, str], rules: Path, headers: Mapping[str, str]
) -> list[str]:
    """A mistake for each variable that looks like one of ours, and that nothing reads."""
    # The rules choose names for the keys of actors, such as SMOKE_KEY; so do a target's headers.
    try:
        chosen = read_text(rules)
    except UnreadableError:
        chosen = ""
    chosen = "\n".join([chosen, *headers.values()])
    return [
        f"{name} is not a variable of this suite.{nearest(name, VARIABLES)} "
        f"Allowed: {', '.join(VARIABLES)}, {FLAG_PREFIX}<GATE>, {OPTION_PREFIX}<NAME>."
        for name in environ
        if name.startswith("SMOKE_")
        and name not in VARIABLES
        and not re.search(rf"\b{name}\b", chosen)
        and not name.startswith((FLAG_PREFIX, OPTION_PREFIX, TOKEN_PREFIX))
    ]
