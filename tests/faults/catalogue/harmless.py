"""Harmless changes: another deployment, and nothing wrong with it."""

import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from tests.faults.catalogue.operations import API, EVERYTHING, PUT_SETTINGS
from tests.faults.editing import option
from tests.faults.entries import Environment, Harmless, Http10, InApp, Proxied, Setting
from tests.faults.flow import in_pieces, slow
from tests.faults.in_app import signing, upkeep, with_api
from tests.faults.interference import (
    asked_otherwise,
    changed,
    every,
    first,
    header,
    on,
    page,
    together,
)
from tests.faults.preparation import leave_rows, seed_once
from tests.faults.proxy import Answered, Asked, Forward

SHUT = re.compile(
    "/tenants|/features$|/ledger/|/replay/|/chat|/conversations/[^/]+(/messages|/events)?$"
)


async def _more_fields(asked: Asked, forward: Forward) -> Answered:
    """Where the contract shuts an object (`additionalProperties`), it would be a breach."""
    shut = SHUT.search(asked.path)
    asked.drop("accept-encoding")
    found = await forward(asked)
    if shut or found.status >= 300 or "json" not in found.header("content-type"):
        return found
    value = await found.json()
    return found if value is None else found.write_json(_more(value))


def _more(value: Any) -> Any:
    """A field more in an answer and in the items of its lists; what is deeper may be a map."""
    if isinstance(value, list):
        return [_more_of(item) for item in value]
    lists = {key: _more(rows) for key, rows in value.items() if isinstance(rows, list)}
    return _more_of(value | lists)


def _more_of(value: Any) -> Any:
    return {**value, "introduced_in": "2.0"} if isinstance(value, dict) else value


def _backwards(value: Any) -> Any:
    if isinstance(value, list):
        return [_backwards(item) for item in value]
    if isinstance(value, dict):
        return {key: _backwards(value[key]) for key in reversed(value)}
    return value


async def _shouting(asked: Asked, forward: Forward) -> Answered:
    found = await forward(asked)
    found.headers = [(name.upper(), value) for name, value in found.headers]
    return found


async def _compressed(asked: Asked, forward: Forward) -> Answered:
    found = await forward(asked)
    bodiless = found.status in (204, 304) or found.header("content-length") == "0"
    if found.chunks is not None and not bodiless and "gzip" in asked.header("accept-encoding"):
        found.drop("content-length")
        found.headers.append(("content-encoding", "gzip"))
        found.chunks = _squeezed(found.chunks)
    return found


async def _squeezed(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Compress as it comes (RFC 1952), so that a stream goes on flowing."""
    squeeze = zlib.compressobj(wbits=31)
    async for chunk in chunks:
        yield squeeze.compress(chunk) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    yield squeeze.flush()


async def _spaced(asked: Asked, forward: Forward) -> Answered:
    found = await forward(asked)
    if "json" not in found.header("content-type"):
        return found
    return found.write(b"\r\n " + await found.read() + b" \n")


async def _charset(asked: Asked, forward: Forward) -> Answered:
    found = await forward(asked)
    rows = dict(found.headers)
    if rows.get("content-type") == "application/json":
        found.drop("content-type")
        found.headers.append(("Content-Type", "application/json; charset=utf-8"))
    return found


def _traced(asked: Asked) -> None:
    asked.headers.append(("x-forwarded-for", "203.0.113.7"))
    asked.headers.append(("via", "1.1 edge"))


async def _overtaken(asked: Asked, forward: Forward) -> Answered:
    """Somebody else asks for a change with the same version, and is first."""
    other = replace(asked, headers=list(asked.headers))
    await (await forward(other)).read()
    return await forward(asked)


ENTRIES = [
    Harmless("nothing_changed"),
    Harmless("a_field_more_everywhere", Proxied(on(EVERYTHING, _more_fields))),
    Harmless("keys_in_another_order", Proxied(changed(EVERYTHING, _backwards))),
    Harmless("headers_in_capitals", Proxied(on(EVERYTHING, _shouting))),
    Harmless("other_ids", InApp(upkeep.other_ids)),
    Harmless(
        "many_change_the_settings_at_once",
        Proxied(first(6, PUT_SETTINGS, on(PUT_SETTINGS, _overtaken))),
    ),
    Harmless("rows_left_by_somebody_else", before=leave_rows),
    Harmless("seeded_before_by_somebody_else", before=seed_once),
    Harmless("lists_are_longer", InApp(upkeep.longer_catalogues)),
    Harmless("an_operation_more", InApp(with_api(upkeep.one_operation_more))),
    Harmless("bodies_in_small_pieces", Proxied(in_pieces(EVERYTHING, 50))),
    Harmless("bodies_compressed", Proxied(on(EVERYTHING, _compressed))),
    Harmless("space_around_json", Proxied(on(API, _spaced))),
    Harmless("charset_named", Proxied(on(EVERYTHING, _charset))),
    Harmless("warming_up", InApp(layer=upkeep.unavailable_for(1, says_ready=False))),
    Harmless(
        "load_balancer_warming_up",
        Proxied(first(4, EVERYTHING, page(EVERYTHING, 502, "<html>502 Bad Gateway</html>"))),
    ),
    Harmless("key_rotated_with_both_published", InApp(signing.rotated_after(7))),
    Harmless("clock_two_seconds_ahead", InApp(signing.clock_off(2))),
    Harmless("clock_two_seconds_behind", InApp(signing.clock_off(-2))),
    Harmless("ipv6", Environment(arguments=("--host", "::1"))),
    Harmless("http_1_0", Http10()),
    Harmless(
        "below_a_base_path",
        InApp(layer=upkeep.below("/smoke/base")),
        setting=Setting(base_url="{url}/smoke/base"),
    ),
    Harmless(
        "base_url_with_a_slash", setting=Setting(base_url="{url}/"),
    ),
    Harmless("behind_a_forwarding_edge", Proxied(asked_otherwise(EVERYTHING, _traced))),
    Harmless(
        "security_headers_and_cookies",
        Proxied(together(
            header(EVERYTHING, "strict-transport-security", "max-age=31536000"),
            header(EVERYTHING, "set-cookie", "edge=1; Path=/; HttpOnly"),
            header(EVERYTHING, "x-content-type-options", "nosniff"),
        )),
    ),
    Harmless("connections_closed_now_and_then", Proxied(every(
        5, EVERYTHING, header(EVERYTHING, "connection", "close")))),
    Harmless(
        "docs_are_public_and_may_be",
        Environment({"DEBUG": "true"}), setting=Setting(edit=option("docs = true")),
    ),
    # Nearly as long as a run may take, so it is run beside those that only wait.
    Harmless("150_ms_later", Proxied(slow(EVERYTHING, 0.15))),
]  # fmt: skip
