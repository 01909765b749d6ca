"""Documents at an address, such as the OpenAPI document of a live service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from smoke.config.targets import Target
from smoke.errors import DataError

# Seconds that each step of reading a document may take.
TIMEOUT_S = 30.0
# More than the largest public contracts have.
MAX_BYTES = 64_000_000


class UnreachableError(DataError):
    """No connection to the host: every other address of it would fail in the same way."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: unreadable: {reason}. Name an OpenAPI document.")
        self.reason = reason


@dataclass(frozen=True)
class Page:
    """
    What an address answered; the names of `headers` are in lower case.

    `redirected` is set where another address answered.
    """

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    redirected: bool = False


def fetch(url: str, headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> Page:
    """
    Read an http or https address; an address on this machine needs no proxy.

    `headers` are sent to that address only, not where it redirects to: they may hold a secret.

    Raises:
        UnreachableError: there is no connection to the host.
        DataError: the answer breaks off, or is not text.
    """
    here = Target("", base_url=url).loopback
    opener = build_opener(*([ProxyHandler({})] if here else []))
    try:
        request = Request(url)  # noqa: S310  (the caller names http or https)
        for name, value in (headers or {}).items():
            request.add_unredirected_header(name, value)
        with opener.open(request, timeout=timeout_s) as answer:
            folded = {name.lower(): value for name, value in answer.headers.items()}
            text = answer.read(MAX_BYTES).decode("utf-8-sig")
            return Page(answer.status, text, folded, redirected=answer.url != url)
    except HTTPError as error:
        with error:
            return Page(error.code, "", {name.lower(): v for name, v in error.headers.items()})
    except URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise UnreachableError(url, str(reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise DataError(f"{url}: unreadable: {error}. Name an OpenAPI document.") from None


def download(url: str, headers: Mapping[str, str] | None = None) -> str:
    """
    Return the text at an http or https address.

    Raises:
        DataError: the address returns no readable text.
    """
    page = fetch(url, headers)
    if page.status >= 400:
        hint = " Show who you are with --header." if page.status in (401, 403) else ""
        raise DataError(f"{url}: unreadable: HTTP {page.status}.{hint} Name an OpenAPI document.")
    return page.text
