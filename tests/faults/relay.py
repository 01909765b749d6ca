"""
A relay that speaks HTTP/1.0 (RFC 1945): one request to a connection, and its end is the body's.

What ASGI cannot stage, because its servers speak HTTP/1.1 whatever the application says.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

HEAD_ENDS = b"\r\n\r\n"


@contextlib.contextmanager
def relayed(upstream: str) -> Iterator[str]:
    """Give the URL of a relay in front of a loopback URL; it ends with the block."""
    place = urlsplit(upstream)
    assert place.hostname is not None
    assert place.port is not None
    listener = socket.create_server(("127.0.0.1", 0))
    serving = threading.Thread(
        target=_serve, args=(listener, (place.hostname, place.port)), daemon=True
    )
    serving.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() alone does not
        listener.close()
        serving.join(timeout=5)


def _serve(listener: socket.socket, upstream: tuple[str, int]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_relay, args=(connection, upstream), daemon=True).start()


def _relay(connection: socket.socket, upstream: tuple[str, int]) -> None:
    """Relay one request; the service gets HTTP/1.0 too, so it frames nothing in chunks."""
    with contextlib.suppress(OSError), connection, socket.create_connection(upstream) as service:
        head = _head(connection)
        if not head:
            return
        service.sendall(head.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\nConnection: close\r\n", 1))
        back = threading.Thread(target=_answer, args=(service, connection), daemon=True)
        back.start()
        _pump(connection, service)
        back.join()


def _head(connection: socket.socket) -> bytes:
    """Read until the head of the request is complete; a part of the body may come along."""
    data = b""
    while HEAD_ENDS not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    return data.replace(b"onnection: keep-alive", b"-Connection: gone", 1)


def _answer(service: socket.socket, connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        first = service.recv(65536)
        connection.sendall(first.replace(b"HTTP/1.1 ", b"HTTP/1.0 ", 1))
        while piece := service.recv(65536):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_RDWR)  # ends the body, and the pump that waits for more


def _pump(connection: socket.socket, service: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := connection.recv(65536):
            service.sendall(piece)
