"""Serving over HTTP: the listener, the announcement, the end."""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import FrameType
from urllib.parse import urlsplit

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. OSError: the address cannot be had."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted connections inherit it; asyncio sets it only on sockets that it bound itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    app: ASGIApp, listener: socket.socket, *, exit_with_stdin: bool, names: Iterable[str] = ()
) -> None:
    """Serve until SIGTERM or SIGINT, or until stdin or the parent ends if asked.

    The URL goes to stdout as JSON. `names` are hosts that are answered besides the address.
    Requests that are running have one second to finish.
    """
    own = is_own_host(listener.getsockname()[0], names)
    server = _Server(
        uvicorn.Config(
            Hosts(app, own),
            loop="auto",
            http="auto",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    # Uvicorn raises the signal again when it has stopped; this makes it an ordinary exit, so that
    # temporary directories are removed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    if exit_with_stdin:
        watch_parent(server)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says where it listens as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            announce(_url(sockets[0]))


def announce(url: str) -> None:
    """Print the URL as one JSON line; whoever waited for it may have gone."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


# Seconds that running requests have to finish.
GRACE_S = 1

# Seconds between two looks at the parent.
_LOOK_S = 0.5

# Seconds after which a service that was to stop is ended as it is.
_HELD_UP_S = 5.0


def watch_parent(server: uvicorn.Server) -> None:
    """
    Stop the server when standard input ends or the parent is gone.

    Both are watched: a process that the parent started, too, may hold the pipe open. Linux has a
    signal for the end of a parent (PR_SET_PDEATHSIG), but sends it when the *thread* ends that
    started the child.
    """
    threading.Thread(target=_stop_with, args=(server, os.getppid()), daemon=True).start()


def _stop_with(server: uvicorn.Server, parent: int) -> None:
    while os.getppid() == parent and not _is_input_at_end():
        pass
    server.should_exit = True
    time.sleep(_HELD_UP_S)
    os._exit(1)  # a request that blocks the event loop kept it from seeing that


def _is_input_at_end() -> bool:
    """Tell whether standard input has ended; wait a moment for it."""
    try:
        # Windows selects sockets only; reading until the end is what it offers.
        if sys.platform != "win32" and not select.select([0], [], [], _LOOK_S)[0]:
            return False
        return not os.read(0, 4096)
    except OSError:
        return True


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
