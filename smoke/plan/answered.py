"""Answers of earlier entries, and the values that references take from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.plan.picking import NOTHING, last_of, pick

if TYPE_CHECKING:
    from smoke.plan.requests import FilledRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON and the headers (names in lower case) of an answer, and its request."""

    json: Any
    headers: Mapping[str, str]
    request: "FilledRequest | None"

    def value(self, reference: Mapping[str, Any], pointer: str, where: Mapping[str, Any]) -> Any:
        """The value that a reference names, with its pointer filled; NOTHING if it is absent."""
        if "header" in reference:
            text = self.headers.get(str(reference["header"]).lower())
            return NOTHING if not text else last_of(text) if reference.get("segment") else text
        if "sent" in reference:
            return pick(self._sent(), str(reference["sent"]), {})
        found = pick(self.json, pointer, where)
        if "keep" in reference and isinstance(found, dict):
            return {name: found[name] for name in reference["keep"] if name in found}
        if reference.get("segment") and isinstance(found, str):
            return last_of(found) or NOTHING
        return found

    def _sent(self) -> Any:
        request = self.request
        if request is None:
            return None
        return {
            "path": dict(request.path),
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": request.body.value,
        }
