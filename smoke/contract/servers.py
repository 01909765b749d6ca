"""Servers: of their URLs the contract needs the path only, with the variables' defaults in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


def server_path(server: Mapping[str, Any]) -> str:
    """
    The path of a server (OpenAPI 3.1.0, 4.8.5), without a slash at its end.

    Raises:
        ValueError: its URL is none.
    """
    url = str(server.get("url") or "")
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str((variable or {}).get("default", "")))
    path = urlsplit(url).path
    if "://" in path:  # a scheme that is a variable without a default
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path).rstrip("/")
