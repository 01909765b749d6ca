"""Harmless changes: newer versions, other edges and variants, right in all that is promised."""

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.faults.catalogue.operations import (
    ACTIVITY_STREAM,
    API,
    CHAT_STREAM,
    EVERYTHING,
    HEALTH,
    JWKS,
    READY,
    RUN_STREAM,
    RUNS,
    TOKEN,
)
from tests.faults.deviations import each_body
from tests.faults.editing import all_of, replaced
from tests.faults.entries import Environment, Harmless, Proxied, Setting
from tests.faults.flow import each_event, slow
from tests.faults.interference import (
    body_changed,
    changed,
    every,
    first,
    header,
    on,
    replied,
    together,
)
from tests.faults.proxy import Answered, Asked, Forward, answer

UTC_TIME = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00:00)"')
STOCK = all_of(
    replaced(
        "pyproject.toml", 'gates = { "*" = "on" }',
        'gates = { "*" = "on", activity = "off", billing = "off", vector = "off", '
        'containers = "off" }',
    ),
    replaced("pyproject.toml", 'provider = "real"', 'provider = "stand-in"'),
)  # fmt: skip
CLOSED = {"success": False, "error": "Unauthorized", "message": "Sign in.", "details": None}
ANY_METRICS = Setting(variables={"SMOKE_OPTION_METRICS": "any"})
ANY_STATUS = Setting(variables={"SMOKE_OPTION_STATUS_PAGE": "any"})


def _escaped(body: bytes) -> bytes:
    """Every character beyond ASCII as an escape (RFC 8259 §7)."""
    return json.dumps(json.loads(body)).encode() if body else body


def _elsewhere(body: bytes) -> bytes:
    """The same moments in another zone (RFC 3339 §4.2)."""
    zone = timezone(timedelta(hours=5, minutes=45))

    def moved(found: re.Match[bytes]) -> bytes:
        moment = datetime.fromisoformat(found.group(1).decode() + "+00:00")
        return f'"{moment.astimezone(zone).isoformat()}"'.encode()

    return UTC_TIME.sub(moved, body)


def _with_z(body: bytes) -> bytes:
    return UTC_TIME.sub(rb'"\1Z"', body)


def _more_everywhere(value: Any, depth: int = 0) -> Any:
    """A field more in each answer and in each row, also where the contract excludes it."""
    if isinstance(value, list):
        return [_more_everywhere(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    rows = {key: _more_everywhere(row, 1) for key, row in value.items() if isinstance(row, list)}
    return {**value, **rows, "since_release": "3.1"}


async def _forbidden(asked: Asked, forward: Forward) -> Answered:
    """A framework's bearer check answers 403 where no token is sent."""
    found = await forward(asked)
    if found.status == 401 and not asked.header("authorization") and "/auth/" not in asked.path:
        found.status = 403
        found.drop("www-authenticate")
    return found


async def _detailed(asked: Asked, forward: Forward) -> Answered:
    """Errors say more than they did."""
    found = await forward(asked)
    body = await found.json() if found.status >= 400 else None
    if not isinstance(body, dict):
        return found
    return found.write_json({**body, "request_id": "r-1", "docs": "https://example.com/errors"})


def _named(event: bytes) -> bytes:
    """Events have a name, an id and a time to wait (WHATWG HTML §9.2)."""
    return b"event: message\nid: 7\nretry: 3000\n" + event if b"data:" in event else event


def _breathing(event: bytes) -> bytes:
    return b": heartbeat\n\n" + event + b": heartbeat\n\n"


def _degraded(page: Any) -> None:
    page["overview"]["state"] = "degraded"


def _weak(tag: str) -> str:
    return tag if tag.startswith("W/") else f"W/{tag}"


async def _weak_tags(asked: Asked, forward: Forward) -> Answered:
    """A proxy that changes bytes on the way marks an ETag as weak (RFC 9110 §8.8.1)."""
    known = asked.header("if-none-match")
    if known:  # it knows its own tags again, and asks with those of the service
        asked.drop("if-none-match")
        asked.headers.append(("if-none-match", known.removeprefix("W/")))
    found = await forward(asked)
    if tag := found.header("etag"):
        found.drop("etag")
        found.headers.append(("etag", _weak(tag)))
    return found


async def _none_running(asked: Asked, forward: Forward) -> Answered:
    """A list that is asked for what is running is a moment late, and a run ends in a moment."""
    if "run_status=running" in asked.query:
        return answer(200, {"items": [], "next_cursor": None})
    return await forward(asked)


ENTRIES = [
    Harmless(
        "variant_stock", Environment({"REFERENCE_VARIANT": "stock"}), setting=Setting(edit=STOCK)
    ),
    Harmless("variant_strict", Environment({"REFERENCE_VARIANT": "strict"})),
    Harmless("variant_lenient", Environment({"REFERENCE_VARIANT": "lenient"})),
    Harmless("variant_lagging", Environment({"REFERENCE_VARIANT": "lagging"})),
    Harmless("a_field_more_where_excluded", Proxied(changed(API, _more_everywhere))),
    Harmless("anonymous_callers_are_forbidden", Proxied(on(API, _forbidden))),
    Harmless("errors_say_more", Proxied(on(API, _detailed))),
    Harmless("text_is_escaped", Proxied(each_body(_escaped))),
    Harmless("times_are_in_another_zone", Proxied(each_body(_elsewhere))),
    Harmless("times_end_with_z", Proxied(each_body(_with_z))),
    Harmless("etags_are_weak", Proxied(on(JWKS, _weak_tags))),
    Harmless("every_connection_is_closed", Proxied(header(EVERYTHING, "connection", "close"))),
    Harmless("answers_are_not_kept", Proxied(header(API, "cache-control", "no-store"))),
    Harmless("answers_have_no_date", Proxied(header(EVERYTHING, "date"))),
    Harmless(
        "own_pages_are_named",
        Proxied(together(
            header(EVERYTHING, "access-control-allow-origin", "https://app.example.com"),
            header(EVERYTHING, "vary", "Origin"),
        )),
    ),
    Harmless(
        "limits_are_announced",
        Proxied(together(
            header(EVERYTHING, "x-ratelimit-limit", "1000"),
            header(EVERYTHING, "x-ratelimit-remaining", "999"),
        )),
    ),
    Harmless("replicas_are_named", Proxied(every(
        2, EVERYTHING, header(EVERYTHING, "x-served-by", "replica-2")))),
    Harmless("a_session_sets_a_cookie", Proxied(
        header(TOKEN, "set-cookie", "session=1; Path=/; HttpOnly; Secure; SameSite=Lax"))),
    Harmless("streams_name_their_events", Proxied(together(
        each_event(CHAT_STREAM, _named), each_event(RUN_STREAM, _named),
        each_event(ACTIVITY_STREAM, _named)))),
    Harmless("streams_have_heartbeats", Proxied(together(
        each_event(CHAT_STREAM, _breathing), each_event(RUN_STREAM, _breathing),
        each_event(ACTIVITY_STREAM, _breathing)))),
    Harmless("contract_is_built_slowly", Proxied(slow("GET /openapi.json", 3.0))),
    Harmless("metrics_need_a_token", Proxied(replied("GET /metrics", 401, CLOSED)),
             setting=ANY_METRICS),
    Harmless("an_incident_is_reported", Proxied(changed("GET /api/v1/status", _degraded)),
             setting=ANY_STATUS),
    Harmless("health_has_parts", Proxied(together(
        changed(HEALTH, lambda row: {**row, "checks": {"database": "ok"}}),
        changed(READY, lambda row: {**row, "checks": {"cache": "ok"}}),
    ))),
    Harmless("first_requests_are_slow", Proxied(first(5, EVERYTHING, slow(EVERYTHING, 0.8)))),
    Harmless("numbers_are_written_long", Proxied(body_changed(
        "GET /api/v1/usage", lambda body: re.sub(rb'(_tokens": ?\d+)', rb"\1.0", body)))),
    Harmless(
        "runs_end_unseen",
        Proxied(together(on(RUNS, _none_running), replied(ACTIVITY_STREAM, 503, CLOSED))),
        setting=Setting(arguments=("--no-gate", "activity")),
    ),
    Harmless("no_single_sign_on", Environment({"REFERENCE_WITHOUT": "sso"})),
]  # fmt: skip
