"""
Attribution: this module alone decides who must act on a failure.

| cause | meaning |
|---|---|
| service | a wrong answer: status, value, lost write, leak, a body that stalls or breaks off |
| contract | an answer that does the right thing in a shape that is not documented, or drift |
| environment | no answer of the API: unreachable, DNS, TLS, silence, a proxy's page, 404 to all |
| harness | our own fault or misuse: an error in a check, a request that must not be sent |
"""

import re
import sysconfig
from pathlib import Path
from types import TracebackType

from smoke.contract import Contract
from smoke.errors import Cause, UnverifiedError
from smoke.results.exchange import Exchange

# Answers a proxy gives for a service it cannot reach (RFC 9110 §15.6.3-15.6.5).
GATEWAY = frozenset({502, 503, 504})

# Statuses that only edges send: Cloudflare's 520-527 and 530, an AWS load balancer's 561.
EDGE = frozenset({*range(520, 528), 530, 561})

# Media types of a proxy's own pages; the empty one is a body without a type.
TEXTUAL = ("text/html", "text/plain", "application/xhtml+xml", "")

PAGE = re.compile(rb"\A\s*(<!doctype html|<html|<head)", re.IGNORECASE)

PYTHON = Path(sysconfig.get_path("stdlib"))
# Directories of third-party code.
LIBRARIES = frozenset({"site-packages", "dist-packages"})

# Where our own code is: an assertion that fails there is our fault.
ENGINE = Path(__file__).parents[1]


def page_of(contract: Contract, exchange: Exchange) -> str:
    """Return why an answer is a proxy's and not the API's; empty where it is the API's own."""
    status, operation = exchange.status, exchange.operation
    if status is None:
        return ""
    if status in EDGE:
        return f"an edge's status {status} instead of the API"
    media, promises_json = exchange.content_type, documents_json(contract, operation)
    html = "html" in media or (media in TEXTUAL and bool(PAGE.match(exchange.body[:200])))
    if status in GATEWAY and (html or (promises_json and media in TEXTUAL)):
        return f"a proxy's {status} page instead of the API"
    # Many frameworks answer an unhandled error with an HTML page of their own: that is the service.
    if html and promises_json and status != 500:
        return f"an HTML page ({status}) where the API documents JSON"
    if html and 200 <= status < 300 and documents_no_page(contract, operation):
        return f"an HTML page ({status}) where the API documents no page"
    return ""


def documents_json(contract: Contract, operation: str) -> bool:
    """Return whether the contract documents only JSON for an operation."""
    types = _types(contract, operation)
    return bool(types) and all("json" in media for media in types)


def documents_no_page(contract: Contract, operation: str) -> bool:
    """Return whether no documented answer of the operation may be an HTML page."""
    if operation not in contract.operations:
        return False
    types = _types(contract, operation)
    return not any("html" in media or media.startswith(("*/*", "text/")) for media in types)


def _types(contract: Contract, operation: str) -> list[str]:
    """Every media type that the contract documents for the answers of an operation."""
    found = contract.operations.get(operation)
    responses = found.responses.values() if found is not None else ()
    return [media.lower() for row in responses for media in row.content]


def must_be_the_api(contract: Contract, exchange: Exchange) -> None:
    """
    Stop the run where a proxy answers in place of the API.

    Raises:
        UnverifiedError: the answer does not come from the service.
    """
    page = page_of(contract, exchange)
    if page:
        raise UnverifiedError(
            f"{exchange.method} {exchange.url} was answered by {page}. "
            "Is the service up behind its proxy, and is the URL right?"
        )


def cause_of(exchange: Exchange, proxy: str) -> Cause:
    """Return the cause of a wrong answer: the environment for silence or a proxy's page."""
    # A body that stalls or breaks off is the service's: it had begun to answer.
    silent = exchange.status is None and exchange.environment
    return Cause.ENVIRONMENT if silent or proxy else Cause.SERVICE


def first_of(error: BaseException | None) -> BaseException | None:
    """Return the first of a group of errors, such as those of several fixture teardowns."""
    # The first of them is the most likely to have caused the others.
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


# Errors that no answer of a service causes.
OWN_MISTAKES = (NameError, ImportError, NotImplementedError, RecursionError)


def cause_of_error(error: BaseException, *, answered: bool = False) -> Cause:
    """
    Return who must act on an error that a check ended with.

    The cause that an error names is used as it is. A bare assertion in a check points to the
    service. So does any other error of a check that reads an `answered` request, also in a library
    that it calls: a feed that is not XML, a signature that does not verify. An error that our
    engine raises is our own fault.
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


def _is_of_a_check(traceback: TracebackType | None) -> bool:
    """
    Whether the innermost line of project code is in a check and not in the engine.

    Deeper lines, in libraries and in Python itself, only do what this line asked for.
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
