"""The names under which the service may be asked.

A page of another site can make its own name lead to a loopback address and then read answers as if
they were its own (DNS rebinding). Its requests still carry that name in `Host`.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSED = (
    "The Host header is not a name of this service. Ask for it by its address, or start it with "
    "--allow-host and the name.\n"
)


class Hosts:
    """An ASGI layer that refuses requests for a foreign name: 400, in plain text."""

    def __init__(self, app: ASGIApp, is_own: Callable[[str], bool]) -> None:
        self._app = app
        self._is_own = is_own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(Headers(scope=scope).get("host", "")):
            await PlainTextResponse(_REFUSED, 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_own_host(bound: str, names: Iterable[str]) -> Callable[[str], bool]:
    """
    Return the question whether a `Host` header names the service that listens at an address.

    Loopback names, the address itself and `names` do, with any port; every address does where the
    service listens at all of them.
    """
    own = {"localhost", *(name.lower() for name in names)}
    listens = _address(bound)

    @lru_cache(maxsize=64)
    def is_own(header: str) -> bool:
        host = _host_of(header)
        if host in own:
            return True
        address = _address(host)
        if address is None:
            return False
        # An address in `Host` was asked for as such: no name can have been rebound to it.
        everywhere = listens is not None and listens.is_unspecified
        return everywhere or address.is_loopback or address == listens

    return is_own


def _host_of(header: str) -> str:
    """Return the host of a header without its port, or nothing where it has no valid one."""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # its digits are looked at only here
    except ValueError:
        return ""
    return parts.hostname or ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
