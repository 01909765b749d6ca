"""Deletions: what was made with a resource goes before it, and each way to delete has its own."""

from typing import Any

from tests.planning import names, operation, plan_for, thing


def collection(name: str, *fields: str) -> dict[str, Any]:
    """A collection of things that are made with these fields, and deleted."""
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    made = operation(thing("id"), thing(*fields)) if fields else operation(thing("id"))
    made["responses"] = {"201": made["responses"]["200"]}
    return {
        f"/{name}": {"post": made},
        f"/{name}/{{id}}": {"parameters": [path], "delete": operation()},
    }


def test_what_was_made_with_a_resource_is_deleted_before_it() -> None:
    paths = (
        collection("kernels")
        | collection("sessions", "kernel_id")
        | collection("tabs", "session_id")
    )
    order = names(plan_for(paths))
    deletions = [name for name in order if name.startswith("DELETE")]
    assert deletions == ["DELETE /tabs/{id}", "DELETE /sessions/{id}", "DELETE /kernels/{id}"]


def test_request_that_needs_a_broken_one_is_broken_too() -> None:
    rules = '[[rule]]\noperation = "POST /kernels"\nbody = { count = "many" }\n'
    paths = collection("kernels", "count") | collection("sessions", "kernel_id")
    paths["/kernels"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "properties"
    ] = {"count": {"type": "integer"}}
    problems = {entry.name: entry.problem or "" for entry in plan_for(paths, rules).entries}
    assert "breaks the contract" in problems["POST /kernels"]
    assert "which cannot be sent" in problems["DELETE /kernels/{id}"]
    assert "it needs" in problems["POST /sessions"]
