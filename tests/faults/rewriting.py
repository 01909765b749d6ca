"""Rewriting answers: words for faults that change many places of JSON, or only some requests."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt

from tests.faults.interference import Begin, on, plainly
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer


def each(rows: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    """Change each row of a list, which stands under a name, or is the whole answer for `""`."""

    def changed(value: Any) -> Any:
        listed = value if not rows else value[rows]
        listed[:] = [change(row) or row for row in listed]
        return value

    return changed


def doubled(rows: str) -> Callable[[Any], Any]:
    """Each row of a list stands twice, as after a join without DISTINCT."""

    def change(value: Any) -> Any:
        value[rows] = [row for row in value[rows] for _ in range(2)]
        return value

    return change


def put(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Another value stands under a name."""
    return lambda row: {**row, name: value}


def moved(name: str, **by: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A moment is another, as where a time zone is forgotten."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(row.get(name), str):
            return row
        moment = datetime.fromisoformat(row[name]) + timedelta(**by)
        return {**row, name: moment.isoformat().replace("+00:00", "Z")}

    return change


def refusal_says(operation: str, text: str) -> Begin:
    """The body of each error carries a text that belongs in a log."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        said = await found.json() if found.status >= 400 else None
        if not isinstance(said, dict):
            return found
        return found.write_json({**said, "message": f"{said.get('message', '')} {text}"})

    return on(operation, interfere)


def sent(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Asked], None]:
    """Another JSON body reaches the service than was sent."""

    def rewrite(asked: Asked) -> None:
        asked.body = json.dumps(change(asked.json or {})).encode()

    return rewrite


def sent_with(**values: Any) -> Callable[[Asked], None]:
    """Other values of a JSON body reach the service than were sent."""
    return sent(lambda body: {**body, **values})


def text_sent(operation: str, change: Callable[[str], str]) -> Begin:
    """The service stores another text than was sent: JSON escapes are undone before."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        text = asked.body.decode("utf-8")
        plain = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
        whole = plain.encode("utf-16", "surrogatepass").decode("utf-16")
        asked.body = change(whole).encode()
        return await forward(asked)

    return on(operation, interfere)


def without(operation: str, parameter: str) -> Begin:
    """A query parameter is not heard."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        parts = (part for part in asked.query.split("&") if not part.startswith(f"{parameter}="))
        asked.query = "&".join(parts)
        return await forward(asked)

    return on(operation, interfere)


def twice(operation: str) -> Begin:
    """A write is done twice, as where a proxy sends it again after a timeout."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        body, headers = asked.body, list(asked.headers)
        first = await plainly(asked, forward)
        await first.read()
        asked.body, asked.headers = body, headers
        again = await forward(asked)
        return first if again.status >= 400 else again

    return on(operation, interfere)


def kept_after(delete: str, read: str) -> Begin:
    """What was read before is answered again once something was deleted: a cache outlives it."""

    def begin() -> Interference:
        seen: dict[str, tuple[list[tuple[str, str]], bytes]] = {}
        deleted = False

        async def note(asked: Asked, forward: Forward) -> Answered:
            nonlocal deleted
            deleted = True
            return await forward(asked)

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            key = f"{asked.path}?{asked.query} {asked.header('authorization')}"
            if deleted and key in seen:
                headers, body = seen[key]
                return Answered(200, list(headers)).write(body)
            found = await plainly(asked, forward)
            if found.status == 200:
                seen[key] = (list(found.headers), await found.read())
            return found

        watch, keep = on(delete, note)(), on(read, interfere)()

        async def both(asked: Asked, forward: Forward) -> Answered:
            return await watch(asked, lambda one: keep(one, forward))

        return both

    return begin


def of_every_tenant(operation: str, rows: str = "items") -> Begin:
    """A list has what it has shown to other tenants as well: its query forgot the tenant."""

    def begin() -> Interference:
        shown: dict[str, list[Any]] = {}

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            found = await plainly(asked, forward)
            if found.status != 200:
                return found
            token = asked.header("authorization").partition(" ")[2]
            tenant = jwt.decode(token, options={"verify_signature": False})["tenant_id"]
            page = await found.json()
            others = [row for key, kept in shown.items() if key != tenant for row in kept]
            own = shown.setdefault(tenant, [])
            own += [row for row in page[rows] if row not in own]
            return found.write_json({**page, rows: page[rows] + others})

        return on(operation, interfere)()

    return begin


def reflected(operation: str) -> Begin:
    """Whatever site a page is of, it may read the answer with the user's credentials."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        origin = asked.header("origin")
        found = answer(204) if asked.method == "OPTIONS" else await forward(asked)
        if origin:
            found.headers += [("access-control-allow-origin", origin),
                              ("access-control-allow-credentials", "true")]  # fmt: skip
        return found

    return on(operation, interfere)
