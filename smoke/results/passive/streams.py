"""Rules about streams: an event is sent once, and to its own tenant."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from smoke.contract import Contract, Finding
from smoke.results.exchange import Exchange
from smoke.results.passive.content import of_other_tenants

# Members that tell the events of a stream apart; without one, equal events may be two.
IDENTITIES = ("event_id", "id", "sequence", "sequence_no", "seq")


def events_are_sent_once(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """A stream does not repeat an event, letter for letter, in the same connection."""
    for data, times in Counter(exchange.events).items():
        name = _identity(data) if times > 1 else ""
        if name:
            message = f"The event with this {name} came {times} times: {data[:120]}"
            yield Finding("behaviour", f"/{name}", message)
            return


def events_are_of_one_tenant(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """Events belong to the caller's tenant."""
    events = [_read(data) for data in exchange.events]
    for name, count in of_other_tenants(events, exchange, contract):
        yield Finding("behaviour", f"/{name}", f"{count} events of others.")


def _identity(data: str) -> str:
    event = _read(data)
    return next((name for name in IDENTITIES if event.get(name) is not None), "")


def _read(data: str) -> dict[str, Any]:
    """An event as a JSON object; empty if it is something else."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
