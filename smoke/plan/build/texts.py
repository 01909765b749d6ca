"""Texts for fields: by format, by pattern, by the rules' samples, else by the field's name."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any

from smoke.config.rules import Sample
from smoke.plan.build.naming import plain, words
from smoke.plan.values import from_rule, mark_of

PLAIN = "smoke"

# A value of each format (JSON Schema 2020-12 validation, 7.3, and the OpenAPI format registry).
FORMATS: dict[str, str] = {
    "date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01", "time": "00:00:00Z",
    "duration": "PT1H", "email": "smoke@example.com", "idn-email": "smoke@example.com",
    "hostname": "example.com", "idn-hostname": "example.com", "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1", "uri": "https://example.com/", "iri": "https://example.com/",
    "url": "https://example.com/", "uri-reference": "/smoke", "iri-reference": "/smoke",
    "uri-template": "/smoke/{id}", "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/smoke", "relative-json-pointer": "0", "regex": "smoke",
    "byte": "c21va2U=", "binary": "c21va2U=", "password": "Smoke-2030-pass!",
}  # fmt: skip

# A value by the last word of a field's name; real contracts often leave the format out.
NAMES: dict[str, str] = {
    "email": "smoke@example.com", "mail": "smoke@example.com", "url": "https://example.com/",
    "uri": "https://example.com/", "link": "https://example.com/", "href": "https://example.com/",
    "website": "https://example.com/", "homepage": "https://example.com/",
    "webhook": "https://example.com/", "callback": "https://example.com/", "domain": "example.com",
    "host": "example.com", "hostname": "example.com", "ip": "192.0.2.1", "phone": "+15550100",
    "country": "US", "currency": "USD", "language": "en", "locale": "en", "lang": "en",
    "timezone": "UTC", "tz": "UTC", "date": "2030-01-01", "timestamp": "2030-01-01T00:00:00Z",
    "at": "2030-01-01T00:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000",
    "guid": "00000000-0000-4000-8000-000000000000", "password": "Smoke-2030-pass!",
    "color": "#336699", "colour": "#336699", "version": "1.0.0", "cron": "0 0 * * *",
}  # fmt: skip


def text(schema: Mapping[str, Any], name: str, variant: int) -> str:
    """A text of the documented length; each `variant` gives another text."""
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    found = FORMATS.get(str(schema.get("format")))
    if "pattern" in schema and (found is None or variant):
        found = matching(str(schema["pattern"]), least)
    if found is None:
        found = NAMES.get((words(name) or ("",))[-1], PLAIN)
    elif not variant and len(found) >= least:
        return found
    mark = str(variant) if variant else ""
    if mark and "@" in found:
        found = f"{mark}.{found}"
    elif mark:
        found += mark
    if len(found) < least:
        found += PLAIN[0] * (least - len(found))
    if most is not None and len(found) > int(most):
        found = found[: max(0, int(most) - len(mark))] + mark
    return found


codes: Any = import_module("re._constants")
# The parser of the standard library, which `re` does not export.
parser: Any = import_module("re._parser")

# The preferred characters, which make readable texts; the first valid one wins.
PREFERRED = "asmoke0AS1 -_.@/"

CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    codes.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    codes.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
ASCII: list[str] = [*PREFERRED, *(chr(code) for code in range(33, 127))]
# The most characters of a text; `drawing` handles patterns that need more.
MOST = 2000


# The first choice at every branch of a pattern gives a short text that people can read.
def matching(pattern: str, least: int = 0) -> str | None:
    """
    A text that matches a pattern, with at least `least` characters if the pattern can grow.

    None for a pattern with conditions on its parts, such as a look-ahead.
    """
    try:
        tree = parser.parse(pattern)
        shortest = _text(tree, 0, {})
        return shortest if len(shortest) >= least else _text(tree, least - len(shortest), {})
    except (re.error, RecursionError, OverflowError, _UnseenError):
        return None


class _UnseenError(Exception):
    """A construct that is not a sequence of characters."""


def _text(tree: Any, extra: int, groups: dict[int, str]) -> str:
    """The text of a sequence; its first repeatable part gets the `extra` characters."""
    found = ""
    for code, value in tree:
        part = _part(code, value, extra, groups)
        # The first part that could grow has taken all of the extra.
        if code is codes.MAX_REPEAT and len(part) > value[0]:
            extra = 0
        found += part
        if len(found) > MOST:
            raise _UnseenError
    return found


def _part(code: Any, value: Any, extra: int, groups: dict[int, str]) -> str:
    if code is codes.LITERAL:
        return str(chr(value))
    if code is codes.ANY:
        return PREFERRED[0]
    if code in (codes.NOT_LITERAL, codes.IN):
        return _character(code, value)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        one = _text(inner, 0, groups)
        count = int(least if not one else min(most, least + -(-extra // len(one))))
        return one * min(count, MOST)
    if code is codes.SUBPATTERN:
        groups[value[0]] = _text(value[-1], extra, groups)
        return str(groups[value[0]])
    if code is codes.BRANCH:
        return _text(value[1][0], extra, groups)
    if code is codes.GROUPREF:
        return groups.get(value, "")
    if code is codes.AT:
        return ""
    raise _UnseenError


def _character(code: Any, value: Any) -> str:
    if code is codes.NOT_LITERAL:
        return next(c for c in ASCII if ord(c) != int(value))
    wanted = value[0][0] is not codes.NEGATE
    members = value if wanted else value[1:]
    found = (c for c in ASCII if any(_is_in(c, *member) for member in members) is wanted)
    first = next(found, None)
    if first is not None:
        return first
    kind, bounds = members[0]
    if wanted and kind in (codes.LITERAL, codes.RANGE):
        return str(chr(bounds if kind is codes.LITERAL else bounds[0]))
    raise _UnseenError


def _is_in(character: str, kind: Any, value: Any) -> bool:
    if kind is codes.LITERAL:
        return bool(ord(character) == value)
    if kind is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is codes.CATEGORY:
        return CATEGORIES[value](character)
    return False


# Values offered for a field by its name: the samples of the rules, and names of our own.
# Fields with the name of the resource that a request creates.
NAMES_OF_THINGS = frozenset(
    {"name", "title", "slug", "label", "username", "login", "handle", "displayname"}
)

# Names that a new resource gets although they are optional, the best first.
OPTIONAL_NAMES = ("name", "title", "username")


@dataclass(frozen=True)
class Samples:
    """The samples of the rules."""

    rows: Sequence[Sample]

    def candidates(self, name: str, label: str) -> Iterator[tuple[Sample, Any]]:
        """The samples for a field of this name, exact names before patterns."""
        wanted = plain(name)
        # `userId`, `user_id` and `user-id` are the same name.
        exact = [s for s in self.rows if "*" not in s.name and plain(s.name) == wanted]
        loose = [s for s in self.rows if "*" in s.name and _matches(s.name, name)]
        for sample in (*exact, *sorted(loose, key=lambda s: s.name == "*")):
            for value in sample.values:
                yield sample, _labelled(from_rule(value, label), label)


def _matches(pattern: str, name: str) -> bool:
    return fnmatchcase(name.lower().replace("-", "_"), pattern.lower()) or fnmatchcase(
        plain(name), pattern.lower().replace("_", "")
    )


def _labelled(value: Any, label: str) -> Any:
    """Make a unique sample differ between fields, although they share its prefix."""
    return value | {"label": label} if mark_of(value) == "$unique" else value


def own_name(
    name: str, schema: Mapping[str, Any], label: str, examples: Sequence[Any]
) -> Iterator[tuple[str, Any]]:
    """Unique names for new resources: many services refuse the same name twice."""
    if schema.get("type") != "string" or not {"enum", "const", "default"}.isdisjoint(schema):
        return
    if plain(name) in NAMES_OF_THINGS and "format" not in schema:
        shown = "".join(str(example) for example in examples)
        # A hint at the letters that the service allows.
        if "_" in shown and "-" not in shown:
            yield "a name of its own", {"$unique": "smoke_", "as": "word", "label": label}
        yield "a name of its own", {"$unique": "smoke-", "label": label}
    elif schema.get("format") == "email" or plain(name) == "email":
        yield (
            "an address of its own",
            {"$unique": "smoke-", "suffix": "@example.com", "label": label},
        )
