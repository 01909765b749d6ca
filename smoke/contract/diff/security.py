"""Compare security by the credentials that a caller sends; scheme names are never sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import at

if TYPE_CHECKING:
    from smoke.contract import Contract, Operation
    from smoke.contract.diff.schemas import Found

# One sufficient set of credentials: the scopes of each, by its kind.
Way = dict[str, frozenset[str]]


def security_changes(
    ours: "Contract", a: "Operation", theirs: "Contract", b: "Operation"
) -> "Iterator[Found]":
    """The changes of the credentials that an operation accepts."""
    mine, others = _ways(ours, a), _ways(theirs, b)
    # One empty set of credentials: the operation is open to everyone.
    if not all(others):
        if all(mine):
            yield False, "needs no credentials"
        return
    if not all(mine):
        yield True, "needs credentials"
        mine = [way for way in mine if way]
    for way in mine:
        if not any(_satisfies(way, other) for other in others):
            yield (
                True,
                f"no longer accepts {_shown(way)} (now: {' or '.join(map(_shown, others))})",
            )


def _satisfies(way: Way, other: Way) -> bool:
    """Whether one set of credentials includes everything that another requires."""
    return all(kind in way and scopes <= way[kind] for kind, scopes in other.items())


def _ways(contract: "Contract", operation: "Operation") -> list[Way]:
    own = at(contract.document, operation.pointer) or {}
    listed = own.get("security", contract.document.get("security")) or [{}]
    return [
        # Scopes of another kind than a list of texts say nothing that could be compared.
        {
            _kind(contract, name): frozenset(map(str, scopes if isinstance(scopes, list) else ()))
            for name, scopes in way.items()
        }
        for way in listed
    ]


def _kind(contract: "Contract", name: str) -> str:
    """The kind of a credential: a header, cookie or parameter; all bearer tokens are one kind."""
    scheme: Any = contract.security_schemes.get(name)
    if not isinstance(scheme, dict):
        return name
    kind = scheme.get("type")
    if kind == "apiKey":
        place = str(scheme.get("name"))
        return f"{scheme.get('in')} {place.lower() if scheme.get('in') == 'header' else place}"
    if kind == "http" and str(scheme.get("scheme")).lower() != "bearer":
        return str(scheme.get("scheme")).lower()
    return "a client certificate" if kind == "mutualTLS" else "bearer"


def _shown(way: Way) -> str:
    words = [f"{kind} with {', '.join(sorted(scopes))}" if scopes else kind
             for kind, scopes in sorted(way.items())]  # fmt: skip
    return " and ".join(words)
