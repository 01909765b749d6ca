"""A rule about writes: their answer repeats what was sent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smoke.contract import Contract, Finding
from smoke.contract.pointers import at, follow, join, listed_words
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


# A service may write a value in its own way, limit a number, mask an address, or mean something
# else by a field's name. So only flags count, words of which the contract lists the possible ones,
# and names of things that carry the id of the run.
# Fields that mean the same in a request and in its answer, whatever the API is about.
NAMES = re.compile(
    r"^(\w+_)?(name|title|label|slug|description|subject|filename|note)$", re.IGNORECASE
)

MASK = re.compile(r"\*|•|x{4,}", re.IGNORECASE)


# Fields that a service may set by itself, whatever it is asked for.
STATES = re.compile(r"status|state|phase", re.IGNORECASE)


def unlike(
    exchange: Exchange, contract: Contract, sent: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> Iterator[str]:  # fmt: skip
    """Yield the names of the fields that an answer does not show as the exchange sent them."""
    run_id = exchange.request_headers.get("x-smoke-run", "")
    for name, value in sent.items():
        if name not in shown or STATES.search(name):
            continue
        if isinstance(value, bool):
            differs = isinstance(shown[name], bool) and shown[name] is not value
        elif isinstance(value, str) and isinstance(shown[name], str) and value != shown[name]:
            words = _words(exchange.operation, name, contract)
            differs = {value, shown[name]} <= words or _is_lost(name, value, shown[name], run_id)
        else:
            continue
        if differs:
            yield name


def _is_lost(name: str, sent: str, shown: str, run_id: str) -> bool:
    """Whether a name with the run's id is shown without it, or without its end."""
    if not (run_id and run_id in sent and NAMES.match(name)) or MASK.search(shown):
        return False
    here, there = plain(sent), plain(shown)
    is_cut = here.startswith(there) and len(there) < len(here)
    return is_cut or plain(run_id) not in there


def _words(operation: str, name: str, contract: Contract) -> set[str]:
    """The words that the contract lists for a field of the request's body."""
    documented = contract.operations.get(operation)
    bodies = documented.request_bodies.values() if documented else ()
    schemas = (follow(contract.document, media.schema) for media in bodies)
    fields = (at(schema, join("properties", name)) for schema in schemas)
    return {word for field in fields for word in listed_words(field, contract.document)}


def plain(text: str) -> str:
    """A text without case and without anything but letters and digits, in any script."""
    return "".join(filter(str.isalnum, text.casefold()))
