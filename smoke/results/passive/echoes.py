"""A rule about writes: their answer repeats what was sent."""

from collections.abc import Iterator

from smoke.contract import Contract, Finding
from smoke.results.echoes import unlike
from smoke.results.exchange import Exchange
from smoke.results.views import content

WRITES = frozenset({"POST", "PUT", "PATCH"})


def answers_repeat_what_was_sent(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """A flag, a listed word or a name that a write takes is in its answer as it was sent."""
    if exchange.method not in WRITES or exchange.status not in (200, 201):
        return
    sent, body = exchange.sent_json, exchange.json
    if not isinstance(sent, dict) or not isinstance(body, dict):
        return
    shown = content(body)
    for name in unlike(exchange, contract, sent, shown):
        message = f"{shown[name]!r} is answered, and {sent[name]!r} was sent."
        yield Finding("behaviour", f"/{name}", message)
