"""A contract with examples everywhere."""

from typing import Any

from tests.planning import operation, thing


def fleet() -> dict[str, Any]:
    """A contract that has examples everywhere, and no security: cars are made and changed."""
    car = thing("id", "name") | {"example": {"id": "c1", "name": "Herbie"}}
    body = thing("name") | {"example": {"name": "Herbie"}}
    one = {"parameters": [{"name": "id", "in": "path", "required": True,
                           "schema": {"type": "string"}}]}  # fmt: skip
    post = operation(car, body)
    post["responses"] = {"201": post["responses"]["200"]}
    paths = {
        "/cars": {"get": operation({"type": "array", "items": car}), "post": post},
        "/cars/{id}": {
            **one,
            "get": operation(car),
            "patch": operation(car, body),
            "delete": operation(),
        },
    }
    info = {"title": "fleet", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths}
