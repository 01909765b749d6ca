"""Asks a service a few harmless reads: is the base URL right, and does it ask for a sign-in?"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from smoke.contract import Operation
from smoke.errors import DataError
from smoke.http.download import Page, fetch
from smoke.plan.build import kinds

if TYPE_CHECKING:
    from smoke.cli.init.discovery import Found

# Paths below which services often have their API, while their contract does not say so.
VERSION = "/v1"
PREFIXES = ("/api", f"/api{VERSION}", VERSION)

# The most reads: enough for a first impression, and harmless for any service.
MOST_READS = 40
# How many reads decide whether a base URL serves the API.
SAMPLE = 3
PATIENCE_S = 5.0
# The statuses of a refusal to an unknown caller.
UNKNOWN = (401, 403)


@dataclass
class Probed:
    """The base URL that answers, and what the reads below it answered."""

    base_url: str
    corrected: bool = False
    read: int = 0
    good: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    challenge: str = ""
    others: Counter[int] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """The findings, to print."""
        if self.corrected:
            yield f"base url {self.base_url}: there the API answers"
        if not self.read:
            return
        asked = f"; {len(self.refused)} asked for a sign-in" if self.refused else ""
        other = "".join(f"; {count} answered {status}" for status, count in self.others.items())
        yield f"reads    {len(self.good)} of {self.read} answered as documented{asked}{other}"


def probe(found: "Found", headers: Mapping[str, str]) -> Probed:
    """
    Send the contract's reads that need no values, at most 40, and sum up the answers.

    Raises:
        DataError: the service cannot be reached.
    """
    reads = [one for one in found.contract.operations.values() if _harmless(one)][:MOST_READS]
    base = next((url for url in _bases(found) if _answers(url, reads, headers)), found.base_url)
    result = Probed(base, corrected=base != found.base_url)
    for operation in reads:
        _note(result, operation, _page(base, operation, headers))
    return result


def _harmless(operation: Operation) -> bool:
    """A GET without values to choose, whose answer ends, and that does what its method says."""
    streams = any("text/event-stream" in r.content for r in operation.responses.values())
    needs = any(parameter.required for parameter in operation.parameters)
    ends = kinds.ends_session(operation)
    return operation.method == "GET" and kinds.reads(operation) and not (streams or needs or ends)


def _bases(found: "Found") -> Iterator[str]:
    """The base URL that the contract gives, then others on the same host."""
    parts = urlsplit(found.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    yield found.base_url
    if not parts.path.strip("/"):
        yield from dict.fromkeys(
            [urljoin(found.url, ".").rstrip("/")] * found.url.startswith(f"{origin}/")
            + [origin + prefix for prefix in PREFIXES]
        )


def _answers(base: str, reads: list[Operation], headers: Mapping[str, str]) -> bool:
    """Whether one of the first reads answers as an API does: not 404, and no page of HTML."""
    return any(
        page.status != 404 and page.status < 500 and not _is_page(operation, page)
        for operation in reads[:SAMPLE]
        for page in [_page(base, operation, headers)]
    )


def _is_page(operation: Operation, page: Page) -> bool:
    html = "text/html" in page.headers.get("content-type", "")
    response = operation.response(page.status)
    return html and not (response and "text/html" in response.content)


def _page(base: str, operation: Operation, headers: Mapping[str, str]) -> Page:
    try:
        return fetch(base + operation.path, headers, PATIENCE_S)
    except DataError:
        # One broken answer does not matter here; a run reports it with its cause.
        return Page(0)


def _note(result: Probed, operation: Operation, page: Page) -> None:
    result.read += 1
    if page.redirected:
        # A run does not follow it: the status that the contract documents was another one.
        result.others[302] += 1
    elif page.status in operation.success and not _is_page(operation, page):
        result.good.append(operation.id)
    elif page.status in UNKNOWN:
        result.refused.append(operation.id)
        result.challenge = result.challenge or page.headers.get("www-authenticate", "")
    else:
        result.others[page.status] += 1
