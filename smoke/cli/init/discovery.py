"""Finds the contract of a service, and derives the base URL from it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from smoke.contract import Contract
from smoke.documents import UnreadableError, read_text
from smoke.errors import ConfigError, DataError, SmokeError
from smoke.http.download import UnreachableError, download, fetch

# Where frameworks serve their OpenAPI document, below the given URL or at the root of its host.
USUAL = (
    "openapi.json", "openapi.yaml", "api/openapi.json", "swagger.json", "v3/api-docs",
    "api/schema/?format=json", "swagger/v1/swagger.json", ".well-known/openapi.json",
    "api/v1/openapi.json", "api/swagger.json", "apispec_1.json",
)  # fmt: skip

# Documentation pages; their HTML has the URL of the OpenAPI document.
PAGES = ("docs", "swagger", "redoc")

# A link to the machine-readable description of a service (RFC 8631 §4.1), in a header or a page.
LINK_HEADER = re.compile(r"""<([^>]+)>[^,<]*;\s*rel="?service-desc\b""", re.IGNORECASE)
LINK_TAG = re.compile(r"""<link\b[^>]*\brel=["']?service-desc\b[^>]*>""", re.IGNORECASE)
HREF = re.compile(r"""\bhref=["']([^"']+)["']""", re.IGNORECASE)

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


def find_contract(
    address: str, openapi: str | None = None, headers: Mapping[str, str] | None = None
) -> Found:
    """
    Return the contract of a service, from `openapi` (a file or a URL) or from a usual place.

    `headers` are sent along, for a service that shows its contract only to those it knows.

    Raises:
        ConfigError: the host cannot be reached, or no usual place has a contract; the message lists
            the tried URLs.
    """
    tried: dict[str, list[str]] = {}
    for url in [openapi] if openapi else _places(address, headers):
        try:
            text = download(url, headers) if "://" in url else read_text(url)
            contract = Contract.parse(text, url)
        except UnreadableError as error:
            raise DataError(f"{url}: unreadable: {error.reason}. Name a file or a URL.") from None
        except UnreachableError as error:
            # Each other place is on the same host.
            advice = "Check the address, and that the service runs."
            raise ConfigError([f"{url}: cannot be reached: {error.reason}. {advice}"]) from None
        except SmokeError as error:
            # A contract that the user named must be readable; a usual place may be empty.
            if openapi:
                raise
            tried.setdefault(_reason(url, error), []).append(url)
            continue
        return Found(contract, text, url, _base_of(address, url, contract))
    rows = (f"  {reason}\n    " + "\n    ".join(urls) for reason, urls in tried.items())
    raise ConfigError(["No OpenAPI document found. Name it with --openapi FILE|URL. Tried:", *rows])


def _reason(url: str, error: SmokeError) -> str:
    """The reason of a refused place, without the URL and the advice for a named document."""
    first = str(error).removeprefix(f"{url}: ").splitlines()[0]
    return first.removesuffix(" Name an OpenAPI document.")


def _places(address: str, headers: Mapping[str, str] | None) -> Iterator[str]:
    """The given URL, then the usual places below it and at the root of its host."""
    yield address
    yield from _described(address, headers)
    here = address if address.endswith("/") else f"{address}/"
    roots = dict.fromkeys((here, urljoin(address, "/")))
    yield from (urljoin(root, place) for root in roots for place in USUAL)
    for page in (urljoin(root, page) for root in roots for page in PAGES):
        try:
            named = NAMED.findall(download(page, headers))
        except DataError:
            continue
        yield from (urljoin(page, place) for place in named)


def _described(address: str, headers: Mapping[str, str] | None) -> Iterator[str]:
    """The descriptions that the given URL links to."""
    try:
        page = fetch(address, headers)
    except DataError:
        return
    links = LINK_HEADER.findall(page.headers.get("link", ""))
    links += [href for tag in LINK_TAG.findall(page.text) for href in HREF.findall(tag)]
    yield from (urljoin(address, link) for link in links)


def _base_of(address: str, url: str, contract: Contract) -> str:
    """The base URL of the API: the host of the given URL, and the path of the contract's server."""
    # A contract in a file says nothing about the host.
    url = url if "://" in url else address
    parts = urlsplit(url if address == url else address)
    origin = f"{parts.scheme}://{parts.netloc}"
    servers = contract.document.get("servers") or [{}]
    server = urlsplit(urljoin(url, str(servers[0].get("url", ""))))
    if address == url:
        return (origin + (server.path if servers[0].get("url") else "")).rstrip("/")
    path = parts.path.rstrip("/") or (server.path if servers[0].get("url") else "")
    return (origin + path).rstrip("/")
