"""A running deployment for an entry: the reference service, perhaps broken, perhaps proxied."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from smoke.session.service_process import Service
from tests.faults.entries import (
    Database,
    Entry,
    Environment,
    Http10,
    InApp,
    Mechanism,
    Proxied,
    Sockets,
)
from tests.faults.proxy import Proxy, undisturbed
from tests.faults.relay import relayed
from tests.smoking import PASSWORD


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: ours, without what steers smoke runs, pytest or bytecode."""
    steering = ("SMOKE_", "PYTEST_", "PYTHONDONTWRITEBYTECODE", "USE_", "ENABLE_", "REFERENCE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    root = str(Path(__file__).parents[2])
    own = {"SMOKE_ENVIRONMENT": "local", "SMOKE_USER_PASSWORD": PASSWORD}
    # Many runs share one service here, and each must detect a fault as a first run does.
    own["SMOKE_OPTION_USE_AGAIN"] = "never"
    return kept | {"PYTHONPATH": root, "USE_TEST_FIXTURES": "true"} | own | more


# Entries after which a bench starts its service anew. Faults that break signing in leave wrong
# passwords behind, and after fifty within ten minutes the service refuses everybody from this
# address: the next entry would be red for that, whatever its own fault is.
FRESH_AFTER = 8


class Bench:
    """
    One sound service behind one proxy, on which proxied entries run one after the other.

    With a `url` it is that deployment, which is neither started nor stopped.
    """

    def __init__(self, url: str = "") -> None:
        self.url = url
        self._own = not url
        self._served = 0
        self._stack = ExitStack()
        self._proxy: Proxy | None = None

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()
        self._proxy = None
        self._served = 0

    @contextmanager
    def deployed(self, entry: Entry) -> Iterator[str]:
        """Give the URL at which the entry's deployment is served."""
        mechanism = entry.mechanism
        if mechanism is None or isinstance(mechanism, Proxied):
            with self._proxied(mechanism) as url:
                yield url
        elif isinstance(mechanism, Http10):
            self._made()
            with relayed(self.url) as url:
                yield url
        elif isinstance(mechanism, Sockets):
            with mechanism.listen() as url:
                yield url
        else:
            with _own(entry.name, mechanism) as url:
                yield url

    @contextmanager
    def _proxied(self, mechanism: Proxied | None) -> Iterator[str]:
        proxy = self._made()
        proxy.interference = mechanism.begin() if mechanism else undisturbed
        try:
            yield proxy.url
        finally:
            proxy.interference = undisturbed

    def _made(self) -> Proxy:
        if self._own and self._served == FRESH_AFTER:
            self.close()
        self._served += 1
        if self._proxy is None:
            if self._own:
                service = Service("smoke.reference", environment())
                self._stack.callback(service.stop)
                self.url = service.url
            self._proxy = Proxy(self.url)
            self._stack.callback(self._proxy.stop)
        return self._proxy


@contextmanager
def _own(name: str, mechanism: Mechanism) -> Iterator[str]:
    """A service of the entry's own."""
    with tempfile.TemporaryDirectory(prefix="deployment-") as folder, ExitStack() as stack:
        module, arguments, variables = _launch(name, mechanism, Path(folder, "service.db"))
        service = Service(module, environment(**variables), *arguments)
        stack.callback(service.stop)
        url = service.url
        if isinstance(mechanism, Database):
            _execute(Path(folder, "service.db"), mechanism.statements)
        yield url


def _launch(
    name: str, mechanism: Mechanism, database: Path
) -> tuple[str, tuple[str, ...], Mapping[str, str]]:
    if isinstance(mechanism, InApp):
        return "tests.faults.service", ("--entry", name), {}
    if isinstance(mechanism, Environment):
        return "smoke.reference", mechanism.arguments, mechanism.variables
    return "smoke.reference", ("--database", str(database)), {}


def _execute(database: Path, statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
