"""Writing: each chain of the plan as an Arazzo workflow (Arazzo 1.0.1, 4.6)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from smoke.contract import Contract
from smoke.plan.model import Entry, Plan
from smoke.plan.values import is_entry, mark_of

VERSION = "1.0.1"
SOURCE = "api"
# The parts of a reference that a runtime expression cannot state.
BEYOND = ("where", "keep", "segment")
LOCATIONS = {"path": "path", "query": "query", "headers": "header"}


class BeyondError(Exception):
    """A chain needs something that the written subset of Arazzo lacks; the text names it."""


def written(contract: Contract, plan: Plan, url: str) -> tuple[dict[str, Any], list[str]]:
    """
    The Arazzo document of a plan, and a line for each chain that it leaves out.

    A chain is an entry that no other one needs, after all that it needs. `url` is the contract's
    address, relative to the document.
    """
    sent = [entry for entry in plan.entries if not (entry.problem or entry.excepted)]
    needed = {name for entry in sent for name in entry.needs}
    workflows, omitted = [], []
    for entry in sent:
        # One request alone is not a chain, and a part of a longer chain is written with that.
        if entry.needs and entry.name not in needed:
            try:
                workflows.append(_Workflow(contract, plan, entry).document())
            except BeyondError as beyond:
                omitted.append(f"{entry.name}: {beyond}")
    title = " ".join(str(contract.document.get("info", {}).get("title", "")).split())
    return {
        "arazzo": VERSION,
        "info": {"title": f"Chains of the smoke plan: {title}", "version": "1"},
        "sourceDescriptions": [{"name": SOURCE, "url": url, "type": "openapi"}],
        "workflows": workflows,
    }, omitted


def slug(name: str) -> str:
    """A name with the letters that Arazzo recommends for ids."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")


def _literal(value: Any) -> str:
    """A value as a literal of a condition (Arazzo 1.0.1, 4.6.12.1)."""
    if isinstance(value, (dict, list)):
        raise BeyondError("it compares a table or a list")
    return f"""'{value.replace("'", "''")}'""" if isinstance(value, str) else json.dumps(value)


class _Workflow:
    """One chain; its inputs and the outputs of its steps are collected while it is written."""

    def __init__(self, contract: Contract, plan: Plan, last: Entry) -> None:
        self._contract = contract
        self._entries = plan.closure({last.name})
        self._last = last
        self._inputs: dict[str, str] = {}
        self._outputs: dict[str, dict[str, str]] = {entry.name: {} for entry in self._entries}

    def document(self) -> dict[str, Any]:
        steps = [self._step(entry) for entry in self._entries]
        # Only now: later steps decide what an earlier one has to put out.
        for step, entry in zip(steps, self._entries, strict=True):
            if outputs := self._outputs[entry.name]:
                step["outputs"] = outputs
        found: dict[str, Any] = {"workflowId": slug(self._last.name), "steps": steps}
        if self._inputs:
            properties = {
                name: {"type": "string", "description": text} for name, text in self._inputs.items()
            }
            found["inputs"] = {"type": "object", "properties": properties}
        return found

    def _step(self, entry: Entry) -> dict[str, Any]:
        if entry.stream or entry.then:
            raise BeyondError(f"{entry.name} reads a stream, or sends bytes to a URL")
        step: dict[str, Any] = {"stepId": slug(entry.name), **self._called(entry)}
        parameters = [
            {"name": name, "in": place, "value": self._value(value)}
            for location, place in LOCATIONS.items()
            for name, value in getattr(entry, location).items()
        ]
        if parameters:
            step["parameters"] = parameters
        if entry.media_type is not None:
            payload = self._value(entry.body)
            step["requestBody"] = {"contentType": entry.media_type, "payload": payload}
        statuses = " || ".join(f"$statusCode == {status}" for status in entry.expect)
        values = [
            f"$response.body#{key} == {_literal(value)}" for key, value in entry.holds.items()
        ]
        if criteria := [{"condition": text} for text in (statuses, *values) if text]:
            step["successCriteria"] = criteria
        step["x-smoke-actor"] = entry.actor
        return step

    def _called(self, entry: Entry) -> dict[str, str]:
        operation = self._contract.operations[entry.operation]
        if operation.operation_id:
            return {"operationId": operation.operation_id}
        pointer = operation.pointer.removeprefix("#")
        return {"operationPath": f"{{$sourceDescriptions.{SOURCE}.url}}#{pointer}"}

    def _value(self, value: Any) -> Any:
        mark = mark_of(value)
        if mark == "$from":
            return self._reference(value)
        if mark == "$unique":
            return self._input(str(value.get("label") or value["$unique"]), "differs in each run")
        if mark == "$text":
            parts = (self._value(part) for part in value["$text"])
            return "".join(f"{{{p}}}" if str(p).startswith("$") else str(p) for p in parts)
        if mark:
            raise BeyondError(f"it sends a {mark.removeprefix('$')}")
        if isinstance(value, dict):
            return {key: self._value(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return value

    def _input(self, name: str, text: str) -> str:
        self._inputs[slug(name)] = text
        return f"$inputs.{slug(name)}"

    def _reference(self, reference: Mapping[str, Any]) -> str:
        source = str(reference["$from"])
        if not is_entry(reference):
            return self._input(source, "known to the run")
        expression = self._expression(reference)
        # A step has one output for each place that later steps read.
        name = slug(expression.partition(".")[2].replace("#", "_")) or "body"
        self._outputs[source][name] = expression
        return f"$steps.{slug(source)}.outputs.{name}"

    def _expression(self, reference: Mapping[str, Any]) -> str:
        pointer = str(reference.get("pointer", ""))
        if any(key in reference for key in BEYOND) or "*" in pointer or "{" in pointer:
            raise BeyondError(f"it searches the answer of {reference['$from']}")
        if "header" in reference:
            return f"$response.header.{reference['header']}"
        if "sent" in reference:
            _, place, rest = str(reference["sent"]).split("/", 2)
            return f"$request.body#/{rest}" if place == "body" else f"$request.{place}.{rest}"
        return f"$response.body#{pointer}" if pointer else "$response.body"
