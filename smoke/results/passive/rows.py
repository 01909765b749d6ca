"""Rules about the rows of a list."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from smoke.contract import Contract, Finding
from smoke.contract.operation_id import OperationId
from smoke.contract.paging import rows_of
from smoke.contract.pointers import at
from smoke.results.exchange import Exchange


def rows_are_listed_once(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """
    A list has each thing once.

    A rule for lists of things that the contract has operations for one by one: rows of other lists
    may share an id, as the events of one thing do.
    """
    operation = contract.operations.get(exchange.operation)
    if operation is None or not operation.safe or exchange.status != 200:
        return
    pointer = rows_of(operation, contract)
    rows = at(exchange.json, pointer) if pointer is not None else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
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
