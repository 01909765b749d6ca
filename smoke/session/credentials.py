"""Secrets from the user, accounts of actors, and the sessions that their sign-ins begin."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any

from smoke.config.rules import ActorRow, Rules
from smoke.config.rules.values import placeholders
from smoke.config.targets import Target
from smoke.errors import ConfigError
from smoke.results.exchange import Exchange
from smoke.results.secrets import SHORTEST
from smoke.session.sign_in import Proof

# The value of a header field (RFC 9110 §5.5), without the bytes that no sender should use.
SENDABLE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True)
class Credentials:
    """
    The credentials from the environment: keys by actor, and the values of `{env:NAME}`.

    `keys` has the usual key of each actor, `others` its keys by security scheme.
    """

    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def credentials_of(rules: Rules, target: Target, environ: Mapping[str, str]) -> Credentials:
    """
    Return the credentials from the environment for the actors of a target.

    Raises:
        ConfigError: with one line for each variable that is not set or cannot be used.
    """
    asked = target.actors or tuple(rules.actors)
    rows = [rules.actors[name] for name in asked if name in rules.actors and target.auth != "off"]
    mistakes: list[str] = []
    keys = {row.name: _key(row, rules, environ, mistakes) for row in rows}
    others = {
        row.name: {
            scheme: _read(variable, f"Actor {row.name!r}", environ, mistakes)
            for scheme, variable in row.keys.items()
        }
        for row in rows
    }
    names = dict.fromkeys([*named_in(asdict(rules)), *named_in(dict(target.headers))])
    names |= dict.fromkeys(AWS if rules.login.kind == "aws" and rows else ())
    values = {name: environ[name] for name in (*names, AWS_TOKEN) if environ.get(name)}
    mistakes += [
        f"{name} is not set, but the rules or the target use it. Set it."
        for name in names
        if name not in values
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return Credentials(keys, others, values)


AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
AWS_TOKEN = "AWS_SESSION_TOKEN"  # noqa: S105  (the name of a variable)


def _key(row: ActorRow, rules: Rules, environ: Mapping[str, str], mistakes: list[str]) -> str:
    if rules.login.kind != "key" or row.token_command or (row.keys and not row.key):
        return ""
    return _read(row.key or "", f"Actor {row.name!r} signs in with a key", environ, mistakes)


def _read(variable: str, who: str, environ: Mapping[str, str], mistakes: list[str]) -> str:
    value = environ.get(variable, "")
    mistakes += [f"{who}: set {variable}."] if not value else problems_of(variable, value)
    return value


def named_in(value: Any) -> list[str]:
    """Return the variables that the texts inside a value take from the environment."""
    return [argument for name, argument in placeholders(value) if name == "env"]


def problems_of(variable: str, value: str) -> Iterator[str]:
    """Yield the reasons why a variable's value cannot be a secret; none if it is empty."""
    wrong = next((at for at, char in enumerate(value) if not " " <= char <= "~"), None)
    if wrong is not None:
        place = "at its end" if wrong == len(value.rstrip()) else f"at character {wrong + 1}"
        yield (
            f"{variable} has {_named(value[wrong])} {place}, which no header can carry. "
            "Nothing was sent. Remove it; files and secret stores often add a line break."
        )
    elif value and not SENDABLE.fullmatch(value):
        yield f"{variable} begins or ends with a space or tab. Nothing was sent. Remove it."
    elif value and len(value) < SHORTEST:
        yield (
            f"{variable} is shorter than {SHORTEST} characters, so it could not be masked in every "
            "output. Nothing was sent. Use a longer one."
        )


def _named(char: str) -> str:
    if char in "\r\n":
        return "a line break"
    return "a control character" if char < " " or char == "\x7f" else f"the character {char!r}"


# Seconds before the end of a token at which a session is renewed.
RENEW_BEFORE_S = 60


@dataclass(frozen=True)
class Account:
    """The credentials of an actor; `more` are further values for the templates of the rules."""

    name: str
    email: str = ""
    password: str = field(default="", repr=False)
    tenant_id: str | None = None
    user_id: str | None = None
    # Whether the credentials come from the user: then a refusal is a misuse, not a defect.
    given: bool = False
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
# A session is renewed before it ends, so that no check meets an expired token.
class Session:
    """One sign-in: the tokens and the verified claims of the access token (RFC 7519 §4)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    claims: Mapping[str, Any]
    exchange: Exchange = field(repr=False)
    proof: Proof = field(default_factory=Proof, repr=False)
    began_s: float = field(default_factory=time.time)
    # The exchange of the sign-in, where `exchange` is a renewal.
    first: Exchange | None = field(default=None, repr=False)

    @property
    def signed_in(self) -> Exchange:
        """The exchange of the sign-in that the session comes from."""
        return self.first or self.exchange

    @property
    def answer(self) -> Any:
        """The service's response to the sign-in, as JSON."""
        return self.exchange.json

    @property
    def stale(self) -> bool:
        """
        Whether the session ends so soon that the actor must renew it.

        An opaque token with a lifetime below two minutes is renewed at half its lifetime.
        """
        now, expires = time.time(), self.claims.get("exp")
        # A verified claim counts more than what the answer says beside the token.
        if isinstance(expires, (int, float)) and expires - now < RENEW_BEFORE_S:
            return True
        margin_s = min(RENEW_BEFORE_S, (self.proof.expires_s - self.began_s) / 2)
        return self.proof.expires_s < inf and self.proof.expires_s - now < margin_s
