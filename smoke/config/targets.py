"""Targets: named deployments, one row of `[tool.smoke.targets]` each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from typing import Any
from urllib.parse import SplitResult, urlsplit

from smoke.errors import ConfigError, nearest


# Resolvers accept many spellings of an address, and each of them must be recognised.
def is_loopback(url: str) -> bool:
    """Whether a URL points to this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3)."""
    host = _host(url)
    address = _address(host)
    return (
        host == "localhost" or host.endswith(".localhost") or bool(address and address.is_loopback)
    )


def is_inner(url: str) -> bool:
    """Whether a URL points to this machine or its link (RFC 3927), where clouds serve secrets."""
    address = _address(_host(url))
    return is_loopback(url) or bool(address and (address.is_link_local or address.is_unspecified))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address of a host, also one written as a single number; None for a name."""
    try:
        # The zone of an IPv6 address (RFC 6874) does not matter here.
        found = ip_address(host.partition("%")[0])
    except ValueError:
        try:
            # Resolvers also accept `2130706433` and `127.1` for 127.0.0.1.
            return IPv4Address(inet_aton(host))
        except OSError:
            return None
    # `::ffff:127.0.0.1` is this machine as well.
    return getattr(found, "ipv4_mapped", None) or found


# Seconds after the deadline in which a run may still remove what it created. A unit of a fleet
# waits a little longer than this before it sends SIGTERM.
CLEANUP_S = 10.0


@dataclass(frozen=True)
class Target:
    """
    One deployment and how this run may treat it.

    Times end in `_s` and are seconds. `serve` names a module that is started as the service.
    `environment` is local, test, staging or production. At most `concurrency` checks run at once.
    `seeded` means that the accounts exist: the run seeds nothing. `read_only` sends nothing but
    GET, HEAD and the sign-in; `protected` refuses to seed and to send destructive operations.
    `client_cert` and `client_key` are PEM files that the client shows (mutual TLS). `headers` go
    with every request. `auth = "off"` means that the server has sign-in switched off.
    `pass_env` names the variables that a service started by us gets beside the usual ones, `DB_*`
    for several. `actors` lists who can sign in (empty: all actors of the rules). `options` are
    free for checks. `drift` decides about a live contract that differs from the committed one:
    `off` does not fetch it, `warn` notes the changes, `red` fails if a change is breaking.
    `depth` is quick or full: how much a run asks.
    `contract`, `plan`, `rules` and `checks` stand for those of `[tool.smoke]` if the target is
    another service (`checks = ""`: it has none). `trace_url` is where a trace is shown, with
    `{trace_id}` (also `{span_id}` and `{request_id}`) in it. `tags` name it together with others:
    `--target @tag`. `allow` names operations that a protected target accepts as an exception; it
    comes from the command line only. `sources` names the source of each value other than a default.
    """

    name: str
    base_url: str = ""
    serve: str = ""
    environment: str = ""
    tenant_slug: str = ""
    user_email: str = ""
    user_password: str = field(default="", repr=False)
    timeout_s: float = 10.0
    ready_s: float = 15.0
    deadline_s: float = 120.0
    max_rate: float = 0.0
    concurrency: int = 8
    read_only: bool = False
    protected: bool = False
    seeded: bool = False
    verify: bool | str = True
    client_cert: str = ""
    client_key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: str = "on"
    actors: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    gates: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict)
    format_is_red: bool = False
    slow_is_red: bool = False
    strict: bool = False
    drift: str = "warn"
    depth: str = "full"
    contract: str | None = None
    plan: str | None = None
    rules: str | None = None
    checks: str | None = None
    trace_url: str = ""
    tags: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def loopback(self) -> bool:
        """Whether the target is on this machine."""
        return is_loopback(self.base_url)


# Environment variable -> the field it overrides.
FROM_ENVIRON = {
    "SMOKE_BASE_URL": "base_url",
    "SMOKE_TENANT_SLUG": "tenant_slug",
    "SMOKE_USER_EMAIL": "user_email",
    "SMOKE_USER_PASSWORD": "user_password",
    "SMOKE_HTTP_TIMEOUT": "timeout_s",
    "SMOKE_DEPTH": "depth",
}

DEPTHS = ("quick", "full")

# Fields that come from the environment only: a secret in a committed file is a mistake.
SECRET = ("user_password",)

SECONDS = ("timeout_s", "ready_s", "deadline_s")


def named(words: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """
    Return the names that the words select, each once: `@tag` selects every target with that tag.

    Raises:
        ConfigError: a word names no target.
    """
    tags: dict[str, list[str]] = {}
    for name, row in table.items():
        # The schema has not checked these rows yet.
        listed = row.get("tags") if isinstance(row, dict) else None
        for tag in listed if isinstance(listed, list) else ():
            tags.setdefault(f"@{tag}", []).append(name)
    # An unknown tag stays in the list, so that the check below reports it.
    found = [name for word in words for name in tags.get(word, [word])]
    mistakes = [
        f"No target has the tag {word!r}. Tags: {', '.join(tags) or 'none'}.{nearest(word, tags)}"
        if word.startswith("@")
        else f"There is no target {word!r}. Targets: {', '.join(table)}.{nearest(word, table)}"
        for word in found
        if word not in table
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return list(dict.fromkeys(found))


def read_target(
    name: str,
    table: Mapping[str, Any],
    environ: Mapping[str, str],
    overrides: Mapping[str, tuple[Any, str]],
    mistakes: list[str],
) -> Target | None:
    """
    Return the target of that name; `overrides` (field -> value, flag) win over the environment.

    The schema has accepted the rows. The function appends mistakes and raises none; it returns None
    if the table has no such target.
    """
    row = table.get(name)
    if not isinstance(row, dict):
        mistakes.append(
            f"There is no target {name!r}. Targets: {', '.join(table) or 'none'}. "
            f"Add [tool.smoke.targets.{name}] to pyproject.toml.{nearest(name, table)}"
        )
        return None
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
    sources: dict[str, str] = dict.fromkeys(row, "file")
    for key, (value, source) in {**_from_environ(environ, mistakes), **overrides}.items():
        values[key], sources[key] = value, source
    target = Target(name=name, **values, sources=sources)
    mistakes += _contradictions(target)
    return target


def _from_environ(environ: Mapping[str, str], mistakes: list[str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for variable, key in FROM_ENVIRON.items():
        text = environ.get(variable)
        if not text:
            continue
        value = _seconds(text) if key in SECONDS else text
        if value is None:
            mistakes.append(f"{variable} is {text!r}. Allowed: seconds above 0, such as 10.")
        elif key == "depth" and text not in DEPTHS:
            mistakes.append(f"{variable} is {text!r}. Allowed: {', '.join(DEPTHS)}.")
        else:
            found[key] = value, variable
    return found


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _parts(url: str) -> SplitResult:
    """The parts of a URL; empty parts if it is invalid, such as one with a port beyond 65535."""
    try:
        parts = urlsplit(url)
        # `port` raises for a number beyond 65535; 0 would let the system choose.
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")


def _contradictions(target: Target) -> list[str]:
    found = []
    place = f"Target {target.name!r}"
    parts = _parts(target.base_url)
    if target.base_url and (parts.scheme not in ("http", "https") or not parts.hostname):
        found.append(
            f"{place} has base_url {target.base_url!r}. "
            "Allowed: an http or https URL, such as https://api.example.com."
        )
    if target.concurrency < 1:
        found.append(f"{place} has concurrency {target.concurrency}. Allowed: 1 or more.")
    if not target.base_url and not target.serve:
        found.append(f"{place} has no base_url. Set SMOKE_BASE_URL, or base_url in its row.")
    if parts.username or parts.password:
        found.append(
            f"{place} has credentials in its base_url, where every output would show them. "
            "Take them out."
        )
    return found
