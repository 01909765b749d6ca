"""
Views: the answers that show one and the same thing, such as its detail and its row in a list.

A thing is named by its path: `/books/7`, also where it is a row of `/books` or what `POST /books`
answers. A thing without an id, such as `/users/me`, is another one for each actor.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from smoke.contract import Contract, Operation
from smoke.contract.operation_id import OperationId
from smoke.contract.paging import ASKED, rows_of
from smoke.contract.pointers import at, follow
from smoke.results.exchange import SAFE, Exchange

# The member that envelopes have their thing in.
ENVELOPE = "data"


@dataclass(frozen=True)
class View:
    """
    What one answer shows of one thing.

    `form` is the name of the thing's schema in the contract, empty where the schema has none.
    `is_sent` states that the request shows the thing, as it should then be.
    """

    exchange: Exchange
    thing: str
    shown: Mapping[str, Any]
    form: str
    is_row: bool = False
    is_sent: bool = False

    @property
    def operation(self) -> str:
        """The operation that shows the thing."""
        return self.exchange.operation

    @property
    def reads(self) -> bool:
        """Whether a read shows the thing, not the answer to a write."""
        return self.exchange.method in SAFE


def views_in(exchange: Exchange, contract: Contract) -> Iterator[View]:
    """Yield the views in a successful answer; none if it shows no thing that has a path."""
    operation = contract.operations.get(exchange.operation)
    if operation is None or exchange.status not in (200, 201) or exchange.forgotten:
        return
    path, body = exchange.path, exchange.json
    form = form_of(operation, contract)
    pointer, parameter = _listed(operation, contract)
    if parameter:
        collection = path if _parameter(operation.path, contract) else path.rpartition("/")[0]
        rows = at(body, pointer)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and (name := identity(row, parameter)):
                yield View(exchange, f"{collection}/{row[name]}", row, form, is_row=True)
    elif isinstance(body, dict):
        shown = content(body)
        if thing := _thing(exchange, operation, contract, shown, path):
            yield View(exchange, thing, shown, form)


# What `listed` returns for an answer that is not a list.
NOT_A_LIST: tuple[Operation | None, str, list[Any]] = (None, "", [])


def listed(exchange: Exchange, contract: Contract) -> tuple[Operation | None, str, list[Any]]:
    """The operation of a list, the pointer to its rows, and the rows that an answer shows."""
    operation = contract.operations.get(exchange.operation)
    if operation is None or not operation.safe or exchange.status != 200:
        return NOT_A_LIST
    pointer = rows_of(operation, contract)
    rows = at(exchange.json, pointer) if pointer is not None else None
    return (operation, pointer or "", rows) if isinstance(rows, list) else NOT_A_LIST


def content(body: dict[str, Any]) -> dict[str, Any]:
    """What an answer is about: the object in its envelope, or the whole answer."""
    inner = body.get(ENVELOPE)
    return inner if isinstance(inner, dict) else body


def may_agree(contract: Contract) -> bool:
    """Whether the contract lets two operations show one thing, such as its row and its detail."""
    reads = [one for one in contract.operations.values() if one.method == "GET"]
    for one in reads:
        others = f"GET {one.path.rpartition('/{')[0]}", f"PUT {one.path}", f"PATCH {one.path}"
        if any(name in contract.operations for name in others) and form_of(one, contract):
            return True
    return False


def _listed(operation: Operation, contract: Contract) -> tuple[str, str]:
    """
    Where a list of things has its rows, and the parameter that names one of them.

    Both are empty if it is not such a list: a thing may have an array in it, too.
    """
    pointer = rows_of(operation, contract) if operation.safe else None
    if pointer is None or operation.path.endswith("}"):
        return "", ""
    above, _, word = operation.path.rpartition("/")
    parameter = _parameter(operation.path, contract)
    if not parameter and word in ASKED:  # such as `/books/search`
        parameter = _parameter(above, contract)
    return (pointer, parameter) if parameter else ("", "")


def _thing(
    exchange: Exchange, operation: Operation, contract: Contract,
    shown: Mapping[str, Any], path: str,
) -> str:  # fmt: skip
    """The path of the thing that an answer shows as a whole; empty if it shows none."""
    template = operation.path
    if operation.method == "POST" and (made_in := _collection(operation, contract)):
        name = identity(shown, _parameter(made_in, contract))
        collection = path if made_in == template else path.rpartition("/")[0]
        return f"{collection}/{shown[name]}" if name else ""
    if not (template.endswith("}") or f"GET {template}" in contract.operations):
        # An action, such as `POST /books/7/lend`, which answers with the thing as it now is.
        template, path = template.rpartition("/")[0], path.rpartition("/")[0]
        reads = f"GET {template}", f"GET {template.rpartition('/{')[0]}"
        known = [contract.operations[name] for name in reads if name in contract.operations]
        if form_of(operation, contract) not in {form_of(one, contract) for one in known} - {""}:
            return ""
    if template.endswith("}"):
        # A path may take several forms of an id: what counts is how answers name the thing.
        name = identity(shown, template.rpartition("/{")[2][:-1])
        asked, _, last = path.rpartition("/")
        return f"{asked}/{shown[name] if name else unquote(last)}"
    return path if "{" in template else f"{path} of {exchange.actor}"


def _collection(operation: Operation, contract: Contract) -> str:
    """The collection that a POST makes a thing in: `/books`, also of `POST /books/import`."""
    above = operation.path.rpartition("/")[0]
    if _parameter(operation.path, contract):
        return operation.path
    listing = contract.operations.get(f"GET {above}")
    if listing is None or not _parameter(above, contract):
        return ""
    form = form_of(operation, contract)
    return above if form and form == form_of(listing, contract) else ""


def identity(row: Mapping[str, Any], parameter: str) -> str:
    """The member of a row that identifies it: for `run_id`, `id` or the only `…_run_id`, too."""
    longer = [name for name in row if name.endswith(f"_{parameter}")]
    only = longer if len(longer) == 1 else []
    for name in (parameter, "id", *only, parameter.rpartition("_")[2]):
        value = row.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return name
    return ""


def form_of(operation: Operation, contract: Contract) -> str:
    """The name of the schema of what an operation shows: of a row where it lists, else of all."""
    for status in operation.success:
        response = operation.response(status)
        for media in response.content.values() if response else ():
            if "json" in media.type:
                return _name(_inner(media.schema, operation, contract))
    return ""


def _inner(schema: Any, operation: Operation, contract: Contract) -> Any:
    """The schema of a row of a list, or the schema itself."""
    pointer, parameter = _listed(operation, contract)
    if not parameter:
        return schema
    listed = follow(contract.document, schema)
    listed = at(listed, f"/properties{pointer}") if pointer else listed
    return at(follow(contract.document, listed), "/items")


def _name(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, dict) else ""


def _parameter(template: str, contract: Contract) -> str:
    """The parameter that names one thing of a collection; empty if it has no such operation."""
    known: dict[str, str] = _parameters(tuple(contract.operations))
    return known.get(template, "")


@cache
def _parameters(operations: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in operations:
        path = OperationId(name).path
        for one in re.finditer(r"/\{(\w+)\}", path):
            found.setdefault(path[: one.start()], one[1])
    return found
