"""The OpenAPI document: what every operation documents without saying so itself."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from .. import schemas
from ..schemas import CONTRACT

_REFUSALS = (400, 401, 403, 404, 409, 413, 429, 500, 502, 503)
# The answers that every operation documents besides its success.
RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"model": schemas.ErrorResponse, "description": "An error."}
    for code in ("default", *_REFUSALS)
}
# The documented success of an operation that streams.
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
_INVALID = {
    "description": "Validation Error",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/ValidationErrorResponse"}}
    },
}


def stream_of(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the documented success of an operation that streams frames of a model."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {200: {"content": {"text/event-stream": {"schema": schema}}}}


def document(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """Return the OpenAPI document of the application that serves these routers; computed once.

    What it says in words is taken from the contract, so that no text is kept in two places.
    """
    if app.openapi_schema is None:
        documented = APIRouter()
        for router in routers:
            documented.include_router(router, responses=RESPONSES)
        whole = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=documented.routes,
            separate_input_output_schemas=False,
        )
        contract = json.loads(CONTRACT.read_bytes())
        _add_headers(whole, routers)
        app.openapi_schema = worded(_with_invalid_requests(whole), contract)
    return app.openapi_schema


def _add_headers(whole: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    """Document the headers that dependencies read by themselves and name in `headers`."""
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = whole["paths"][route.path_format][method.lower()]
                if names := _headers_of(route.dependant):
                    parameters = operation.setdefault("parameters", [])
                    parameters.extend(_header(name) for name in names)


def _headers_of(dependant: Dependant) -> list[str]:
    inner = [name for one in dependant.dependencies for name in _headers_of(one)]
    return [*getattr(dependant.call, "headers", ()), *inner]


def _header(name: str) -> dict[str, Any]:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return {"name": name, "in": "header", "required": False, "schema": schema}


def _with_invalid_requests(whole: dict[str, Any]) -> dict[str, Any]:
    """Document 422 where there is something to be invalid: parameters or a body."""
    for item in whole["paths"].values():
        for operation in item.values():
            if "parameters" in operation or "requestBody" in operation:
                operation["responses"]["422"] = _INVALID
    template = "#/components/schemas/{model}"
    schema = schemas.ValidationErrorResponse.model_json_schema(ref_template=template)
    whole["components"]["schemas"]["ValidationErrorResponse"] = schema
    return whole


def worded(own: Any, contract: Any) -> Any:
    """Return a part of the document with the texts that the same part of the contract has."""
    if isinstance(own, list) and isinstance(contract, list) and len(own) == len(contract):
        own = sorted(own, key=_place_in(contract))
        return [worded(*pair) for pair in zip(own, contract, strict=True)]
    if not isinstance(own, dict) or not isinstance(contract, dict):
        return own
    # A property may be called "title": its value is a schema, not a text.
    own_parts = {key: value for key, value in own.items() if not _is_text(key, value)}
    words = {key: value for key, value in contract.items() if _is_text(key, value)}
    return {key: worded(value, contract.get(key)) for key, value in own_parts.items()} | words


def _place_in(contract: list[Any]) -> Callable[[Any], int]:
    """Return the place of a parameter in the contract; anything else stays where it is."""
    names = [one.get("name") for one in contract if isinstance(one, dict) and "in" in one]
    return lambda one: names.index(one["name"]) if names and one.get("name") in names else 0


def _is_text(key: str, value: object) -> bool:
    return key in ("description", "title", "summary") and isinstance(value, str)
