"""Routes of the unlike services: a table of methods, paths and the names of their handlers."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Depends

# `METHOD /path`, the name of the handler, and the status of its success.
Route = tuple[str, str, int]


def router_of(
    service: object, routes: Sequence[Route], *needs: Callable[..., Any], prefix: str = ""
) -> APIRouter:
    """The routes of a service, each after what it needs, such as a key."""
    router = APIRouter(prefix=prefix, dependencies=[Depends(need) for need in needs])
    for operation, name, status in routes:
        method, _, path = operation.partition(" ")
        handler = getattr(service, name)
        router.add_api_route(path, handler, methods=[method], status_code=status)
    return router
