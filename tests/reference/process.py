"""
A reference service in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceProcess:
    """
    A running service and where it listens.
    """

    url: str
    child: subprocess.Popen[str]


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[ServiceProcess]:
    """
    Start a service with fixtures on, wait for its URL, and stop it by ending its stdin.
    """
    command = [sys.executable, "-m", "smoke.reference", "--exit-with-stdin", *arguments]
    settings = os.environ | {"USE_TEST_FIXTURES": "true"} | environment
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(  # noqa: S603  # our own program
        command, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield ServiceProcess(json.loads(child.stdout.readline())["url"], child)
        finally:
            child.stdin.close()
            child.wait(timeout=10)
