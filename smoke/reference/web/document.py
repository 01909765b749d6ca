"""The OpenAPI document: what every operation documents without saying so itself."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from ..schemas import ErrorResponse, ValidationErrorResponse

# Python's own phrases differ between its versions, and the document must not.
_REFUSALS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": ErrorResponse, "description": "Error Response"},
    **{code: {"model": ErrorResponse, "description": text} for code, text in _REFUSALS.items()},
}
"""The answers that every operation documents besides its success."""
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
"""The documented success of an operation that streams."""
_INVALID = {
    "description": "Validation Error",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/ValidationErrorResponse"}}
    },
}


def frames_of(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the documented success of an operation that streams frames of a model."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {200: {"content": {"text/event-stream": {"schema": schema}}}}


def document(app: FastAPI, routers: Iterable[APIRouter]) -> dict[str, Any]:
    """Return the OpenAPI document of the application that serves these routers; computed once."""
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
        app.openapi_schema = _with_invalid_requests(whole)
    return app.openapi_schema


def _with_invalid_requests(whole: dict[str, Any]) -> dict[str, Any]:
    """Document 422 where there is something to be invalid: parameters or a body."""
    for item in whole["paths"].values():
        for operation in item.values():
            if "parameters" in operation or "requestBody" in operation:
                operation["responses"]["422"] = _INVALID
    template = "#/components/schemas/{model}"
    schema = ValidationErrorResponse.model_json_schema(ref_template=template)
    whole["components"]["schemas"]["ValidationErrorResponse"] = schema
    return whole
