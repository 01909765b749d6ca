"""Serving over HTTP: the listener, the announcement, the end."""

import contextlib
import json
import signal
import socket
import sys
from collections.abc import Iterable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from .hosts import Hosts, is_own_host
from .parent import GRACE_S, watch_parent


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
