"""How callers sign in: read from the contract, from a header that works, or from a refusal."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from smoke.contract import Contract
from smoke.contract.pointers import at, follow
from smoke.plan.build.naming import words


@dataclass(frozen=True)
class SignIn:
    """The sign-in, as TOML for the rules, and the environment variables that it needs."""

    toml: str
    variables: tuple[str, ...] = ()


KEY = "SMOKE_KEY"
USER_NAMES = ("email", "username", "user_name", "login", "user")
ACCOUNT = ("SMOKE_USER_EMAIL", "SMOKE_USER_PASSWORD")
CLIENT_VARIABLES = ("SMOKE_CLIENT_ID", "SMOKE_CLIENT_SECRET")
KEY_RULES = '[login]\nkind = "key"\n{more}\n[actors.owner]\nkey = "SMOKE_KEY"\n'
BEARER = 'scheme = { type = "http", scheme = "bearer" }\n'
BASIC = SignIn('[login]\nkind = "basic"\n\n[actors.owner]\n', ACCOUNT)
OAUTH2 = '[login]\nkind = "oauth2"\ngrant = "{grant}"\n\n[actors.owner]\n{rows}'
CLIENT = 'client_id = "{env:SMOKE_CLIENT_ID}"\nclient_secret = "{env:SMOKE_CLIENT_SECRET}"\n'
NO_SIGN_IN = SignIn('[login]\nkind = "none"\n')


def sign_in_of(contract: Contract) -> SignIn:
    """The sign-in that the contract describes: a session, a key, an account, or none."""
    if not any(operation.secured for operation in contract.operations.values()):
        return NO_SIGN_IN
    return next(_sessions(contract), None) or _scheme(contract)


def _sessions(contract: Contract) -> Iterator[SignIn]:
    """A sign-in for each operation that accepts a password and returns a token."""
    for operation in contract.operations.values():
        if operation.method != "POST" or operation.secured or "{" in operation.path:
            continue
        sent, returned = _sent(contract, operation), _returned(contract, operation)
        user = next((name for name in USER_NAMES if name in sent), "")
        token = next((name for name in returned if words(name)[-1:] == ("token",)), "")
        # Without a token in the answer it may be a registration or a password reset.
        if "password" in sent and user and token:
            yield _session(operation.id, user, token, returned)


def _session(operation: str, user: str, token: str, returned: Mapping[str, Any]) -> SignIn:
    lines = [
        "[login]", f'operation = "{operation}"',
        f'body = {{ {user} = "{{email}}", password = "{{password}}" }}', f'access = "/{token}"',
    ]  # fmt: skip
    lines += ['expires = "/expires_at"'] if "expires_at" in returned else []
    account = f'{user} = "{{email:owner}}", password = "{{password:owner}}"'
    lines += ["", "[actors.owner]", "", _rule(operation, account)]
    return SignIn("\n".join(lines), ACCOUNT)


def _rule(operation: str, body: str) -> str:
    """The rule that sends a sign-in with the account of the owner."""
    return (
        f'[[rule]]\noperation = "{operation}"\nbody = {{ {body} }}\n'
        "send = true  # a run signs in anyway\n"
    )


def _token_rule(contract: Contract, url: object) -> str:
    """The rule for the token endpoint of the password grant, if it is in the contract."""
    path = f"/{urlsplit(str(url)).path.lstrip('/')}"
    for operation in contract.operations.values():
        form = operation.request_bodies.get("application/x-www-form-urlencoded")
        if operation.method == "POST" and form and path.endswith(operation.path):
            named = "grant_type" in _properties(contract, form.schema)
            grant = 'grant_type = "password", ' if named else ""
            account = 'username = "{email:owner}", password = "{password:owner}"'
            return f"\n{_rule(operation.id, grant + account)}"
    return ""


def _scheme(contract: Contract) -> SignIn:
    """The sign-in of the first security scheme that the contract declares."""
    name, scheme = next(iter(contract.security_schemes.items()), ("", {}))
    if scheme.get("type") == "oauth2":
        flows = scheme.get("flows") or {}
        if "password" in flows:
            rule = _token_rule(contract, at(flows, "/password/tokenUrl"))
            return SignIn(OAUTH2.format(grant="password", rows=rule), ACCOUNT)
        if "clientCredentials" in flows:
            return SignIn(OAUTH2.format(grant="client_credentials", rows=CLIENT), CLIENT_VARIABLES)
    if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "basic":
        return BASIC
    return SignIn(KEY_RULES.format(more=f'scheme = "{name}"\n' if name else ""), (KEY,))


def sign_in_with(header: str, value: str) -> SignIn:
    """The sign-in of a caller that shows a header with every request; its value stays secret."""
    if header.lower() != "authorization":
        return SignIn(
            KEY_RULES.format(
                more=f'scheme = {{ type = "apiKey", in = "header", name = {json.dumps(header)} }}\n'
            ),
            (KEY,),
        )
    prefix, _, rest = value.partition(" ")
    if prefix.lower() == "basic" and rest:
        return BASIC
    more = BEARER
    if rest and prefix.lower() != "bearer":
        more += f"prefix = {json.dumps(prefix)}\n"
    return SignIn(KEY_RULES.format(more=more), (KEY,))


def sign_in_asked(challenge: str) -> SignIn:
    """The sign-in that a refusal asks for in `WWW-Authenticate` (RFC 9110 §11.6.1)."""
    if challenge.lower().startswith("basic"):
        return BASIC
    return SignIn(KEY_RULES.format(more=BEARER), (KEY,))


def _sent(contract: Contract, operation: Any) -> Mapping[str, Any]:
    media = operation.request_bodies.get("application/json")
    return _properties(contract, media.schema if media else None)


def _returned(contract: Contract, operation: Any) -> Mapping[str, Any]:
    response = next(filter(None, map(operation.response, operation.success)), None)
    media = response.content.get("application/json") if response else None
    return _properties(contract, media.schema if media else None)


def _properties(contract: Contract, schema: Any) -> Mapping[str, Any]:
    schema = follow(contract.document, schema)
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}
