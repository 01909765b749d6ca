"""Reading: each step of an Arazzo document as a rule, for a person to review."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from smoke.contract import Contract, Operation
from smoke.errors import DataError
from smoke.plan.build.sources import place_of

LOCATIONS = {"path": "path", "query": "query", "header": "headers"}
OUTPUT = re.compile(r"\$steps\.([\w-]+)\.outputs\.([\w-]+)")
INPUT = re.compile(r"\$inputs\.([\w.-]+)")
STATUS = re.compile(r"\s*\$statusCode\s*==\s*(\d{3})\s*")
HOLDS = re.compile(
    r"\s*\$response\.body#(/.*?)\s*==\s*(?:'((?:[^']|'')*)'|(true|false|-?\d+(?:\.\d+)?))\s*"
)
# Members of a step that no rule can state.
BEYOND = ("onSuccess", "onFailure", "dependsOn", "channelPath", "timeout", "correlationId")


def rules_of(contract: Contract, document: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """
    A rule for each step that calls an operation of the contract, and a line for what is left out.

    Raises:
        DataError: it is not an Arazzo document of version 1.
    """
    version = document.get("arazzo") if isinstance(document, dict) else None
    if not str(version).startswith("1."):
        raise DataError(f"not an Arazzo document: arazzo is {version!r}. Allowed: 1.0.1, 1.1.0.")
    reader = _Reader(contract, document)
    return list(reader.rules()), reader.omitted


class _Reader:
    def __init__(self, contract: Contract, document: Mapping[str, Any]) -> None:
        self._document = document
        self._by_id = {o.operation_id: o for o in contract.operations.values() if o.operation_id}
        self._by_pointer = {o.pointer.removeprefix("#"): o for o in contract.operations.values()}
        self._taken: set[str] = set()
        self.omitted: list[str] = []

    def rules(self) -> Iterator[dict[str, Any]]:
        for workflow in self._document.get("workflows", ()):
            yield from self._workflow(workflow)

    def _workflow(self, workflow: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        names: dict[str, str] = {}
        outputs: dict[tuple[str, str], Any] = {}
        previous = ""
        for step in workflow.get("steps", ()):
            place = f"{workflow.get('workflowId')}.{step.get('stepId')}"
            operation = self._operation(step)
            if operation is None:
                self._omit(place, "it calls no operation of this contract")
                continue
            rule = {"operation": str(operation.id)}
            # A further step of an operation adds a request: it must not change the first one.
            if str(operation.id) in self._taken:
                rule["as"] = place
            self._taken.add(str(operation.id))
            values = _Values(names, outputs, _inputs(workflow), partial(self._omit, place))
            yield (
                rule
                | self._shape(step, place, values)
                | ({"after": [previous]} if previous else {})
            )
            previous = names[str(step.get("stepId"))] = rule.get("as", rule["operation"])
            for name, expression in (step.get("outputs") or {}).items():
                outputs[str(step.get("stepId")), name] = expression

    def _shape(self, step: Mapping[str, Any], place: str, values: "_Values") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in (key for key in BEYOND if key in step):
            self._omit(place, f"{key} is not read")
        for row in step.get("parameters") or ():
            location = LOCATIONS.get(str(row.get("in")))
            if location is None:
                self._omit(place, f"the parameter {row.get('name') or row.get('reference')!r}")
            elif (value := values.of(row.get("value"))) is not None:
                found.setdefault(location, {})[row["name"]] = value
        body = step.get("requestBody") or {}
        if "payload" in body:
            found["body"] = values.of(body["payload"])
        if body.get("contentType"):
            found["media_type"] = body["contentType"]
        if body.get("replacements"):
            self._omit(place, "the replacements of its body")
        return found | self._criteria(step, place)

    def _criteria(self, step: Mapping[str, Any], place: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in step.get("successCriteria") or ():
            condition = str(row.get("condition", ""))
            simple = row.get("type", "simple") == "simple"
            if simple and (statuses := _statuses(condition)):
                found["expect"] = [*found.get("expect", ()), *statuses]
            elif simple and (holds := _holds(condition)):
                found["holds"] = {**found.get("holds", {}), **holds}
            else:
                self._omit(place, f"the criterion {condition!r}")
        return found

    def _operation(self, step: Mapping[str, Any]) -> Operation | None:
        # With several sources, the name of one stands before the id (Arazzo, Step Object).
        named = str(step.get("operationId", "")).rpartition(".")
        if named[2]:
            return self._by_id.get(str(step["operationId"])) or self._by_id.get(named[2])
        return self._by_pointer.get(str(step.get("operationPath", "")).partition("#")[2])

    def _omit(self, place: str, text: str) -> None:
        self.omitted.append(f"{place}: {text}")


def _statuses(condition: str) -> list[int]:
    """The statuses that a criterion allows; none if it is another criterion."""
    # One part of another kind gives the whole criterion another meaning.
    matches = [STATUS.fullmatch(part) for part in condition.split("||")]
    return [int(match[1]) for match in matches if match] if all(matches) else []


def _holds(condition: str) -> dict[str, Any]:
    """The values that a criterion wants in the answer; none if it is another criterion."""
    matches = [HOLDS.fullmatch(part) for part in condition.split("&&")]
    if not all(matches):
        return {}
    return {
        match[1]: json.loads(match[3]) if match[3] else match[2].replace("''", "'")
        for match in matches
        if match
    }


def _inputs(workflow: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a workflow that have a value of their own."""
    known = (workflow.get("inputs") or {}).get("properties") or {}
    examples = {name: (row.get("examples") or [None])[0] for name, row in known.items()}
    return {name: row.get("default", examples[name]) for name, row in known.items()}


class _Values:
    """Turns the values of a step into values of a rule."""

    def __init__(
        self, names: Mapping[str, str], outputs: Mapping[tuple[str, str], Any],
        inputs: Mapping[str, Any], omit: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._names, self._outputs, self._inputs, self._omit = names, outputs, inputs, omit

    def of(self, value: Any) -> Any:
        """The value as a rule has it; None if no rule can state it."""
        if isinstance(value, dict):
            return {key: self.of(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("$"):
            return self._expression(value)
        parts = re.split(r"{(\$[^}]+)}", value)
        if len(parts) == 1:
            # A rule's own placeholders are written in braces.
            return value.replace("{", "{{").replace("}", "}}")
        found = [self.of(part) for part in parts if part]
        return {"text": found} if None not in found else None

    def _expression(self, text: str) -> Any:
        output, entered = OUTPUT.fullmatch(text), INPUT.fullmatch(text)
        if output and (place := place_of(self._outputs.get((output[1], output[2])))):
            return {"from": self._names[output[1]], **place}
        if entered and self._inputs.get(entered[1]) is not None:
            return self._inputs[entered[1]]
        self._omit(f"the value {text}")
        return None
