"""Rules about JSON: its encoding, its moments, its rows and the URLs that it hands out."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from smoke.config.targets import is_loopback
from smoke.contract import Contract, Finding
from smoke.documents import object_of
from smoke.results.exchange import Exchange
from smoke.results.views import listed

# How far the times of a service may differ from the `Date` of its answer.
SKEW = timedelta(minutes=5)

# Seconds by which a token's own end and the end that the answer states may differ.
AGREE_S = 60

MADE = ("created_at", "createdAt", "created", "issued_at", "joined_at", "accepted_at")
ENDS = ("expires_at", "expiresAt", "expiry", "expires")
# A new resource does not expire later than this: a larger value is a mistaken unit.
LONGEST = timedelta(days=3660)

# Fields with the beginning and the end of something.
SPANS = (
    ("started_at", "ended_at"), ("started_at", "finished_at"), ("started_at", "completed_at"),
    ("period_start", "period_end"),
)  # fmt: skip
# How far an end may lie before its beginning: two clocks, or rounded digits.
ROUNDED = timedelta(seconds=2)

# Members with a URL that the service made for the caller; other URLs may be user input.
HANDED_OUT = re.compile(
    r"(upload|download|thumbnail|signed|portal|checkout|hosted|authoriz)\w*(url|uri|link)$|^url$",
    re.IGNORECASE,
)

# How long a URL may be used, in seconds. Stores of objects allow a week (AWS Signature V4); a year
# and more is a mistaken unit, and a URL that has expired already is of no use.
LASTS = re.compile(r"^expires_?in(_?s(econds)?)?$", re.IGNORECASE)
URL_LASTS_S = 366 * 24 * 3600

# Claims of a token, and members of a row, that name a tenant.
TENANTS = ("tenant_id", "tenantId", "organization_id", "org_id", "workspace_id")


def json_is_sound(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """Apply the rules about a JSON body, which is read once for all of them."""
    if "json" not in exchange.content_type or not exchange.body:
        return
    yield from _encoding(exchange)
    body = exchange.json
    if (exchange.status or 0) >= 400 and isinstance(body, dict) and body.get("success") is True:
        yield Finding("behaviour", "/success", f"An answer with {exchange.status} says success.")
    if body is None or not exchange.succeeded:
        return
    now = _date(exchange)
    yield from _moments(exchange, body, now)
    yield from _spans(body)
    yield from _token(body)
    yield from _rows(exchange, contract, body)
    yield from _urls(exchange, body)


def _encoding(exchange: Exchange) -> Iterator[Finding]:
    """JSON is UTF-8 under every media type (RFC 8259 §8.1)."""
    try:
        exchange.body.decode("utf-8")
    except UnicodeDecodeError:
        if not exchange.cut and exchange.ended:  # a body that was cut may end inside a character
            yield Finding("behaviour", "", "The JSON is not UTF-8.")


def _moments(exchange: Exchange, body: Any, now: datetime | None) -> Iterator[Finding]:
    """No creation time is in the future; a new resource expires later, but within ten years."""
    if now is None:
        return
    made_now = exchange.method == "POST" and exchange.status == 201
    for place, row in _objects(body):
        for name in MADE:
            moment = moment_of(row.get(name))
            if moment and moment > now + SKEW:
                yield Finding("behaviour", f"{place}/{name}", f"{row[name]} is in the future.")
            # A thing that carries the run's id was made by this run, so it is not older than that.
            if (
                made_now
                and not place
                and moment
                and moment < now - SKEW
                and _is_ours(exchange, row)
            ):
                yield Finding("behaviour", f"/{name}", f"{row[name]} is long before the request.")
        for name in ENDS if made_now and not place else ():
            moment = moment_of(row.get(name))
            if moment and not now - SKEW < moment < now + LONGEST:
                message = f"What was made at {now.isoformat()} ends at {row[name]}."
                yield Finding("behaviour", f"/{name}", message)


def _spans(body: Any) -> Iterator[Finding]:
    """Nothing ends before it began."""
    for place, row in _objects(body):
        for first, last in SPANS:
            began, ended = moment_of(row.get(first)), moment_of(row.get(last))
            if began and ended and ended < began - ROUNDED:
                message = f"{last} {row[last]} is before {first} {row[first]}."
                yield Finding("behaviour", f"{place}/{last}", message)


def _is_ours(exchange: Exchange, row: Mapping[str, Any]) -> bool:
    """Whether a thing carries the id of this run, and the request gave it that."""
    run_id = exchange.request_headers.get("x-smoke-run", "")
    sent = bool(run_id) and run_id.encode() in exchange.request_body
    return sent and any(run_id in value for value in row.values() if isinstance(value, str))


def _token(body: Any) -> Iterator[Finding]:
    """The answer and the access token state the same end (RFC 6749 §5.1, RFC 7519 §4.1.4)."""
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        return
    ends = claims_of(body["access_token"]).get("exp")
    stated = moment_of(body.get("expires_at"))
    if isinstance(ends, (int, float)) and stated and abs(stated.timestamp() - ends) > AGREE_S:
        message = f"The token ends {stated.timestamp() - ends:+.0f} s from what the answer says."
        yield Finding("behaviour", "/expires_at", message)


def _rows(exchange: Exchange, contract: Contract, body: Any) -> Iterator[Finding]:
    """Rows of a list belong to the caller's tenant, and `total` is at least their number."""
    operation, pointer, rows = listed(exchange, contract)
    if operation is None:
        return
    total = body.get("total") if isinstance(body, dict) else None
    if isinstance(total, int) and total < len(rows):
        yield Finding("behaviour", "/total", f"The total is {total}, and {len(rows)} rows follow.")
    for name, count in of_other_tenants(rows, exchange, contract):
        yield Finding("behaviour", f"{pointer}/*/{name}", f"{count} rows of others.")


def of_other_tenants(
    rows: Iterable[Any], exchange: Exchange, contract: Contract
) -> Iterator[tuple[str, int]]:
    """Yield the member that names a tenant, and how many rows name another than the caller's."""
    claims = claims_of(exchange.request_headers.get("authorization", "").rpartition(" ")[2])
    operation = contract.operations.get(exchange.operation)
    asked = operation.parameters if operation else ()
    for name in TENANTS:
        spans = any(one.name == name and one.location == "query" for one in asked)
        own = None if spans else claims.get(name)  # a list with such a filter spans tenants
        foreign = [
            row for row in rows if isinstance(row, dict) and row.get(name) not in (own, None)
        ]
        if own and foreign:
            yield name, len(foreign)


def _urls(exchange: Exchange, body: Any) -> Iterator[Finding]:
    """The caller can use every URL that an answer hands out."""
    asked = urlsplit(exchange.url)
    for place, row in _objects(body):
        if any(map(HANDED_OUT.search, row)):
            yield from _lifetimes(place, row)
        for name in filter(HANDED_OUT.search, row):
            try:
                found = urlsplit(str(row[name]))
            except ValueError:
                continue
            if found.scheme not in ("http", "https"):
                continue  # a deployment may store in memory, where addresses are only symbols
            same = found.hostname == asked.hostname
            if same and (asked.scheme, found.scheme) == ("https", "http"):
                yield Finding("behaviour", f"{place}/{name}", "The URL is not encrypted.")
            elif not same and _is_unusable(found.hostname or "", exchange.url):
                message = f"The host {found.hostname!r} is known inside the deployment only."
                yield Finding("behaviour", f"{place}/{name}", message)


def _lifetimes(place: str, row: Mapping[str, Any]) -> Iterator[Finding]:
    """A temporary URL is usable at once, and expires."""
    for name in filter(LASTS.match, row):
        seconds = row[name]
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if is_number and not 0 < seconds <= URL_LASTS_S:
            yield Finding("behaviour", f"{place}/{name}", f"A URL that lasts {seconds} s.")


def _is_unusable(host: str, asked: str) -> bool:
    """Whether a host is only known inside a deployment; beside a loopback target others may be."""
    if host == "0.0.0.0":  # noqa: S104  (looked for, not listened on)
        return True
    try:
        is_private = ip_address(host).is_private
    except ValueError:
        is_private = "." not in host or host.endswith((".internal", ".local"))
    return is_private and not is_loopback(asked)


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JSON Web Token, unverified; none where it is not one."""
    try:
        body = token.split(".")[1]
        return object_of(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}


def _objects(value: Any, place: str = "", depth: int = 4) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects in a value with their pointers, where `*` stands for the items of a list."""
    if isinstance(value, dict):
        yield place, value
        for name, inner in value.items() if depth else ():
            yield from _objects(inner, f"{place}/{name}", depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value[:200]:
            yield from _objects(inner, f"{place}/*", depth - 1)


def moment_of(value: Any) -> datetime | None:
    """A date-time of an answer; without an offset it is in UTC."""
    if not isinstance(value, str) or len(value) < 16:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _date(exchange: Exchange) -> datetime | None:
    """The answer's `Date`; None if the answer comes from a cache, as its `Date` is old."""
    if exchange.headers.get("age", "0").strip() not in ("", "0"):
        return None
    try:
        found = parsedate_to_datetime(exchange.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
