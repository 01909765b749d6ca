"""
Invalid bodies: an allowed body with one defect that the contract excludes.

A service that stopped validating answers such a body with a success.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract, Operation

# Longer than any text that people write into a field with a limit, and short enough to be sent.
LONG = "x" * 5_000


@dataclass(frozen=True)
class Invalid:
    """A body with one defect, and the defect in words, such as `without 'title'`."""

    body: Mapping[str, Any]
    defect: str


def invalid_body(
    contract: Contract, operation: Operation, media_type: str, body: Any
) -> Invalid | None:
    """
    Return a body that differs from an allowed one in a single field, so that it is not allowed.

    Bounds come before required fields and types: frameworks check types by themselves. None where
    no defect of the tried kinds violates the schema, or where the body is not an object.
    """
    if not isinstance(body, dict):
        return None
    for candidate in _candidates(body):
        findings = contract.request_findings(operation, {}, {}, {}, media_type, candidate.body)
        # Few services check every `format`, which JSON Schema leaves to them (2020-12 §7.2.1).
        if any(one.kind != "format" and one.pointer.startswith("/body") for one in findings):
            return candidate
    return None


def _candidates(body: Mapping[str, Any]) -> Iterator[Invalid]:
    """One defect at a time, in the order in which they are tried."""
    for name, value in body.items():
        for other, words in _out_of_bounds(value):
            yield Invalid({**body, name: other}, f"with {words} as {name!r}")
    for name in body:
        yield Invalid(
            {key: value for key, value in body.items() if key != name}, f"without {name!r}"
        )
    for name, value in body.items():
        wrong = [] if isinstance(value, dict) else {"smoke": "an object"}
        yield Invalid({**body, name: wrong}, f"with a value of another type as {name!r}")


def _out_of_bounds(value: Any) -> Iterator[tuple[Any, str]]:
    """Values of the same type that bounds, patterns and enumerations usually exclude."""
    if isinstance(value, str):
        yield from (("", "an empty text"), (f"{value} smoke", "an undocumented value"))
        yield LONG, f"a text of {len(LONG):,} characters"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from ((-1, "-1"), (10**12, "a huge number"))
