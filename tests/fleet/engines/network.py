"""A network namespace of its own for a worker, and the cable that can be pulled."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """A namespace that reaches this machine at one address, by a pair of virtual interfaces."""

    name: str
    address: str

    @property
    def enter(self) -> list[str]:
        """The words before a command that is to run inside."""
        return [ip_program(), "netns", "exec", self.name]

    def cut(self) -> None:
        """Pull the cable: packets are lost, and no connection is refused."""
        run("link", "set", self.name, "down")


def ip_program() -> str:
    """The program that creates namespaces; empty if the machine has none."""
    return shutil.which("ip") or ""


def why_not() -> str:
    """The reason why this machine cannot create a namespace; empty if it can."""
    if os.geteuid() != 0:
        return "only root makes a network namespace"
    if not ip_program():
        return "the program `ip` (iproute2) is not installed"
    probe = f"smoke{secrets.token_hex(3)}"
    made = subprocess.run(  # noqa: S603  (iproute2)
        [ip_program(), "netns", "add", probe], capture_output=True, text=True, check=False
    )
    if made.returncode:
        return f"this machine makes no network namespace: {made.stderr.strip()}"
    run("netns", "delete", probe)
    return ""


def run(*words: str) -> None:
    """Run `ip` with some words."""
    subprocess.run([ip_program(), *words], check=True, capture_output=True)  # noqa: S603


@contextmanager
def network() -> Iterator[Network]:
    """Make a namespace; it is gone at the end, with its interfaces."""
    number = secrets.randbelow(250 * 64)
    subnet = f"10.213.{number // 64}.{number % 64 * 4}".rpartition(".")
    first, last = subnet[0], int(subnet[2])
    here, there = f"{first}.{last + 1}", f"{first}.{last + 2}"
    made = Network(f"smoke{secrets.token_hex(3)}", here)
    with ExitStack() as stack:
        run("netns", "add", made.name)
        stack.callback(run, "netns", "delete", made.name)
        # The other end goes with the namespace, and takes this end along.
        run("link", "add", made.name, "type", "veth", "peer", "name", "uplink", "netns", made.name)
        run("address", "add", f"{here}/30", "dev", made.name)
        run("link", "set", made.name, "up")
        for words in (
            ("address", "add", f"{there}/30", "dev", "uplink"),
            ("link", "set", "uplink", "up"),
            ("link", "set", "lo", "up"),
        ):
            run("-n", made.name, *words)
        yield made
