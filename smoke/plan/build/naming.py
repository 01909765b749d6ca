"""Names: how a parameter such as `conversation_id` names the collection `conversations`."""

import re
from functools import cache

# Endings of a name that mean "identifier"; the words before them name the resource.
SUFFIXES = (
    *("id", "uid", "uuid", "guid", "pk", "key", "name", "slug", "code", "number", "ref"),
    *("login", "handle", "identifier"),
)


# Fields that identify a resource without an `id`, the most reliable first.
OWN_NAMES = (
    *("uuid", "uid", "guid", "pk", "key", "slug", "name", "code", "login", "username", "handle"),
    *("identifier", "number", "sha"),
)


# Names of numbers that count or sort, also where a resource has the same name.
NUMBERS = frozenset(
    {
        *("amount", "count", "index", "level", "limit", "number", "offset", "order", "page"),
        *("position", "priority", "quantity", "rank", "score", "size", "total", "version"),
    }
)


# Cached: a large contract compares the same few hundred names millions of times.
@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, whether written with `_`, `-` or capitals."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3_\2\4", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word)


@cache
def plain(name: str) -> str:
    """A name without case and separators, for comparing."""
    return "".join(words(name))


@cache
def stem(name: str) -> str:
    """The resource in a name: `workflowrun` for `workflow_run_id`; empty for a bare `id`."""
    parts = _first_of(words(name))
    return "".join(parts[:-1]) if len(parts) > 1 and parts[-1] in SUFFIXES else ""


def _first_of(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The first choice of a name with `or`: `project_id` for `project_id_or_slug`."""
    return parts[: parts.index("or")] if "or" in parts[1:] else parts


@cache
def suffix(name: str) -> str:
    """The identifying ending of a name: the `key` of `workflow_key`; empty if it has none."""
    parts = _first_of(words(name))
    return parts[-1] if parts and parts[-1] in SUFFIXES else ""


@cache
def singular(word: str) -> str:
    """The singular of an English plural, good enough for path segments."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@cache
def is_key(name: str) -> bool:
    """Whether a body field looks like the id of another resource: `object_id`, `assetIds`."""
    parts = words(name)
    return len(parts) > 1 and singular(parts[-1]) in {"id", "uid", "uuid", "guid"}


def names_collection(parameter: str, segment: str) -> bool:
    """Whether a path segment is the collection that a parameter's stem names."""
    about, collection = stem(parameter), plain(segment)
    return bool(about) and singular(collection) == singular(about)


def id_rank(parameter: str, field: str) -> int | None:
    """How well a field of an answer fits a parameter; lower is better, None: not at all."""
    wanted, given = "".join(_first_of(words(parameter))), plain(field)
    if given == wanted:
        return 0
    if given == suffix(parameter) or given == "id":
        return 1 if given == suffix(parameter) else 2
    if suffix(parameter) == "" and stem(field) == wanted:
        return 3
    if wanted and given.endswith(wanted):
        return 4
    return 5 + OWN_NAMES.index(given) if given in OWN_NAMES else None
