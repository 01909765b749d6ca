"""Refusals, and the one envelope in which every one of them is answered."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

Thing = TypeVar("Thing")
_WORDS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Gone",
    413: "PayloadTooLarge",
    423: "Locked",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
}


class Refusal(Exception):  # noqa: N818  # a refusal is an answer, not a fault of the service
    """A request is answered with a status of 400 or more, in the error envelope."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.headers = headers


bad_request = partial(Refusal, 400)
forbidden = partial(Refusal, 403)
conflict = partial(Refusal, 409)


def unauthorized(message: str, *, challenge: bool = True) -> Refusal:
    """Return the refusal of a caller who is not known: 401, with a Bearer challenge."""
    headers = {"WWW-Authenticate": "Bearer"} if challenge else None
    return Refusal(401, message, headers=headers)


def not_found(what: str) -> Refusal:
    """Return the refusal for something the caller cannot see: 404."""
    return Refusal(404, f"{what} not found.")


def found(thing: Thing | None, what: str) -> Thing:
    """Return what was looked for; 404 when it is not there."""
    if thing is None:
        raise not_found(what)
    return thing


def too_many_requests(message: str, *, retry_after_s: int | None = None) -> Refusal:
    """Return the refusal of a caller who asks too often: 429."""
    headers = None if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Refusal(429, message, headers=headers)


def answer_errors(app: FastAPI) -> None:
    """Make the application answer refusals, invalid requests and crashes in the envelope.

    An unknown path or method keeps the framework's own `{"detail": …}`.
    """
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _crashed)


def envelope(status: int, message: str, details: Any = None) -> dict[str, Any]:
    """Return the error body of a status."""
    word = _WORDS.get(status, "HTTPException")
    return {"success": False, "error": word, "message": message, "details": details}


def _refused(_request: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)  # noqa: S101  # registered for this class only
    body = envelope(refusal.status, refusal.message, refusal.details)
    return JSONResponse(body, refusal.status, refusal.headers)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class only
    details = [
        {key: item[key] for key in ("type", "loc", "msg", "input", "ctx") if key in item}
        for item in error.errors()
    ]
    body = envelope(
        422, "Request validation failed.", jsonable_encoder(details, custom_encoder=_TEXT)
    )
    return JSONResponse(body | {"error": "ValidationError"}, 422)


def _crashed(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse(envelope(500, "An unexpected error occurred."), 500)


_TEXT: dict[Any, Callable[[Any], Any]] = {
    Exception: str,
    bytes: lambda value: value.decode("utf-8", "replace"),
}
