"""Plans for tests: built once for each service, and a service that answers what is asked of it."""

from functools import cache
from typing import TYPE_CHECKING, Any

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.contract.pointers import split
from smoke.plan.build.builder import build
from smoke.plan.values import references
from tests.unlike import contract_of, rules_of

if TYPE_CHECKING:
    from smoke.plan import Entry, FilledRequest, Plan, Pool


SEND = '[[rule]]\noperation = "*"\nsend = true\n'
"""A person's decision to send whatever is not known to be harmless."""


@cache
def plan_of(name: str) -> "Plan":
    """The plan of one of the unlike services."""
    return build(contract_of(name), rules_of(name))


def plan_for(paths: dict[str, Any], rules: str = "", **more: Any) -> "Plan":
    """The plan of a contract made of paths."""
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}
    return build(Contract(document, "t.json"), parse(rules, "r.toml"))


def operation(answer: Any = None, body: Any = None, **more: Any) -> dict[str, Any]:
    """An operation object: the schema of its answer and of its body."""
    content = {} if answer is None else {"content": {"application/json": {"schema": answer}}}
    found: dict[str, Any] = {"responses": {"200": {"description": "", **content}}, **more}
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


def thing(*fields: str) -> dict[str, Any]:
    """The schema of an object with texts."""
    properties = {name: {"type": "string"} for name in fields}
    return {"type": "object", "required": list(fields), "properties": properties}


class Answering:
    """Answers every entry with what the others will ask of it."""

    def __init__(self, plan: "Plan") -> None:
        self._count = 0
        self._asked: dict[str, list[dict[str, Any]]] = {}
        for entry in plan.entries:
            whole = [entry.path, entry.query, entry.headers, entry.body]
            for reference in references(whole):
                self._asked.setdefault(reference["$from"], []).append(reference)

    def answer(self, pool: "Pool", entry: "Entry", request: "FilledRequest") -> None:
        """Feed the pool with an answer to a request."""
        json: Any = None
        headers: dict[str, str] = {}
        for reference in self._asked.get(entry.name, []):
            self._count += 1
            if "header" in reference:
                headers[reference["header"]] = f"/made/{self._count}"
            elif "pointer" in reference:
                json = self._put(json, split(reference["pointer"]), reference.get("where", {}))
        pool.feed(entry.name, json, headers, request)

    def _put(self, node: Any, tokens: list[str], where: dict[str, Any]) -> Any:
        if not tokens:
            return node if node is not None else f"made-{self._count}"
        token, rest = tokens[0], tokens[1:]
        if token == "*" or token.isdecimal():
            rows = node if isinstance(node, list) else [dict(where)]
            rows[0] = self._put(rows[0] or None, rest, {})
            return rows
        members = node if isinstance(node, dict) else {}
        members[token] = self._put(members.get(token), rest, where)
        return members


OBJECT = thing("id")


def things(**more: Any) -> dict[str, Any]:
    """Paths of things that are made, listed, read and deleted, and more."""
    return {
        "/things": {
            "post": operation(OBJECT),
            "get": operation({"type": "array", "items": OBJECT}),
        },
        "/things/{id}": {"get": operation(OBJECT), "delete": operation()},
        **more,
    }


def entry_of(service: str, name: str) -> "Entry":
    """An entry of the plan of one of the unlike services."""
    return plan_of(service).by_name[name]


def names(plan: "Plan") -> list[str]:
    """The names of a plan's entries, in order."""
    return [entry.name for entry in plan.entries]
