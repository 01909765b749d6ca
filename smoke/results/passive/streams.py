"""A rule about streams: an event is sent once."""

import json
from collections import Counter
from collections.abc import Iterator

from smoke.contract import Contract, Finding
from smoke.results.exchange import Exchange

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


def _identity(data: str) -> str:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(event, dict):
        return ""
    return next((name for name in IDENTITIES if event.get(name) is not None), "")
