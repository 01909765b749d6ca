"""
Red or green for a deployed HTTP API, in seconds, with the reason on screen.

This module is the public face: a check imports from here, and from its own package, nothing else.

| name | meaning |
|---|---|
| `Actor`, `Caller` | who calls: `await owner.call("GET /x/{id}", id=7)` returns an `Exchange` |
| `Session` | one sign-in of an actor: its tokens and their verified claims |
| `Exchange` | one request and its response, as the record keeps it |
| `Expect`, `Answer` | `expect(exchange)` states status and shape; its `Answer` states the rest |
| `Run` | the run: its `id` makes values unique, `own` and `undoes` register created things |
| `World`, `Seeding` | ids and texts of the seeded data, by name; and the seeding response |
| `Cleanup` | the type of `cleanup(owner, "DELETE /x/{id}", id=7)`: sent when the check has ended |
| `Lists` | reads paged lists: `rows` that must be there, `lack` of a row that must be gone |
| `Bounds` | the limits for reading a stream: events, bytes and seconds |
| `exercises`, `gate` | marks: the operations that a check sees succeed; the gate that it needs |
| `together` | sends calls that do not depend on each other at the same time |
| `earlier_answers` | answers that the run has already got, so that no request is sent twice |
| `at` | the value at a JSON pointer (RFC 6901); None where nothing is there |
| `totp` | the code of a second factor (RFC 6238) at a moment |
| `LeftOutError` | skips a check: this deployment lacks something that the check needs |

The names are imported when they are first used, so that `import smoke` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smoke.contract.events import Bounds
    from smoke.contract.pointers import at
    from smoke.errors import LeftOutError
    from smoke.http.pace import together
    from smoke.plan.values import totp
    from smoke.pytest_plugin.fixtures import Cleanup
    from smoke.pytest_plugin.marks import exercises, gate
    from smoke.results.exchange import Exchange
    from smoke.results.expectations import Answer, Expect
    from smoke.results.run import Run
    from smoke.results.sightings import earlier_answers
    from smoke.session.actors import Actor
    from smoke.session.caller import Caller
    from smoke.session.credentials import Session
    from smoke.session.lists import Lists
    from smoke.session.seeding import Seeding, World

__all__ = [
    "Actor",
    "Answer",
    "Bounds",
    "Caller",
    "Cleanup",
    "Exchange",
    "Expect",
    "LeftOutError",
    "Lists",
    "Run",
    "Seeding",
    "Session",
    "World",
    "at",
    "earlier_answers",
    "exercises",
    "gate",
    "together",
    "totp",
]

_PLACES = {
    "Actor": "session.actors",
    "Answer": "results.expectations",
    "Bounds": "contract.events",
    "Caller": "session.caller",
    "Cleanup": "pytest_plugin.fixtures",
    "Exchange": "results.exchange",
    "Expect": "results.expectations",
    "LeftOutError": "errors",
    "Lists": "session.lists",
    "Run": "results.run",
    "Seeding": "session.seeding",
    "Session": "session.credentials",
    "World": "session.seeding",
    "at": "contract.pointers",
    "earlier_answers": "results.sightings",
    "exercises": "pytest_plugin.marks",
    "gate": "pytest_plugin.marks",
    "together": "http.pace",
    "totp": "plan.values",
}

if not TYPE_CHECKING:  # type checkers must know the names above, and refuse all others

    def __getattr__(name: str) -> object:
        """Import a public name on first use; submodules are found by Python itself."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # The rooms import this package first, so importing them above would be a circular import.
        found = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
        globals()[name] = found
        return found
