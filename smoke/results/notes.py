"""The wording of notes that sum up what a run saw in many places."""

from collections.abc import Iterable, Mapping

# Places that a note names at most; it counts the others.
MOST_NAMED = 5


def what_stays(left: Iterable[tuple[str, str]]) -> str:
    """Return the note about resources, by kind and name, that stay on the service."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in left:
        by_kind.setdefault(kind, []).append(name)
    counts = (f"{kind}: {len(names)} ({', '.join(names)})" for kind, names in by_kind.items())
    return f"stays on the service: {'; '.join(counts)}"


def excluded_fields(found: Mapping[tuple[str, str], int]) -> str:
    """Return the note about fields that the contract excludes, counted by operation and field."""
    places = [f"{operation} {field}" for operation, field in sorted(found)]
    more = f", and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    return (
        f"drift: {len(places)} fields that the contract excludes, in {sum(found.values())} places: "
        f"{', '.join(places[:MOST_NAMED])}{more}"
    )
