"""
Echoes: a value that the run has sent, and what an answer shows under the same name.

A service may write a value in its own way, limit a number, mask an address, or mean something else
by a field's name. So only flags count, and names of things that carry the id of the run.
"""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smoke.results.exchange import Exchange

# Fields that mean the same in a request and in its answer, whatever the API is about.
NAMES = re.compile(
    r"^(\w+_)?(name|title|label|slug|description|subject|filename|note)$", re.IGNORECASE
)

MASK = re.compile(r"\*|•|x{4,}", re.IGNORECASE)


def unlike(
    exchange: "Exchange", sent: "Mapping[str, Any]", shown: "Mapping[str, Any]"
) -> "Iterator[str]":
    """Yield the names of the fields that an answer does not show as the exchange sent them."""
    run_id = exchange.request_headers.get("x-smoke-run", "")
    for name in sent:
        if name in shown and _differs(name, sent[name], shown[name], run_id):
            yield name


def _differs(name: str, sent: Any, shown: Any, run_id: str) -> bool:
    if isinstance(sent, bool):
        return isinstance(shown, bool) and shown is not sent
    if not (isinstance(sent, str) and isinstance(shown, str) and run_id and NAMES.match(name)):
        return False
    if run_id not in sent or MASK.search(shown):
        return False
    here, there = plain(sent), plain(shown)
    is_cut = here.startswith(there) and len(there) < len(here)
    return is_cut or plain(run_id) not in there


def plain(text: str) -> str:
    """A text without case and without anything but letters and digits, in any script."""
    return "".join(filter(str.isalnum, text.casefold()))
