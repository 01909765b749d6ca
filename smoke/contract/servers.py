"""Servers: the contract only needs the path of their URLs, with the variables' defaults."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit


def server_path(server: Mapping[str, Any]) -> str:
    """
    The path of a server (OpenAPI 3.1.0, 4.8.5) without a trailing slash.

    Raises:
        ValueError: its URL is invalid.
    """
    url = str(server.get("url") or "")
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str((variable or {}).get("default", "")))
    path = urlsplit(url).path
    # A scheme that is a variable without a default.
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path).rstrip("/")
