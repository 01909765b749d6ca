"""Documents at an address, such as the OpenAPI document of a live service."""

from __future__ import annotations

from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

from smoke.config.targets import Target
from smoke.errors import DataError

# Seconds that each step of reading a document may take.
TIMEOUT_S = 30.0


def download(url: str) -> str:
    """
    Return the text at an http or https address; an address on this machine needs no proxy.

    Raises:
        DataError: the address returns no readable text.
    """
    here = Target("", base_url=url).loopback
    opener = build_opener(*([ProxyHandler({})] if here else []))
    try:
        with opener.open(url, timeout=TIMEOUT_S) as answer:
            text: str = answer.read().decode("utf-8-sig")
    except (OSError, HTTPException, ValueError) as error:
        raise DataError(f"{url}: unreadable: {error}. Name an OpenAPI document.") from None
    return text
