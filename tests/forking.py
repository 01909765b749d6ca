"""The process that runs of modules are forked from: `python -m tests.forking`, for `forked`."""

import atexit
import gc
import importlib
import json
import os
import runpy
import selectors
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import _pytest.config

from tests.forked import LARGEST

IMPORTED = (
    "smoke.pytest_plugin.begin",
    "smoke.pytest_plugin.derived.generated",
    "smoke.results.heading",
    "anyio._backends._asyncio",
    "h11",
    "httpcore",
    "pdb",
    "unittest",
)
"""What every run imports, beside pytest and its plugins."""


def prepare(kind: str) -> None:
    """Import what all of a kind import."""
    if kind == "service":
        importlib.import_module("smoke.reference.app")
    else:
        prepare_runs()


def prepare_runs() -> None:
    """Import what a run imports, as pytest does: with the assertions of plugins rewritten."""
    words = ["-p", "no:schemathesis", "-s", "-c", os.devnull]
    config = _pytest.config._prepareconfig(words)  # noqa: SLF001  (the public ones run, too)
    for name in IMPORTED:
        importlib.import_module(name)
    config._ensure_unconfigure()  # noqa: SLF001


def serve(address: str) -> tuple[dict[str, Any], list[int]]:
    """Fork for each caller until standard input ends. Returns in a process that is to run."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
        selectors.DefaultSelector() as selector,
    ):
        listener.bind(address)
        listener.listen()
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        attending: set[int] = set()
        while sys.stdin not in {key.fileobj for key, _ in selector.select()}:
            connection, _ = listener.accept()
            with connection:
                attendant = os.fork()
                if not attendant:
                    listener.close()
                    return attend(connection)
            attending.add(attendant)
            attending -= {pid for pid in attending if os.waitpid(pid, os.WNOHANG)[0]}
    for pid in attending:
        os.waitpid(pid, 0)
    shutil.rmtree(Path(address).parent)
    sys.exit()


def attend(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork the process that is to run, in which this returns; wait for it and report its end."""
    asked, files, *_ = socket.recv_fds(connection, LARGEST, 3)
    child = os.fork()
    if not child:
        connection.close()
        found: dict[str, Any] = json.loads(asked)
        return found, files
    for file in files:
        os.close(file)
    connection.send(str(child).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        connection.send(str(code).encode())
    finally:
        os._exit(0)


def become(asked: dict[str, Any], files: list[int]) -> list[str]:
    """Take over the folder, the environment, the output and the path that were asked for."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    more = os.environ.get("PYTHONPATH", "")
    sys.path[:1] = [asked["cwd"], *(more.split(os.pathsep) if more else [])]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    words: list[str] = asked["words"]
    return words


def run(name: str) -> int:
    """Run a module as the program; returns its exit code."""
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, str):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def leave(code: int) -> None:
    """
    End this process without taking everything apart: its memory is the parent's until it is
    written to, and a tenth of a second would go into copying it.
    """
    # What an interpreter does first at its end.
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__":
    prepare(sys.argv[1])
    gc.freeze()  # else looking for garbage would copy the memory, too
    place = Path(tempfile.mkdtemp(prefix="forking-"))
    name, *arguments = become(*serve(str(place / "socket")))
    sys.argv = [name, *arguments]
    leave(run(name))
