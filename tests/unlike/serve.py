"""Serving the unlike services: in this process for tests, or as a program.

`python -m tests.unlike.serve notes --exit-with-stdin` prints one JSON line with its `url` and ends
when its standard input does, as `serve` in the row of a target asks for.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import socket
from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from tests.unlike import NAMES, contract_of, library, notes, shop

if TYPE_CHECKING:
    from fastapi import FastAPI

MAKERS = {"notes": notes.make, "shop": shop.make, "library": library.make}
BASES = {"notes": "", "shop": "", "library": library.BASE}


class Announcing(uvicorn.Server):
    """A server that announces its address when it listens."""

    def __init__(self, app: "FastAPI") -> None:
        config = uvicorn.Config(
            app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=0
        )
        super().__init__(config)
        self.listens = Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, and wake up the waiting callers."""
        await super().startup(sockets)
        self.listens.set()

    @property
    def url(self) -> str:
        """The address."""
        port = self.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"


@contextmanager
def serving(app: "FastAPI", base: str = "") -> Iterator[str]:
    """A service of this block's own; gives its URL."""
    server = Announcing(app)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert server.listens.wait(10), "the service did not start"
        yield server.url + base
    finally:
        server.should_exit = True
        thread.join(10)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve one of the services until standard input ends, or print its contract."""
    parser = argparse.ArgumentParser(prog="python -m tests.unlike.serve")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--fault", default="")
    parser.add_argument("--openapi", action="store_true")
    parser.add_argument("--exit-with-stdin", action="store_true")
    options = parser.parse_args(arguments)
    if options.openapi:
        sys.stdout.write(json.dumps(contract_of(options.name).document, indent=1) + "\n")
        return
    with serving(MAKERS[options.name](options.fault), BASES[options.name]) as url:
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
