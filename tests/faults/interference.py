"""
What a proxy may do to one operation: the words that proxied faults are written in.

Each function returns a `Begin`: called once per run, so that what an interference remembers does
not outlive the run. An operation is `METHOD /path/{parameter}`; `*` stands for anything.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.faults.proxy import Answered, Asked, Forward, Interference, answer

Begin = Callable[[], Interference]
Change = Callable[[Any], Any]

# Last segments of paths that a `{parameter}` does not stand for.
LITERAL = "search|runs|settings|account|me|all|upload-url|presets|agents|policy"

EVERYTHING = "* *"


def on(operation: str, interference: Interference) -> Begin:
    """Interfere with one operation and let everything else pass."""
    method, _, template = operation.partition(" ")
    pattern = re.sub(r"\\\{[^{}]+\\\}", rf"(?!(?:{LITERAL})(?:/|$))[^/]+", re.escape(template))
    matches = re.compile(pattern.replace(r"\*", ".*")).fullmatch

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        if method in ("*", asked.method) and matches(asked.path):
            return await interference(asked, forward)
        return await forward(asked)

    return lambda: interfere


def together(*begins: Begin) -> Begin:
    """Interfere in several ways; the first is nearest to the caller."""

    def begin() -> Interference:
        layers = [begin() for begin in begins]

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            return await _through(layers, asked, forward)

        return interfere

    return begin


async def _through(layers: list[Interference], asked: Asked, forward: Forward) -> Answered:
    if not layers:
        return await forward(asked)

    async def further(asked: Asked) -> Answered:
        return await _through(layers[1:], asked, forward)

    return await layers[0](asked, further)


def replied(operation: str, status: int, value: Any = None) -> Begin:
    """The proxy answers itself, and the service never hears of it."""

    async def interfere(_asked: Asked, _forward: Forward) -> Answered:
        return answer(status, value)

    return on(operation, interfere)


def pretended(operation: str, make: Callable[[Asked], tuple[int, Any]]) -> Begin:
    """The proxy answers as the service would, from the request alone; nothing happens."""

    async def interfere(asked: Asked, _forward: Forward) -> Answered:
        return answer(*make(asked))

    return on(operation, interfere)


def instead(operation: str, of: int, status: int, value: Any = None) -> Begin:
    """Where the service answers one status, such as a refusal, something else is answered."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        return answer(status, value) if found.status == of else found

    return on(operation, interfere)


def only_read(operation: str, up: int = 0) -> Begin:
    """A change is not made: what is there is read and answered, `up` segments above."""

    def read(asked: Asked) -> None:
        asked.method, asked.body = "GET", b""
        asked.path = "/".join(asked.path.split("/")[: -up or None])
        asked.drop("content-type")

    return asked_otherwise(operation, read)


def page(operation: str, status: int, text: str, content_type: str = "text/html") -> Begin:
    """A page stands where an answer should be."""

    async def interfere(_asked: Asked, _forward: Forward) -> Answered:
        return Answered(status).write(text.encode(), content_type)

    return on(operation, interfere)


def changed(operation: str, change: Change) -> Begin:
    """The JSON of a successful answer is another; `change` may alter it in place or return it."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await plainly(asked, forward)
        if "json" not in answered.header("content-type") or answered.status >= 300:
            return answered
        value = await answered.json()
        if value is None:
            return answered
        instead = change(value)
        return answered.write_json(value if instead is None else instead)

    return on(operation, interfere)


def status_changed(operation: str, status: int, of: int = 200) -> Begin:
    """One status is answered where another is documented; the body is the same."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        answered.status = status if answered.status == of else answered.status
        return answered

    return on(operation, interfere)


def header(operation: str, name: str, value: str = "") -> Begin:
    """A header of the answer has another value; without one it is left out."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        answered.drop(name)
        if value:
            answered.headers.append((name, value))
        return answered

    return on(operation, interfere)


def asked_otherwise(operation: str, change: Callable[[Asked], None]) -> Begin:
    """The service hears something else than was asked."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        change(asked)
        return await forward(asked)

    return on(operation, interfere)


def body_changed(operation: str, change: Callable[[bytes], bytes]) -> Begin:
    """The bytes of a successful answer are others; the length says so, nothing else does."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await plainly(asked, forward)
        if answered.status >= 300:
            return answered
        return answered.write(change(await answered.read()))

    return on(operation, interfere)


def stale(operation: str, *, any_query: bool = False) -> Begin:
    """
    What was read once is answered again for ever, to each caller its own.

    With `any_query` also when something else is looked for.
    """

    def begin() -> Interference:
        seen: dict[tuple[str, str, str, str], tuple[int, list[tuple[str, str]], bytes]] = {}

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            query = "" if any_query else asked.query
            key = (asked.method, asked.path, query, asked.header("authorization"))
            if key not in seen:
                first = await plainly(asked, forward)
                seen[key] = (first.status, list(first.headers), await first.read())
            status, headers, body = seen[key]
            return Answered(status, list(headers)).write(body)

        return on(operation, interfere)()

    return begin


def shared(operation: str, *, with_anonymous_only: bool = False) -> Begin:
    """A cache that forgets to vary: what one caller was answered, the next one is too."""

    def begin() -> Interference:
        kept: dict[str, tuple[list[tuple[str, str]], bytes]] = {}

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            known = bool(asked.header("authorization"))
            if asked.path in kept and not (known and with_anonymous_only):
                headers, body = kept[asked.path]
                return Answered(200, list(headers)).write(body)
            found = await plainly(asked, forward)
            if found.status == 200:
                kept[asked.path] = (list(found.headers), await found.read())
            return found

        return on(operation, interfere)()

    return begin


def open_to_nobody(operation: str, value: Any) -> Begin:
    """Whoever shows no token is answered all the same."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        return await (forward(asked) if asked.header("authorization") else _answered(value))

    return on(operation, interfere)


async def _answered(value: Any) -> Answered:
    return answer(200, value)


def every(count: int, operation: str, then: Begin, *, after: int = 0) -> Begin:
    """Interfere with every n-th request only, the first `after` left alone."""

    def begin() -> Interference:
        interference = then()
        seen = 0

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            nonlocal seen
            seen += 1
            chosen = seen > after and (seen - after) % count == 0
            return await (interference(asked, forward) if chosen else forward(asked))

        return on(operation, interfere)()

    return begin


def once(seen: str, then: Begin) -> Begin:
    """Interfere with everything that comes after an operation has been asked for."""

    def begin() -> Interference:
        interference = then()
        asked_for = False

        async def note(asked: Asked, forward: Forward) -> Answered:
            nonlocal asked_for
            found = await forward(asked)
            asked_for = True
            return found

        watch = on(seen, note)()

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            return await (interference(asked, forward) if asked_for else watch(asked, forward))

        return interfere

    return begin


def first(count: int, operation: str, then: Begin) -> Begin:
    """Interfere with the first requests only."""

    def begin() -> Interference:
        interference = then()
        seen = 0

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            nonlocal seen
            seen += 1
            return await (interference(asked, forward) if seen <= count else forward(asked))

        return on(operation, interfere)()

    return begin


async def plainly(asked: Asked, forward: Forward) -> Answered:
    """Forward without leave to compress, so that the body can be read."""
    asked.drop("accept-encoding")
    return await forward(asked)
