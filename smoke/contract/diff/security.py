"""Security compared by what a caller sends; names of schemes are not on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.contract import Contract, Operation
    from smoke.contract.diff.schemas import Found

Way = dict[str, frozenset[str]]
"""One way in: the scopes of everything that is shown, by what it is."""


def security_changes(
    ours: Contract, a: Operation, theirs: Contract, b: Operation
) -> Iterator[Found]:
    """What changed in who may call an operation, and with what."""
    mine, others = _ways(ours, a), _ways(theirs, b)
    if not all(others):
        if all(mine):
            yield False, "needs no credentials"
        return
    if not all(mine):
        yield True, "needs credentials"
        mine = [way for way in mine if way]
    for way in mine:
        if not any(_opens(way, other) for other in others):
            yield (
                True,
                f"is no longer opened by {_said(way)} (now by {' or '.join(map(_said, others))})",
            )


def _opens(way: Way, other: Way) -> bool:
    """Whether who has one way in has all that another asks for."""
    return all(kind in way and scopes <= way[kind] for kind, scopes in other.items())


def _ways(contract: Contract, operation: Operation) -> list[Way]:
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


def _kind(contract: Contract, name: str) -> str:
    """What is shown: a header, a cookie, a parameter; a token is one, wherever it comes from."""
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


def _said(way: Way) -> str:
    words = [f"{kind} with {', '.join(sorted(scopes))}" if scopes else kind
             for kind, scopes in sorted(way.items())]  # fmt: skip
    return " and ".join(words)
