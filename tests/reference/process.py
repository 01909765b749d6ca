"""
A reference service in a process of its own.
"""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.forked import SERVICE, serving

# Loading the authorities that TLS would trust takes longer than a test, and nothing here uses TLS.
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class Served:
    """
    Where a service listens.
    """

    url: str


@dataclass(frozen=True)
class ServiceProcess(Served):
    """
    A running service that was started as its users do, and where it listens.
    """

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


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[Served]:
    """
    Serve as `running` does, in a process whose imports were made for all services of the tests.
    """
    words = (SERVICE, "--exit-with-stdin", *arguments)
    settings = os.environ | {"USE_TEST_FIXTURES": "true"} | environment
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    with serving(words, settings) as url:
        yield Served(url)


def client(url: str, headers: dict[str, str] | None = None) -> httpx.Client:
    """
    Return a client of a service.
    """
    return httpx.Client(base_url=url, headers=headers, verify=_NO_AUTHORITIES)


def fetch(method: str, url: str, **options: Any) -> httpx.Response:
    """
    Send one request on a connection of its own.
    """
    return httpx.request(method, url, verify=_NO_AUTHORITIES, **options)
