"""
Signing in: the request of each declared kind, and the proof in its response.

- `session`: one JSON (or form) request; the response has a token;
- `oauth2`: a form to the token endpoint (RFC 6749 §4.3, §4.4, §6); the response has a token;
- `cookie`: one request; the response sets cookies, and each write carries a CSRF token.
"""

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any
from urllib.parse import quote_plus, urljoin, urlsplit

from smoke.config.rules import Login
from smoke.config.rules.values import render
from smoke.contract import Contract
from smoke.contract.operation_id import OperationId
from smoke.contract.pointers import at
from smoke.errors import SmokeError
from smoke.http.request import Request
from smoke.results.exchange import Exchange, Headers

# The places of the tokens in an OAuth2 response (RFC 6749 §5.1).
OAUTH2 = {"access": "/access_token", "refresh": "/refresh_token"}

# Usual names for the lifetime beside a token, if the rules name none.
LIVES = ("expires_in", "expires_at", "expires", "expiresIn", "expiresAt")

# A number up to this one (ten years) is a duration in seconds; a larger one is a Unix time.
MOST_SECONDS = 10 * 365 * 86400

# A Unix time above this one (year 5138 in seconds) is in milliseconds.
MILLISECONDS = 10**11


@dataclass(frozen=True)
class Proof:
    """The result of a sign-in: tokens, cookies, and their end (Unix time)."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    expires_s: float = inf
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    csrf: str = field(default="", repr=False)


def request_of(
    login: Login, contract: Contract, base_url: str, values: Mapping[str, Any], actor: str
) -> Request:
    """Return the request that signs an actor in."""
    if login.kind == "oauth2":
        return _oauth2(login, contract, base_url, _grant(login, values), values, actor)
    url = urljoin(base_url.rstrip("/") + "/", login.url) if login.url else ""
    headers = render(dict(login.headers), values, frozenset())
    body = render(login.body, values, frozenset())
    kind: dict[str, Any] = {"form": body} if login.form and body is not None else {"json": body}
    return Request(called(login), actor, headers=headers, url=url, **kind)


def renewal_of(
    login: Login, contract: Contract, base_url: str, values: Mapping[str, Any], actor: str
) -> Request | None:
    """Return the request that trades a refresh token for a new session; None if none exists."""
    if not values.get("refresh"):
        return None
    if login.kind == "oauth2" and login.renew is None:
        grant = {"grant_type": "refresh_token", "refresh_token": str(values["refresh"])}
        return _oauth2(login, contract, base_url, grant, values, actor)
    if login.renew is None:
        return None
    body = render(login.renew.body, values, frozenset())
    return Request(operation=login.renew.operation, actor=actor, json=body)


def called(login: Login) -> str:
    """Return the sign-in as an operation, also where it is outside the contract."""
    return login.operation or f"POST {urlsplit(login.url).path or '/'}"


def _grant(login: Login, values: Mapping[str, Any]) -> dict[str, str]:
    form = {"grant_type": login.grant}
    if login.grant == "password":
        form |= {"username": str(values["email"]), "password": str(values["password"])}
    if login.scope:
        form["scope"] = login.scope
    return form


def _oauth2(
    login: Login, contract: Contract, base_url: str, form: dict[str, str],
    values: Mapping[str, Any], actor: str,
) -> Request:  # fmt: skip
    """A form for the token endpoint; a header or the form identifies the client (§2.3.1)."""
    place = login.url or OperationId(login.operation).path or token_url(login, contract)
    url = "" if login.operation else urljoin(base_url.rstrip("/") + "/", place)
    client, secret = str(values.get("client_id") or ""), str(values.get("client_secret") or "")
    # Some token endpoints answer with a form unless JSON is asked for.
    headers = {**render(dict(login.headers), values, frozenset()), "accept": "application/json"}
    if login.client_auth == "body" or (client and not secret):
        form |= {k: v for k, v in (("client_id", client), ("client_secret", secret)) if v}
    elif client:
        pair = f"{quote_plus(client)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    operation = login.operation or f"POST {urlsplit(place).path or '/'}"
    return Request(operation, actor, headers=headers, form=form, url=url)


def token_url(login: Login, contract: Contract) -> str:
    """
    Return the token endpoint that the contract's OAuth2 scheme names for the grant.

    Raises:
        SmokeError: neither the rules nor the contract name one.
    """
    flow = "clientCredentials" if login.grant == "client_credentials" else "password"
    for name, scheme in contract.security_schemes.items():
        if login.scheme in (None, name) and scheme.get("type") == "oauth2":
            flows = scheme.get("flows")
            found = flows.get(flow) if isinstance(flows, dict) else None
            if isinstance(found, dict) and found.get("tokenUrl"):
                return str(found["tokenUrl"])
    raise SmokeError(
        f"[login] has no url, and the contract names no token endpoint for {login.grant!r}. "
        'Set url = "https://…/token" in [login].'
    )


def proof_of(login: Login, exchange: Exchange, before: Proof) -> Proof:
    """Return the proof in a response, added to the proof `before`; empty if there is none."""
    json, oauth2 = exchange.json, login.kind == "oauth2"
    cookies = {**before.cookies, **cookies_of(exchange)}
    if login.kind == "cookie":
        return Proof(cookies=cookies, csrf=csrf_of(login, exchange, cookies) or before.csrf)
    access = login.access or (OAUTH2["access"] if oauth2 else "")
    refresh = login.refresh or (OAUTH2["refresh"] if oauth2 else None)
    token = at(json, access)
    again = at(json, refresh) if refresh else None
    return Proof(
        access=token if isinstance(token, str) else "",
        refresh=str(again) if again else (before.refresh if oauth2 else ""),
        expires_s=_expiry(login, json, access),
        cookies=cookies if login.csrf else {},
    )


def cookies_of(exchange: Exchange) -> dict[str, str]:
    """Return the cookies that a response sets (RFC 6265 §4.1), without those that it removes."""
    headers = exchange.headers
    lines = headers.all("set-cookie") if isinstance(headers, Headers) else ()
    found = {}
    for line in lines:
        name, _, value = line.partition(";")[0].partition("=")
        if value.strip(' "') and "max-age=0" not in line.lower().replace(" ", ""):
            found[name.strip()] = value.strip()
    return found


def csrf_of(login: Login, exchange: Exchange, cookies: Mapping[str, str]) -> str:
    """Return the CSRF token of a response: a cookie, or a value of its JSON."""
    csrf = login.csrf
    if csrf is None:
        return ""
    if csrf.pointer is not None:
        return str(at(exchange.json, csrf.pointer) or "")
    return cookies.get(csrf.cookie, "")


def _expiry(login: Login, json: Any, access: str) -> float:
    """The Unix time of a token's end, from a duration or a time beside it."""
    home = access.rpartition("/")[0]
    places = [login.expires] if login.expires else [f"{home}/{name}" for name in LIVES]
    for place in places:
        value = at(json, place)
        if value is not None and not isinstance(value, bool):
            return _unix(value)
    return inf


def _unix(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _date(str(value))
    if number <= MOST_SECONDS:
        return time.time() + number
    return number / 1000 if number > MILLISECONDS else number


def _date(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return inf
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def secrets_in(exchange: Exchange) -> Iterator[str]:
    """Yield possible secrets in a sign-in response, whatever its status and field names."""
    yield from cookies_of(exchange).values()
    yield from _texts(exchange.json)


# Minimum length of a possible token; ids and words are shorter, or are not random.
LEAST = 16


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _texts(member, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)
    elif isinstance(value, str) and len(value) >= LEAST and _is_random(value, name):
        yield value


def _is_random(value: str, name: str) -> bool:
    """Whether a text is neither a sentence, an address, a date nor an id."""
    plain = value.isascii() and not any(char in value for char in " @:")
    named = name.lower().endswith(("id", "_at", "type", "kid", "slug", "url", "uri", "version"))
    return plain and not named and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
