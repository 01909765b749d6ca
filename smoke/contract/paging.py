"""
Paged lists: page size, position and rows, as the contract documents them.

The names of the query parameters identify three dialects: a cursor that each page returns, an
offset that counts rows, and a page number. Names are compared without case, `_` and `-`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.contract.contract import Contract
from smoke.contract.operations import Operation, Parameter
from smoke.contract.pointers import at, join
from smoke.contract.reading import Node

# The largest page size that is requested, even if the contract allows more.
LARGEST = 200

SIZES = frozenset(
    {"limit", "pagesize", "perpage", "size", "first", "maxresults", "maxitems", "take", "top"}
)
# Usual names of the rows if an answer has several arrays, the most common first.
ROWS = ("items", "data", "results", "records", "entries", "rows", "values")

TOTALS = ("total", "total_count", "totalCount", "total_items", "totalItems")
# The deepest level of an answer that may hold the next position: `/meta/page/next_cursor`.
DEEPEST = 3


class Dialect(StrEnum):
    """The way to request the next page of a list."""

    CURSOR = "cursor"
    OFFSET = "offset"
    PAGE = "page"


POSITIONS = {
    Dialect.CURSOR: frozenset(
        {"cursor", "pagetoken", "nexttoken", "after", "startingafter", "continuationtoken",
         "continuation", "marker"}
    ),
    Dialect.OFFSET: frozenset({"offset", "skip", "startindex"}),
    Dialect.PAGE: frozenset({"page", "pagenumber", "pageindex", "pageno"}),
}  # fmt: skip

# Names of a field with the full URL of the next page.
LINKS = ("next", "nexturl", "nextlink")

# Names of the field with the next position; it is null, empty or absent on the last page.
FOLLOWING = {
    Dialect.CURSOR: frozenset(
        {"nextcursor", "nextpagetoken", "nexttoken", "endcursor", "continuationtoken",
         "nextmarker", *LINKS}
    ),
    Dialect.OFFSET: frozenset({"nextoffset", *LINKS}),
    Dialect.PAGE: frozenset({"nextpage", *LINKS}),
}  # fmt: skip


@dataclass(frozen=True)
class Paging:
    """
    The paging of one list; pointers are JSON pointers (RFC 6901) into a page.

    `rows` points to the array of rows, `following` to the next position, `total` to the number of
    rows of the whole list; the last two are empty if the contract does not document them.
    """

    dialect: Dialect
    size: str
    smallest: int
    largest: int
    position: str
    start: int
    rows: str
    following: str = ""
    total: str = ""

    def second(self, size: int) -> dict[str, Any] | None:
        """Return the query of the second page of this size; None if only the first one names it."""
        if self.dialect is Dialect.CURSOR:
            return None
        return {self.position: size if self.dialect is Dialect.OFFSET else self.start + 1}

    def next_query(self, page: Any, rows: int, pages: int) -> dict[str, Any] | None:
        """
        Return the query of the page after `page`, or None after the last page.

        `rows` and `pages` count everything read so far, including this page.
        """
        # A documented position is more reliable than any count.
        if self.following:
            return self._named(at(page, self.following), page)
        here = at(page, self.rows)
        total = at(page, self.total) if self.total else None
        more = rows < total if isinstance(total, int) else bool(here)
        if self.dialect is Dialect.CURSOR or not here or not more:
            return None
        following = rows if self.dialect is Dialect.OFFSET else self.start + pages
        return {self.position: following}

    def _named(self, value: Any, page: Any) -> dict[str, Any] | None:
        if value is None or value == "" or value is False:
            return None
        # `has_more: false` ends the list even if the page still names a next position.
        if at(page, self.following.rpartition("/")[0] + "/has_more") is False:
            return None
        text = str(value)
        # Some services answer with the full URL of the next page.
        if "?" in text:
            found = parse_qs(urlsplit(text).query).get(self.position)
            return {self.position: found[0]} if found else None
        return {self.position: value}


def paging_of(operation: Operation, contract: Contract) -> Paging | None:
    """Return the paging of a list, or None if the operation is not a paged list."""
    query = [one for one in operation.parameters if one.location == "query"]
    # Without a page size the run could only read the whole list, so the list counts as not paged.
    size = next((one for one in query if _plain(one.name) in SIZES), None)
    found = _position(query)
    rows = rows_of(operation, contract)
    if not operation.safe or size is None or found is None or rows is None:
        return None
    dialect, position = found
    page = _answer(operation, contract)
    places = dict(_members(page)) if page else {}
    following = (p for p in places if _plain(p.rpartition("/")[2]) in FOLLOWING[dialect])
    totals = (f"/{name}" for name in TOTALS if f"/{name}" in places)
    return Paging(
        dialect,
        size.name,
        _bound(size, "minimum", 1),
        min(_bound(size, "maximum", LARGEST), LARGEST),
        position.name,
        _start(position),
        rows,
        next(following, ""),
        next(totals, ""),
    )


def rows_of(operation: Operation, contract: Contract) -> str | None:
    """Return the pointer to the rows of a list's answer; None if no single array qualifies."""
    page = _answer(operation, contract)
    if page is None:
        return None
    if _is_array(page):
        return ""
    arrays = [
        name
        for name, member in page.child("properties").children()
        if any(_is_array(one) for one in _choices(member))
    ]
    named = [name for name in ROWS if name in arrays]
    chosen = named or arrays
    return join(chosen[0]) if named or len(arrays) == 1 else None


def _answer(operation: Operation, contract: Contract) -> Node | None:
    """The schema of an operation's successful JSON answer."""
    for status in operation.success:
        response = operation.response(status)
        for media in response.content.values() if response else ():
            if "json" in media.type and isinstance(media.schema, dict):
                return Node(media.schema, media.pointer, contract.document).follow()
    return None


def _position(query: list[Parameter]) -> tuple[Dialect, Parameter] | None:
    for dialect, names in POSITIONS.items():
        for one in query:
            if _plain(one.name) in names:
                return dialect, one
    return None


def _bound(size: Parameter, keyword: str, usual: int) -> int:
    """The smallest or largest page size; a documented bound below one counts as one."""
    schema = size.schema if isinstance(size.schema, dict) else {}
    bound = schema.get(keyword, usual)
    return max(int(bound), 1) if isinstance(bound, (int, float)) else usual


def _start(position: Parameter) -> int:
    """The number of the first page: the default, else the documented minimum, else 1."""
    schema = position.schema if isinstance(position.schema, dict) else {}
    first = schema.get("default", schema.get("minimum", 1))
    return first if isinstance(first, int) else 1


def _members(page: Node, depth: int = DEEPEST) -> Iterator[tuple[str, Node]]:
    """The pointers of an answer's members, outer members before inner ones."""
    inner = list(page.child("properties").children())
    yield from ((join(name), member) for name, member in inner)
    for name, member in inner if depth > 1 else ():
        for pointer, deeper in _members(member, depth - 1):
            yield join(name) + pointer, deeper


def _choices(node: Node) -> Iterator[Node]:
    """A schema and its alternatives, such as an array or null."""
    yield node
    for key in ("anyOf", "oneOf"):
        listed = node.value.get(key) if isinstance(node.value, dict) else None
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            yield Node(one, f"{node.pointer}/{key}/{number}", node.document).follow()


def _is_array(node: Node) -> bool:
    kind = node.value.get("type") if isinstance(node.value, dict) else None
    return kind == "array" or (isinstance(kind, list) and "array" in kind)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


# The last segment of a POST that lists a collection, with its question in the body.
ASKED = ("filter", "search", "query", "list", "paginate")


def listing_of(path: str, operations: Mapping[str, Operation]) -> str | None:
    """
    The id of the operation that lists what a POST to this path creates.

    It is the GET of the same path, with or without a slash at its end, or a POST below it that
    searches: `POST /flows/filter`. None if the contract has no such operation.
    """
    bare = path.rstrip("/")
    names = [f"GET {path}", f"GET {bare}", f"GET {bare}/", *(f"POST {bare}/{w}" for w in ASKED)]
    return next((name for name in names if name in operations), None)
