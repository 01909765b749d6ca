"""
Attribution: whose a failure is, decided in one place from what came back and what broke.

| cause | what it is |
|---|---|
| service | a wrong answer: status, value, lost write, leak, a body that stalls or breaks off |
| contract | an answer that does the right thing in a shape that is not documented, or drift |
| environment | no answer of the API: unreachable, DNS, TLS, silence, a proxy's page, 404 to all |
| harness | our own fault or misuse: an error in a check, a request that must not be sent |
"""

import re
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.errors import Cause, UnverifiedError

if TYPE_CHECKING:
    from types import TracebackType

    from smoke.contract import Contract
    from smoke.results.run import Exchange

# Answers a proxy gives for a service it cannot reach (RFC 9110 §15.6.3-15.6.5).
GATEWAY = frozenset({502, 503, 504})

# Statuses that only edges send: Cloudflare's 520-527 and 530, an AWS load balancer's 561.
EDGE = frozenset({*range(520, 528), 530, 561})

# Media types of a proxy's own pages; the empty one is a body without a type.
TEXTUAL = ("text/html", "text/plain", "application/xhtml+xml", "")

PAGE = re.compile(rb"\A\s*(<!doctype html|<html|<head)", re.IGNORECASE)

PYTHON = Path(sysconfig.get_path("stdlib"))
# Where the code of others is.
LIBRARIES = frozenset({"site-packages", "dist-packages"})

# Where our own code is: an assertion that fails there is our fault.
ENGINE = Path(__file__).parents[1]


def proxy_page(
    exchange: "Exchange", *, documents_json: bool, documents_no_page: bool = False
) -> str:
    """
    Return why an answer is a proxy's and not the API's; empty where it is the API's own.

    `documents_json` says that the contract promises JSON here, so HTML is out of place;
    `documents_no_page` that it promises no body at all, or none that a page could be.
    """
    status = exchange.status
    if status is None:
        return ""
    if status in EDGE:
        return f"an edge's status {status} instead of the API"
    media = exchange.content_type
    html = "html" in media or (media in TEXTUAL and bool(PAGE.match(exchange.body[:200])))
    if status in GATEWAY and (html or (documents_json and media in TEXTUAL)):
        return f"a proxy's {status} page instead of the API"
    if html and documents_json and status != 500:
        return f"an HTML page ({status}) where the API documents JSON"
    if html and documents_no_page and 200 <= status < 300:
        return f"an HTML page ({status}) where the API documents no page"
    return ""


def documents_json(contract: "Contract", operation: str) -> bool:
    """Tell whether all that the contract documents for an operation's success is JSON."""
    types = _types(contract, operation)
    return bool(types) and all("json" in media for media in types)


def documents_no_page(contract: "Contract", operation: str) -> bool:
    """Tell whether an HTML page is out of place: no answer of the operation may be one."""
    if operation not in contract.operations:
        return False
    types = _types(contract, operation)
    return not any("html" in media or media.startswith(("*/*", "text/")) for media in types)


def _types(contract: "Contract", operation: str) -> list[str]:
    """Every media type that the contract documents for the answers of an operation."""
    found = contract.operations.get(operation)
    responses = found.responses.values() if found is not None else ()
    return [media.lower() for row in responses for media in row.content]


def page_of(contract: "Contract", exchange: "Exchange") -> str:
    """Return why an answer is a proxy's, as far as the contract tells; empty where it is not."""
    return proxy_page(
        exchange,
        documents_json=documents_json(contract, exchange.operation),
        documents_no_page=documents_no_page(contract, exchange.operation),
    )


def must_be_the_api(contract: "Contract", exchange: "Exchange") -> None:
    """
    Stop the run where a proxy answers in place of the API.

    Raises:
        UnverifiedError: the answer says nothing about the service.
    """
    page = page_of(contract, exchange)
    if page:
        raise UnverifiedError(
            f"{exchange.method} {exchange.url} was answered by {page}. "
            "Is the service up behind its proxy, and is the URL right?"
        )


def cause_of(exchange: "Exchange", proxy: str) -> Cause:
    """Whose a wrong answer is: silence and a proxy's page are the environment's."""
    silent = exchange.status is None and exchange.environment
    return Cause.ENVIRONMENT if silent or proxy else Cause.SERVICE


def first_of(error: BaseException | None) -> BaseException | None:
    """The first of errors that were raised together, as by fixtures that fail to be taken down."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


# Errors that no answer of a service causes.
OWN_MISTAKES = (NameError, ImportError, NotImplementedError, RecursionError)


def blame(error: BaseException, *, answered: bool = False) -> Cause:
    """
    Return who must act on an error that a check ended with.

    An error that names its cause is believed. A bare assertion of a check speaks about the service.
    So does another error of a check that reads an `answered` request, also in a library that it
    calls: a feed that is not XML, a signature that does not verify. What our engine raises is ours.
    """
    cause = getattr(error, "cause", "")
    if cause:
        return Cause(cause)
    in_check = _is_of_a_check(error.__traceback__)
    if isinstance(error, AssertionError) and in_check:
        return Cause.SERVICE
    if type(error).__name__ == "Failed" and not str(error).startswith("Timeout"):
        return Cause.SERVICE  # pytest.fail() in a check; pytest-timeout raises the same
    reads = answered and isinstance(error, Exception) and not isinstance(error, OWN_MISTAKES)
    return Cause.SERVICE if reads and in_check else Cause.HARNESS


def _is_of_a_check(traceback: "TracebackType | None") -> bool:
    """
    Whether the last line of ours, or of the project's, is in a check and not in the engine.

    Lines of libraries and of Python itself lie behind it, and do what they were asked to.
    """
    last: Path | None = None
    while traceback is not None:
        place = Path(traceback.tb_frame.f_code.co_filename)
        library = LIBRARIES.intersection(place.parts) or place.is_relative_to(PYTHON)
        if not library:
            last = place
        traceback = traceback.tb_next
    if last is None:
        return True
    return not last.is_relative_to(ENGINE) or last.is_relative_to(ENGINE / "checks")
