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
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
LARGEST = 1 << 20  # bytes of a message


def run_module(
    words: Sequence[str], cwd: Path, env: dict[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run a module with its arguments to its end, and give what `subprocess.run` would."""
    asked = json.dumps({"words": list(words), "cwd": str(cwd), "env": env}).encode()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
            server.connect(_address())
            socket.send_fds(server, [asked], [out.fileno(), err.fileno()])
            code = _ended(server, timeout)
        return subprocess.CompletedProcess(list(words), code, _text(out), _text(err))


def _ended(server: socket.socket, timeout: float) -> int:
    """Wait for the exit code, and end what takes too long."""
    pid = int(server.recv(LARGEST))
    server.settimeout(timeout)
    try:
        return int(server.recv(LARGEST))
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        raise


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _address() -> str:
    """Start the process that the others are forked from; it ends when its standard input does."""
    steering = ("SMOKE_", "PYTEST_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.forking"], cwd=ROOT, env=kept, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    atexit.register(child.communicate)  # it is waited for, so that its time is counted
    return child.stdout.readline().strip()
