"""Starting the embedded service: a child process that ends with this one."""

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from queue import Empty, Queue

from smoke.config.gates import State
from smoke.config.rules import Rules, load
from smoke.config.settings import Settings
from smoke.errors import SmokeError, UnverifiedError

# Seconds a child may take to print its URL on a machine with nothing else to do.
START_S = 20.0

# How many times as long it may take at most on a machine that is busy.
MOST_BUSY = 6.0

# Seconds a child may take to end before it is killed.
STOP_S = 5.0


# Variables that a program needs to run at all; patterns as in a shell.
USUAL = (
    "PATH", "HOME", "USER", "TMPDIR", "TEMP", "TMP", "LANG", "LC_*", "TZ", "PYTHON*", "VIRTUAL_ENV",
    "SSL_CERT_*", "LD_LIBRARY_PATH", "DYLD_*", "SYSTEMROOT", "COVERAGE_*",
)  # fmt: skip


def clean_environment(environ: Mapping[str, str], passed: Iterable[str] = ()) -> dict[str, str]:
    """
    Return the variables that a started service gets: the usual ones and those `passed`.

    A DEBUG or DATABASE_URL in the caller's shell must not change the service.
    """
    patterns = (*USUAL, *passed)
    return {n: v for n, v in environ.items() if any(fnmatchcase(n, one) for one in patterns)}


def seeding_open(rules: Rules) -> dict[str, str]:
    """Return the setting that opens the seeding endpoint of a service started by us."""
    return {rules.seed.setting: "true"} if rules.seed and rules.seed.setting else {}


def started(settings: Settings, environ: Mapping[str, str]) -> "Service | None":
    """
    Start the embedded service of a target, if it has one, without waiting until it listens.

    Raises:
        SmokeError: the rules cannot be read.
    """
    target = settings.target
    if not target.serve:
        return None
    absent = {
        gate.setting: "false"
        for gate in settings.gates
        if gate.state is State.ABSENT and gate.setting
    }
    clean = clean_environment(environ, target.pass_env)
    return Service(target.serve, {**clean, **seeding_open(load(settings.rules)), **absent})


class Service:
    """
    A child process that serves until the run stops it, or until this process is gone.

    The module gets `--exit-with-stdin` after its own arguments, if any. It must print one JSON line
    with its `url` when it listens, and end when its standard input ends.
    """

    def __init__(self, module: str, environ: Mapping[str, str], *arguments: str) -> None:
        self.module = module
        self._url = ""
        self._lines: Queue[str] = Queue()
        self._errors: list[str] = []
        self._child = subprocess.Popen(  # noqa: S603  (our own module, no shell)
            command(module, "--exit-with-stdin", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(environ),
            # Ctrl-C reaches a whole process group, but the run needs its service for the cleanup.
            start_new_session=os.name != "nt",
        )
        self._pumps = [
            threading.Thread(target=pump, daemon=True)
            for pump in (self._read_output, self._read_errors)
        ]
        for pump in self._pumps:
            pump.start()

    def _read_output(self) -> None:
        assert self._child.stdout is not None  # noqa: S101
        for line in self._child.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_errors(self) -> None:
        """Read errors as they come: a full pipe would block the child."""
        assert self._child.stderr is not None  # noqa: S101
        for line in self._child.stderr:
            self._errors.append(line)
            del self._errors[:-50]

    @property
    def url(self) -> str:
        """
        The URL of the service; the first call waits for it.

        Raises:
            UnverifiedError: the child ended, or printed no URL in time.
        """
        if not self._url:
            limit_s = START_S * _busy()
            try:
                line = self._lines.get(timeout=limit_s)
            except Empty:
                raise UnverifiedError(
                    f"{self.module} printed no URL within {limit_s:.0f} s{_load()}."
                ) from None
            if not line:
                self._child.wait(STOP_S)
                raise UnverifiedError(f"{self.module} did not start:\n{self.last_errors()}")
            self._url = str(json.loads(line)["url"])
        return self._url

    def last_errors(self) -> str:
        """The last lines the child wrote to its standard error."""
        if self.ended:
            self._pumps[1].join(1)
        return "".join(self._errors[-15:]).strip() or f"exit code {self._child.poll()}"

    @property
    def ended(self) -> bool:
        """Whether the child is gone."""
        return self._child.poll() is not None

    def stop(self) -> None:
        """End the child; kill it if it does not end in time."""
        # A service ends with its standard input; the signal is for one that does not.
        if self._child.stdin is not None and not self._child.stdin.closed:
            self._child.stdin.close()
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()


def _busy() -> float:
    """How many programs each core of this machine has to run, from 1 to `MOST_BUSY`."""
    return max(1.0, min(MOST_BUSY, _waiting() / (os.cpu_count() or 1)))


def _load() -> str:
    """The reason for a longer limit; empty on a machine that is not busy."""
    busy = _busy() > 1
    return (
        f" (the machine is busy: load {_waiting():.0f} on {os.cpu_count()} cores)" if busy else ""
    )


def _waiting() -> float:
    """The programs that run or wait for a core, averaged over a minute; 0 where none is known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def command(module: str, *arguments: str) -> list[str]:
    """
    The command that runs a module; arguments may follow the module's name, as in a shell.

    Raises:
        SmokeError: the target names no module.
    """
    if not module:
        raise SmokeError(
            'The target has no service to start. Set serve = "a.module" in its row of '
            "[tool.smoke.targets], or choose another target."
        )
    return [sys.executable, "-m", *shlex.split(module), *arguments]


def foreground(module: str, environ: Mapping[str, str], *arguments: str) -> int:
    """Run the service in the foreground until it is interrupted, and return its exit code."""
    words = command(module, "--exit-with-stdin", *arguments)
    # The pipe ends with this process, however it ends, and the service with the pipe.
    with subprocess.Popen(words, env=dict(environ), stdin=subprocess.PIPE) as child:  # noqa: S603
        try:
            return child.wait()
        except KeyboardInterrupt:
            return 0


def described(module: str, environ: Mapping[str, str]) -> str:
    """
    Return the OpenAPI document that the service prints about itself.

    Raises:
        UnverifiedError: the service could not print it.
    """
    words = command(module, "--openapi")
    done = subprocess.run(words, env=dict(environ), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise UnverifiedError(f"{module} --openapi failed:\n{done.stderr.strip()[-1000:]}")
    return done.stdout
