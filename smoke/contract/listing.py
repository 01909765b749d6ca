"""The operation that lists a collection."""

from collections.abc import Mapping

from smoke.contract.operations import Operation

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
