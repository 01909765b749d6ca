"""What a deployment may do otherwise than another, and be as right: see `catalogue.otherwise`."""

import json
from collections.abc import AsyncIterator
from typing import Any

from tests.faults.catalogue.operations import (
    ACTIVITY_STREAM,
    API,
    EVERYTHING,
    MEMBERS_PATH,
    REFRESH,
    SEED,
    STORE,
    TOKEN,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.interference import Begin, on, plainly, together
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer

REFUSED = {**ERROR, "error": "BadRequest", "message": "This is not known here."}
SEARCH = f"POST {STORE}/search"
ISSUE = "POST /api/v1/auth/service-accounts"


def each_body(change: Any) -> Begin:
    """The bytes of JSON are others, but those of a sign-in, which may be looked at closely."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        if "json" not in found.header("content-type") or "/auth/" in asked.path:
            return found
        return found.write(change(await found.read()))

    return on(API, interfere)


def refusals_in_other_words() -> Begin:
    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        said = await found.json() if found.status >= 400 else None
        return found.write_json({**said, "message": "No."}) if said else found

    return on(API, interfere)


def compressed_etag() -> Begin:
    """A proxy that compresses marks the ETag, and does not know it again when it is asked."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        tag = found.header("etag")
        if tag and "gzip" in asked.header("accept-encoding"):
            found.drop("etag")
            found.headers.append(("etag", f'{tag[:-1]}-gzip"'))
        return found

    return on(EVERYTHING, interfere)


def known_by(names: dict[bytes, bytes]) -> Begin:
    """Plans have other codes; the usual ones are unknown."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        if any(b'"%b"' % usual in asked.body for usual in names):
            return answer(400, REFUSED)
        for usual, other in names.items():
            asked.body = asked.body.replace(b'"%b"' % other, b'"%b"' % usual)
        found = await plainly(asked, forward)
        body = await found.read() if "json" in found.header("content-type") else b""
        for usual, other in names.items():
            body = body.replace(b'"%b"' % usual, b'"%b"' % other)
        return found.write(body) if body else found

    return on(API, interfere)


def structured(event: bytes) -> bytes:
    """The last frame carries what a workflow made, and no words."""
    if b'"final"' not in event or not event.startswith(b"data: "):
        return event
    frame = json.loads(event.removeprefix(b"data: "))
    frame["final"] |= {"response_text": None, "structured_output": {"is_ok": True}}
    return b"data: " + json.dumps(frame).encode() + b"\n\n"


def breaks_off(after: int) -> Begin:
    """A stream ends after so many events of the past."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        if found.chunks is not None and found.status == 200:
            found.chunks = _cut(found.chunks, after)
        return found

    return on(ACTIVITY_STREAM, interfere)


async def _cut(chunks: AsyncIterator[bytes], after: int) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in chunks:
        yield chunk
        count += chunk.count(b"data:")
        if count >= after:
            return


def late_index() -> Interference:
    """A search finds what is new, and what is gone, from the second time on."""
    before: dict[tuple[str, bytes], Any] = {}

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        body = await found.json()
        shown = before.get((asked.path, asked.body), {**body, "data": []} if body else None)
        before[asked.path, asked.body] = body
        return found.write_json(shown) if found.status == 200 else found

    return on(SEARCH, interfere)()


async def no_assets(asked: Asked, forward: Forward) -> Answered:
    """The fixtures crash where they are to make an asset."""
    wanted = any(tenant.get("assets") for tenant in (asked.json or {}).get("tenants", ()))
    return answer(500, ERROR) if wanted else await forward(asked)


def careful_issuer() -> Interference:
    """Without `force` a token of before is answered, and a tenant must be named."""
    kept: list[Any] = []

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        wish = asked.json or {}
        if found.status != 201:
            return found
        if not wish.get("tenant_id"):
            return answer(400, REFUSED)
        kept.append(await found.json())
        return found if wish.get("force") else answer(201, kept[0])

    return on(f"{ISSUE}/*", interfere)()


def ends_all_sessions() -> Interference:
    """Whoever is removed from a tenant, or seeded anew, has no session left anywhere."""
    user_of: dict[str, str] = {}
    ended: set[str] = set()

    async def session(asked: Asked, forward: Forward) -> Answered:
        if (asked.json or {}).get("refresh_token") in ended:
            return answer(401, {**REFUSED, "error": "Unauthorized"})
        found = await plainly(asked, forward)
        session = await found.json() or {}
        if "refresh_token" in session:
            user_of[session["refresh_token"]] = session["user_id"]
        return found

    async def ending(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        users = {asked.path.rpartition("/")[2]}
        for tenant in ((await found.json() or {}).get("tenants") or {}).values():
            users |= {user["user_id"] for user in tenant["users"].values()}
        ended.update(token for token, user in user_of.items() if user in users)
        return found

    opening = (TOKEN, REFRESH, "POST /api/v1/tenants/invites/accept",
               "POST /api/v1/auth/mfa/complete")  # fmt: skip
    closing = (SEED, f"DELETE {MEMBERS_PATH}/{{user_id}}")
    return together(
        *(on(operation, session) for operation in opening),
        *(on(operation, ending) for operation in closing),
    )()
