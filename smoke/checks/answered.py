"""Earlier answers of the run: sending the same request again would prove nothing more."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from smoke import Answer, Caller, Exchange, Lists, earlier_answers


async def answered(caller: Caller, operation: str) -> Exchange:
    """
    Return the newest success of this caller's plain read, or read now.

    An answer counts until the run writes to its path.
    """
    newest_first, path = reversed(caller.client.run.until_now()), operation.partition(" ")[2]
    for one in earlier_answers(newest_first, operation, caller.name, unchanged=path):
        if not urlsplit(one.url).query:
            return one
    return await caller.call(operation)


async def shown(
    lists: Lists, caller: Caller, operation: str, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return the one row with these values of an earlier answer to any caller, or of the list now.

    Only for values that the row did not have before the run gave them.
    """
    words = [str(value) for value in wanted.values()]
    for one in earlier_answers(reversed(caller.client.run.until_now()), operation):
        if all(word in one.text for word in words):
            pages = [Answer(one, caller.client.run)]
            if any(wanted.items() <= row.items() for row in lists.rows_of(pages)):
                return lists.row_of(pages, wanted)
    return await lists.row(caller, operation, wanted)
