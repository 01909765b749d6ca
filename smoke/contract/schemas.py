"""Schemas of the contract as validators of JSON Schema 2020-12, compiled on first use."""

import json
from collections import OrderedDict
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from smoke.contract.pointers import at, join, local, lookup, objects, split
from smoke.contract.views import Direction, view
from smoke.errors import DataError

URI = "urn:smoke:contract"
MAX_HOPS = 32
# The most schemas in the kept validators, at about a kilobyte each. In large contracts each
# validator may reach every schema, so keeping all would fill the memory.
MOST_KEPT = 120_000

# The most objects of a schema that is compared by its text; a larger one is rarely repeated.
MOST_ALONE = 20
REFERRING = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$schema"})

_Key = tuple[Direction, str, bool]


class Schemas:
    """Validators by pointer, compiled on first use."""

    def __init__(self, document: dict[str, Any], source: str) -> None:
        self._document = document
        self._source = source
        self._registries: dict[Direction, jsonschema_rs.Registry] = {}
        self._views: dict[Direction, dict[str, Any]] = {}
        self._validators: OrderedDict[_Key, jsonschema_rs.Draft202012Validator] = OrderedDict()
        self._small: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator] = {}
        self._weights = _Weights(document)
        self._kept = 0

    def view(self, direction: Direction) -> dict[str, Any]:
        """The whole document with its schemas rewritten for one direction."""
        if direction not in self._views:
            self._views[direction] = view(self._document, direction)
        return self._views[direction]

    def validator(
        self, pointer: str, direction: Direction, *, formats: bool = True
    ) -> jsonschema_rs.Draft202012Validator:
        """
        The validator of the schema at a pointer; without `formats` it validates shapes only.

        Raises:
            DataError: the schema itself is invalid.
        """
        pointer = self.canonical(pointer)
        # Hundreds of parameters are plain texts or numbers: they share one validator.
        alone = _alone(self.at(pointer, direction))
        if alone and (simple := self._simple(alone, formats)) is not None:
            return simple
        key = (direction, pointer, formats)
        if key in self._validators:
            self._validators.move_to_end(key)
            return self._validators[key]
        found = self._validators[key] = self._compile(pointer, direction, formats)
        self._kept += self._weights.of(pointer)
        # The one compiled just now stays, whatever its weight.
        while self._kept > MOST_KEPT and len(self._validators) > 1:
            (_, dropped, _), _ = self._validators.popitem(last=False)
            self._kept -= self._weights.of(dropped)
        return found

    def _simple(self, text: str, formats: bool) -> jsonschema_rs.Draft202012Validator | None:
        """
        The shared validator of a small schema without references: hundreds of places use the same.

        None for an invalid schema: compiling it at its own place gives an error with that place.
        """
        if (text, formats) not in self._small:
            try:
                self._small[text, formats] = jsonschema_rs.Draft202012Validator(
                    json.loads(text), validate_formats=formats, offline=True
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
                return None
        return self._small[text, formats]

    def canonical(self, pointer: str) -> str:
        """The final target of a pointer, if the schema there is only a reference."""
        for _ in range(MAX_HOPS):
            node = at(self._document, pointer)
            if not isinstance(node, dict) or set(node) != {"$ref"}:
                break
            pointer = join(*local(str(node["$ref"])))
        return pointer

    def _compile(
        self, pointer: str, direction: Direction, formats: bool
    ) -> jsonschema_rs.Draft202012Validator:
        if direction not in self._registries:
            resources = [(URI, self.view(direction))]
            self._registries[direction] = jsonschema_rs.Registry(resources)
        # A reference into the registry lets all validators share one parsed document.
        schema = {"$ref": f"{URI}#{quote(pointer, safe='/~')}"}
        try:
            return jsonschema_rs.Draft202012Validator(
                schema, registry=self._registries[direction], validate_formats=formats, offline=True
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).splitlines()[0][:200]
            place = join(*getattr(error, "instance_path", ()))
            where = f" (at #{place})" if place else ""
            raise DataError(
                f"{self._source}#{pointer}: this schema cannot be used: {reason}{where}. "
                "Correct it there."
            ) from None

    def at(self, pointer: str, direction: Direction) -> Any:
        """The rewritten schema at a pointer, without following references."""
        return lookup(self.view(direction), split(pointer))


class _Weights:
    """How many objects are reachable from a place; each reference target counts once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._own: dict[str, tuple[int, frozenset[str]]] = {}

    def of(self, pointer: str) -> int:
        """The number of objects in the schema at a pointer, with references followed."""
        todo, met, count = [pointer], {pointer}, 0
        while todo:
            size, refs = self._at(todo.pop())
            count += size
            todo += refs - met
            met |= refs
        return count

    def _at(self, pointer: str) -> tuple[int, frozenset[str]]:
        if pointer not in self._own:
            nodes = list(objects(at(self._document, pointer)))
            targets = (node["$ref"] for node in nodes if isinstance(node.get("$ref"), str))
            refs = frozenset(join(*local(target)) for target in targets)
            self._own[pointer] = (len(nodes), refs)
        return self._own[pointer]


def _alone(schema: Any) -> str:
    """The text of a schema that is small and refers to nothing; empty for any other."""
    for count, node in enumerate(objects(schema)):
        if count >= MOST_ALONE or not REFERRING.isdisjoint(node):
            return ""
    return json.dumps(schema, sort_keys=True)
