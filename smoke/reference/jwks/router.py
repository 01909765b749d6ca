"""The published signing keys (RFC 7517)."""

from email.utils import format_datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ..service import Running

router = APIRouter(include_in_schema=False)


@router.get("/.well-known/jwks.json")
async def jwks(request: Request, service: Running) -> Response:
    keys = service.keys
    headers = {
        "Cache-Control": "public, max-age=300",
        "ETag": keys.etag(),
        "Last-Modified": format_datetime(keys.created_at, usegmt=True),
    }
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if keys.etag() in known:
        return Response(status_code=304, headers=headers)
    return JSONResponse(keys.key_set(), headers=headers)
