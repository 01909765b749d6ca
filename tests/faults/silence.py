"""Listeners that keep whoever connects waiting: what no HTTP server would do."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

# Connections that are made to fill the queue of a listener that accepts no connection.
BACKLOG = 8

# Seconds between two bytes that drip.
PAUSE_S = 0.5


@contextlib.contextmanager
def unaccepted() -> Iterator[str]:
    """A listener that accepts no connection and has a full queue, so that connecting hangs."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(BACKLOG):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield _url(listener)


def dripping(head: bytes) -> Callable[[], AbstractContextManager[str]]:
    """
    Return a listener that answers the head at once, and then drips a byte at a time for ever.

    Without a head it accepts and says nothing.
    """

    def drip(connection: socket.socket, over: threading.Event) -> None:
        with contextlib.suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(head)
            while not over.wait(PAUSE_S):
                if head:
                    connection.sendall(b"x")

    @contextlib.contextmanager
    def listening() -> Iterator[str]:
        over = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = threading.Thread(target=_serve, args=(listener, over, drip), daemon=True)
            serving.start()
            try:
                yield _url(listener)
            finally:
                over.set()
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() does not
                serving.join(timeout=5)

    return listening


def _serve(
    listener: socket.socket,
    over: threading.Event,
    behave: Callable[[socket.socket, threading.Event], None],
) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=behave, args=(connection, over), daemon=True).start()


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


mute = dripping(b"")
slow_headers = dripping(b"HTTP/1.1 200 OK\r\nx-drip: ")
slow_body = dripping(
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{"
)
