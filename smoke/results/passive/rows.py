"""Rules about the rows of a list."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.contract import Contract, Finding
from smoke.contract.operation_id import OperationId
from smoke.contract.pointers import listed_words
from smoke.documents import object_of
from smoke.results.exchange import Exchange
from smoke.results.passive.content import of_other_tenants
from smoke.results.views import NOT_A_LIST, listed


def rows_are_listed_once(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """
    A list has each thing once.

    A rule for lists of things that the contract has operations for one by one: rows of other lists
    may share an id, as the events of one thing do.
    """
    operation, pointer, rows = listed(exchange, contract)
    if operation is None or not all(isinstance(row, dict) for row in rows):
        return
    for name in _identities(operation.path, tuple(contract.operations)):
        values = [row.get(name) for row in rows]
        if all(isinstance(value, (str, int)) and not isinstance(value, bool) for value in values):
            repeated = (pair for pair in Counter(values).most_common(1) if pair[1] > 1)
            for value, times in repeated:
                message = f"{times} rows have the {name} {value!r}."
                yield Finding("behaviour", f"{pointer}/*/{name}", message)
            return


@cache
def _identities(path: str, operations: tuple[str, ...]) -> list[str]:
    """The members that may identify a row: `id`, and below `/{book_key}` that name and `key`."""
    below = re.compile(rf"{re.escape(path)}/{{(\w+)}}")
    found = (below.fullmatch(OperationId(name).path) for name in operations)
    names = [match[1] for match in found if match]
    ends = [name.rpartition("_")[2] for name in names]
    return list(dict.fromkeys(["id", *names, *ends])) if names else []


# Filters by state count even if the contract does not list the states.
STATE = "status"

# Words of filters that select every state.
EVERY = frozenset({"all", "any", "*"})


def rows_match_filters(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """
    A list that is filtered by one of several words has only rows with this word.

    A rule for words that the contract lists, and for states: other filters may compare in another
    way, such as by a part of the text or by another form of an id.
    """
    asked = parse_qs(urlsplit(exchange.url).query)
    operation, pointer, rows = listed(exchange, contract) if asked else NOT_A_LIST
    for parameter in operation.parameters if operation else ():
        values = asked.get(parameter.name, [])
        if parameter.location != "query" or len(values) != 1:
            continue
        words = set(listed_words(parameter.schema, contract.document))
        field = _field(parameter.name, rows)
        others = _others(rows, field, values[0])
        # A row with a word of another vocabulary says nothing about this filter.
        wrong = others & words if words else others if field == STATE else set()
        if wrong and (not words or values[0] in words):
            message = f"{parameter.name}={values[0]} gives rows with {min(wrong)!r}."
            yield Finding("behaviour", f"{pointer}/*/{field}", message)


def _others(rows: Iterable[Any], field: str, word: str) -> set[str]:
    """The words of the rows that are not the wanted one, in whatever case."""
    if not field or word.casefold() in EVERY:
        return set()
    return {row[field] for row in rows if row[field].casefold() != word.casefold()}


def _field(parameter: str, rows: Iterable[Any]) -> str:
    """The member of a row that a filter is about: `run_status` is about `status`."""
    objects = [row for row in rows if isinstance(row, dict)]
    names = (parameter, STATE) if parameter.endswith(f"_{STATE}") else (parameter,)
    for name in names:
        if objects and all(isinstance(row.get(name), str) for row in objects):
            return name
    return ""


# Members that tell the events of a stream apart; without one, equal events may be two.
IDENTITIES = ("event_id", "id", "sequence", "sequence_no", "seq")


def events_are_sent_once(exchange: Exchange, _contract: Contract) -> Iterator[Finding]:
    """A stream does not send the same event twice in one connection."""
    for data, times in Counter(exchange.events).items():
        name = _identity(data) if times > 1 else ""
        if name:
            message = f"The event with this {name} came {times} times: {data[:120]}"
            yield Finding("behaviour", f"/{name}", message)
            return


def events_are_of_one_tenant(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """Events belong to the caller's tenant."""
    events = [object_of(data) for data in exchange.events]
    for name, count in of_other_tenants(events, exchange, contract):
        yield Finding("behaviour", f"/{name}", f"{count} events of others.")


def _identity(data: str) -> str:
    event = object_of(data)
    return next((name for name in IDENTITIES if event.get(name) is not None), "")
