"""Finds the contract of a service, and derives the base URL and the sign-in from it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from smoke.contract import Contract
from smoke.contract.pointers import follow
from smoke.errors import ConfigError, DataError, SmokeError
from smoke.http.download import download

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where frameworks serve their OpenAPI document, below the given URL or at the root of its host.
USUAL = (
    "openapi.json", "openapi.yaml", "api/openapi.json", "swagger.json", "v3/api-docs",
    "api/schema/?format=json", "swagger/v1/swagger.json", ".well-known/openapi.json",
)  # fmt: skip

# Documentation pages; their HTML has the URL of the OpenAPI document.
PAGES = ("docs", "swagger", "redoc")

NAMED = re.compile(r"""(?:url|spec-url|specUrl)\s*[:=]\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Found:
    """A downloaded contract: its text, its URL, and the base URL of the API."""

    contract: Contract
    text: str
    url: str
    base_url: str

    @property
    def file_name(self) -> str:
        """The name of the file to commit."""
        kind = "json" if self.text.lstrip().startswith("{") else "yaml"
        return f"openapi.{kind}"


def find_contract(address: str, openapi: str | None = None) -> Found:
    """
    Return the contract of a service, from `openapi` or from one of the usual places.

    Raises:
        ConfigError: no usual place has a contract; the message lists the tried URLs.
    """
    tried = []
    for url in [openapi] if openapi else _places(address):
        try:
            text = download(url)
            contract = Contract.parse(text, url)
        except SmokeError as error:
            # A contract that the user named must be readable; a usual place may be empty.
            if openapi:
                raise
            tried.append(f"  {url}: {str(error).removeprefix(f'{url}: ').splitlines()[0]}")
            continue
        return Found(contract, text, url, _base_of(address, url, contract))
    raise ConfigError(
        ["No OpenAPI document found. Name it with --openapi FILE|URL. Tried:", *tried]
    )


def _places(address: str) -> "Iterator[str]":
    """The given URL, then the usual places below it and at the root of its host."""
    yield address
    here = address if address.endswith("/") else f"{address}/"
    roots = dict.fromkeys((here, urljoin(address, "/")))
    yield from (urljoin(root, place) for root in roots for place in USUAL)
    for page in (urljoin(root, page) for root in roots for page in PAGES):
        try:
            named = NAMED.findall(download(page))
        except DataError:
            continue
        yield from (urljoin(page, place) for place in named)


def _base_of(address: str, url: str, contract: Contract) -> str:
    """The base URL of the API: the host of the given URL, and the path of the contract's server."""
    parts = urlsplit(url if address == url else address)
    origin = f"{parts.scheme}://{parts.netloc}"
    servers = contract.document.get("servers") or [{}]
    server = urlsplit(urljoin(url, str(servers[0].get("url", ""))))
    if address == url:
        return (origin + (server.path if servers[0].get("url") else "")).rstrip("/")
    path = parts.path.rstrip("/") or (server.path if servers[0].get("url") else "")
    return (origin + path).rstrip("/")


@dataclass(frozen=True)
class SignIn:
    """The sign-in, as TOML for the rules, and the environment variables that it needs."""

    toml: str
    variables: tuple[str, ...] = ()


KEY = "SMOKE_KEY"
USER_NAMES = ("email", "username", "user_name", "login", "user")
NO_SIGN_IN = SignIn('[login]\nkind = "none"\n')


def sign_in_of(contract: Contract) -> SignIn:
    """The sign-in that the contract describes: a session, a key, or none."""
    if not any(operation.secured for operation in contract.operations.values()):
        return NO_SIGN_IN
    return next(_sessions(contract), None) or _key(contract)


def _sessions(contract: Contract) -> "Iterator[SignIn]":
    """A sign-in for each operation that accepts a password and returns a token."""
    for operation in contract.operations.values():
        if operation.method != "POST" or operation.secured or "{" in operation.path:
            continue
        sent, returned = _sent(contract, operation), _returned(contract, operation)
        user = next((name for name in USER_NAMES if name in sent), "")
        token = next((name for name in returned if _words(name)[-1:] == ["token"]), "")
        if "password" in sent and user and token:
            yield _session(operation.id, user, token, returned)


def _session(operation: str, user: str, token: str, returned: "Mapping[str, Any]") -> SignIn:
    lines = [
        "[login]", f'operation = "{operation}"',
        f'body = {{ {user} = "{{email}}", password = "{{password}}" }}', f'access = "/{token}"',
    ]  # fmt: skip
    lines += ['expires = "/expires_at"'] if "expires_at" in returned else []
    lines += [
        "",
        "[actors.owner]",
        "",
        "[[rule]]",
        f'operation = "{operation}"',
        f'body = {{ {user} = "{{email:owner}}", password = "{{password:owner}}" }}',
        "",
    ]
    return SignIn("\n".join(lines), ("SMOKE_USER_EMAIL", "SMOKE_USER_PASSWORD"))


def _key(contract: Contract) -> SignIn:
    """A key from the environment, for the first security scheme of the contract."""
    scheme = next(iter(contract.security_schemes), "")
    named = f'scheme = "{scheme}"\n' if scheme else ""
    return SignIn(f'[login]\nkind = "key"\n{named}\n[actors.owner]\nkey = "{KEY}"\n', (KEY,))


def _sent(contract: Contract, operation: Any) -> "Mapping[str, Any]":
    media = operation.request_bodies.get("application/json")
    return _properties(contract, media.schema if media else None)


def _returned(contract: Contract, operation: Any) -> "Mapping[str, Any]":
    response = next(filter(None, map(operation.response, operation.success)), None)
    media = response.content.get("application/json") if response else None
    return _properties(contract, media.schema if media else None)


def _properties(contract: Contract, schema: Any) -> "Mapping[str, Any]":
    schema = follow(contract.document, schema)
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def _words(name: str) -> list[str]:
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_")
