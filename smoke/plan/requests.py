"""The plan's requests with the values of a run: ready to send, or blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.contract.bounds import Bounds
from smoke.contract.operation_id import OperationId
from smoke.plan.picking import pick
from smoke.plan.wire import text_of

if TYPE_CHECKING:
    from smoke.plan.model import Entry
    from smoke.plan.wire import Body


@dataclass(frozen=True, slots=True)
class Blocked:
    """An entry that cannot be sent; `by` names the missing entry or known value."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FilledRequest:
    """
    A request with all its values, ready to send; at most one of `body`'s parts is set.

    `secrets` are its values that must be masked. `owned` means that this run created the resource
    that its path names.
    """

    entry: str
    operation: str
    actor: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: "Body"
    stream: Bounds | None = None
    secrets: tuple[str, ...] = ()
    owned: bool = False

    @property
    def target(self) -> str:
        """The path template with its values, for comparing; not percent-encoded."""
        return OperationId(self.operation).shown(self.path)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Bytes to send to a URL of an answer; such URLs are signed, so no credentials are sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes


def follow_up(entry: "Entry", json: Any) -> FollowUp | None:
    """The follow-up request of an entry; None if it has none, or if the answer has no HTTP URL."""
    then = entry.then
    if then is None:
        return None
    url = pick(json, then.url, {})
    method = pick(json, then.method, {}) if then.method else "PUT"
    headers = pick(json, then.headers, {}) if then.headers else {}
    # Safety: an answer must not make the run open a file or another protocol.
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    named = {str(k): text_of(v) for k, v in headers.items()} if isinstance(headers, dict) else {}
    text = method if isinstance(method, str) else "PUT"
    return FollowUp(text, url, named, then.text.encode())
