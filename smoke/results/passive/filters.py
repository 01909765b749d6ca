"""Rules about lists that were asked for some of their rows only."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.contract import Contract, Finding
from smoke.contract.listed_words import listed_words
from smoke.contract.paging import rows_of
from smoke.contract.pointers import at
from smoke.results.exchange import Exchange

# A state that a filter may name though the contract does not list the states.
STATE = "status"

# Words of filters that select every state.
EVERY = frozenset({"all", "any", "*"})


def rows_match_filters(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """
    A list that is filtered by one of several words has only rows with this word.

    A rule for words that the contract lists, and for states: other filters may compare in another
    way, such as by a part of the text or by another form of an id.
    """
    operation = contract.operations.get(exchange.operation)
    query = urlsplit(exchange.url).query
    if operation is None or not operation.safe or exchange.status != 200 or not query:
        return
    pointer = rows_of(operation, contract)
    rows = at(exchange.json, pointer) if pointer is not None else None
    if not isinstance(rows, list):
        return
    asked = parse_qs(query)
    for parameter in operation.parameters:
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
