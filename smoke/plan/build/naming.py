"""Names: how a parameter such as `conversation_id` names the collection `conversations`."""

import re
from functools import cache

# Endings that say how a thing is named; what stands before them is the thing.
SUFFIXES = (
    *("id", "uid", "uuid", "guid", "pk", "key", "name", "slug", "code", "number", "ref"),
    *("login", "handle", "identifier"),
)


# Fields by which a thing is named where it has no `id`, the surest first.
OWN_NAMES = (
    *("uuid", "uid", "guid", "pk", "key", "slug", "name", "code", "login", "username", "handle"),
    *("identifier", "number", "sha"),
)


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
    """What a name is about: `workflow_run_id` is about `workflowrun`; empty for a bare `id`."""
    parts = _first_of(words(name))
    return "".join(parts[:-1]) if len(parts) > 1 and parts[-1] in SUFFIXES else ""


def _first_of(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Of a name with a choice in it the first: `project_id_or_slug` is `project_id`."""
    return parts[: parts.index("or")] if "or" in parts[1:] else parts


@cache
def suffix(name: str) -> str:
    """How a name names its thing: the `key` of `workflow_key`; empty where it says nothing."""
    parts = _first_of(words(name))
    return parts[-1] if parts and parts[-1] in SUFFIXES else ""


@cache
def singular(word: str) -> str:
    """An English plural made singular, well enough for path segments."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@cache
def is_key(name: str) -> bool:
    """Whether a body field looks like the name of another thing: `object_id`, `assetIds`."""
    parts = words(name)
    return len(parts) > 1 and singular(parts[-1]) in {"id", "uid", "uuid", "guid"}


def names_collection(parameter: str, segment: str) -> bool:
    """Whether a path segment is the collection that a parameter's stem names."""
    about, collection = stem(parameter), plain(segment)
    return bool(about) and singular(collection) == singular(about)


def id_rank(parameter: str, field: str) -> int | None:
    """
    How well a field of a thing's own answer names it for a parameter; lower is better, None is no.
    """
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
