"""
Stand-ins: literal values in place of references.

With them, a request can be validated against its schema before the run has any real value.
"""

import copy
from typing import Any

from smoke.config.rules import Rules
from smoke.contract import Contract, Finding
from smoke.contract.pointers import escape
from smoke.plan.values import STANDIN_RUN, mark_of, unique_text

# Candidate values of every type, for a reference without a better stand-in.
GENERIC: tuple[Any, ...] = (
    *("smoke", "00000000-0000-4000-8000-000000000000", "smoke@example.com", 1, "1"),
    *("2024-01-01T00:00:00Z", "2024-01-01", "https://example.com/", "a" * 64, True),
    *(None, 0.5, [], {}, ["smoke"], ["00000000-0000-4000-8000-000000000000"]),
)

MISSING = object()


class Standin:
    """Finds a literal for every reference of a request."""

    def __init__(self, contract: Contract, rules: Rules) -> None:
        self._contract = contract
        self._emails = {name: row.email for name, row in rules.actors.items()}

    def of(self, value: Any, literal: Any = MISSING) -> Any:
        """The literal for a value that may be a reference; `literal` is the generated value."""
        mark = mark_of(value)
        if mark == "$unique":
            return unique_text(value, STANDIN_RUN)
        if mark == "$text":
            return "".join(str(self.of(part)) for part in value["$text"])
        # Any six digits satisfy a schema.
        if mark == "$totp":
            return "000000"
        if mark == "$file":
            return "file"
        if mark == "$part":
            return self.of(value["$part"], literal)
        if mark == "$from":
            return self._known(value) if literal is MISSING or literal is None else literal
        if isinstance(value, dict):
            members = literal if isinstance(literal, dict) else {}
            return {key: self.of(v, members.get(key, MISSING)) for key, v in value.items()}
        if isinstance(value, list):
            items = literal if isinstance(literal, list) else []
            return [self.of(v, (items[i : i + 1] or [MISSING])[0]) for i, v in enumerate(value)]
        return value

    def _known(self, reference: Any) -> Any:
        kind, _, rest = str(reference["$from"]).partition(".")
        if kind == "actor" and rest.endswith(".email"):
            return self._emails.get(rest.removesuffix(".email"), "smoke@example.com")
        if kind == "run":
            return {"id": STANDIN_RUN, "now": "2024-01-01T00:00:00Z", "today": "2024-01-01"}.get(
                rest, "smoke"
            )
        return GENERIC[1]

    def any(self, pointer: str) -> Any:
        """A candidate that the schema at a pointer accepts."""
        for candidate in GENERIC:
            if not self._contract.value_findings(pointer, candidate):
                return candidate
        return GENERIC[0]

    def body(self, pointer: str, value: Any, literal: Any) -> tuple[Any, list[Finding]]:
        """
        A body without references, and what it still has against the schema at a pointer.

        Where a stand-in breaks the schema, values of every kind are tried in its place: the real
        value comes from the service itself and is not known here.
        """
        stand = self.of(value, literal)
        findings = self._contract.value_findings(pointer, stand)
        if findings:
            for tokens in _reference_places(value, ()):
                stand, findings = self._try(pointer, stand, findings, tokens)
        return stand, findings

    def _try(
        self, pointer: str, stand: Any, findings: list[Finding], tokens: tuple[Any, ...]
    ) -> tuple[Any, list[Finding]]:
        place = "".join(f"/{escape(str(token))}" for token in tokens)
        if not any(finding.pointer.startswith(place) for finding in findings):
            return stand, findings
        best, fewest = stand, findings
        for candidate in GENERIC:
            trial = _replaced(stand, tokens, candidate)
            left = self._contract.value_findings(pointer, trial)
            if len(left) < len(fewest):
                best, fewest = trial, left
            if not left:
                break
        return best, fewest


def _replaced(value: Any, tokens: tuple[Any, ...], new: Any) -> Any:
    if not tokens:
        return new
    value = copy.copy(value)
    value[tokens[0]] = _replaced(value[tokens[0]], tokens[1:], new)
    return value


def _reference_places(value: Any, tokens: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The places of references in a value; their literals are unknown before the run."""
    if mark_of(value) in {"$from", "$totp"}:
        return [tokens]
    if isinstance(value, dict) and not mark_of(value):
        return [p for key, v in value.items() for p in _reference_places(v, (*tokens, key))]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in _reference_places(v, (*tokens, i))]
    return []
