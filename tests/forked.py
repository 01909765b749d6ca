"""`python -m MODULE` for tests, forked from a process that has imported pytest and the engine.

It is a process of its own, with its own arguments, environment, folder, output and exit code. Only
the imports are made once for all: they are two thirds of what a small run costs. Tests of the start
itself, of nox, of options of Python and of runs that are ended from outside start Python.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
LARGEST = 1 << 20  # bytes of a message
SERVICE = "smoke.reference"


def run_module(
    words: Sequence[str], cwd: Path, env: dict[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run a module with its arguments to its end, and give what `subprocess.run` would."""
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        closing(Forked(words, cwd, env, [f.fileno() for f in (nothing, out, err)])) as forked,
    ):
        try:
            code = forked.wait(timeout)
        except TimeoutError:
            forked.send_signal(signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(list(words), code, _text(out), _text(err))


class Forked:
    """A process that was forked to run a module with its arguments."""

    def __init__(
        self, words: Sequence[str], cwd: Path, env: dict[str, str], files: Sequence[int]
    ) -> None:
        asked = json.dumps({"words": list(words), "cwd": str(cwd), "env": env}).encode()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server.connect(_address("service" if words[0] == SERVICE else "run"))
        socket.send_fds(self._server, [asked], files)
        self.pid = int(self._server.recv(LARGEST))

    def wait(self, timeout: float) -> int:
        """Wait for the exit code."""
        self._server.settimeout(timeout)
        return int(self._server.recv(LARGEST))

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def close(self) -> None:
        """Ask no more how it ends."""
        self._server.close()


@contextmanager
def serving(words: Sequence[str], env: dict[str, str]) -> Iterator[str]:
    """Run the service, which prints its URL and ends with its standard input; gives the URL."""
    (taken, sent), (printed, written) = os.pipe(), os.pipe()
    service = Forked(words, ROOT, env, (taken, written, 2))
    os.close(taken)
    os.close(written)
    with closing(service), open(sent, "w") as stdin, open(printed) as stdout:  # noqa: PTH123
        try:
            yield str(json.loads(stdout.readline())["url"])
        finally:
            stdin.close()
            try:
                service.wait(timeout=10)
            except TimeoutError:
                service.send_signal(signal.SIGKILL)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _address(kind: str) -> str:
    """Start the process that those of a kind are forked from; it ends with its standard input."""
    steering = ("SMOKE_", "PYTEST_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    child = subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-m", "tests.forking", kind], cwd=ROOT, env=kept, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    atexit.register(child.communicate)  # it is waited for, so that its time is counted
    return child.stdout.readline().strip()
