"""Presigned URLs: whoever holds one may do one thing with one object until it expires.

They stand in for those of an S3 provider: served by the service itself, outside its contract.
"""

import hashlib
import hmac
import time
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Request

from ..service import Service
from ..settings import StorageProvider
from .models import StorageObject
from .object_store import MAX_OBJECT_BYTES

LIFETIME_S = 900
PATH = "/object-store"


def presigned_url(
    base_url: str, secret: bytes, *, method: str, path: str, content_type: str = ""
) -> str:
    """Return the URL at which `method` is allowed on an object's path for `LIFETIME_S` seconds.

    An upload must send the `Content-Type` that was signed.
    """
    expires = int(time.time()) + LIFETIME_S
    query = {
        "method": method,
        "expires": str(expires),
        "signature": _signature(secret, method, path, expires, content_type),
    }
    return f"{base_url.rstrip('/')}{PATH}/{quote(path)}?{urlencode(query)}"


def is_allowed(
    secret: bytes, *, method: str, path: str, expires: int, signature: str, content_type: str = ""
) -> bool:
    """Tell whether a presigned request is genuine and not expired."""
    genuine = _signature(secret, method, path, expires, content_type)
    return hmac.compare_digest(genuine.encode(), signature.encode()) and time.time() < expires


def _signature(secret: bytes, method: str, path: str, expires: int, content_type: str) -> str:
    text = "\n".join((method, path, str(expires), content_type))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


ALLOWED_TYPES = frozenset(
    {
        "application/json",
        "application/msword",
        "application/octet-stream",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/html",
        "text/markdown",
        "text/plain",
    }
)


def bucket_of(tenant_id: UUID) -> str:
    """Return the bucket of a tenant."""
    return f"agent-data-{tenant_id.hex}"


def object_key_of(tenant_id: UUID, object_id: UUID, filename: str) -> str:
    """Return the key of an object: its ids, then its file name without blanks and slashes."""
    name = "_".join(filename.replace("/", " ").replace("\\", " ").split())
    return f"{tenant_id}/{object_id}/{name}"


def is_too_large(size_bytes: int) -> bool:
    """Tell whether an announced size is above the limit."""
    return size_bytes > MAX_OBJECT_BYTES


def upload_url(request: Request, service: Service, row: StorageObject) -> str:
    """Return the URL at which the bytes of an object can be PUT, with its own content type."""
    return _url(request, service, row, "PUT", row.mime_type or "")


def download_url(request: Request, service: Service, row: StorageObject) -> str:
    """Return the URL at which the bytes of an object can be read."""
    return _url(request, service, row, "GET", "")


def _url(
    request: Request, service: Service, row: StorageObject, method: str, content_type: str
) -> str:
    path = f"{row.bucket}/{row.object_key}"
    if service.settings.storage_provider is StorageProvider.MEMORY:
        return f"memory://{path}"
    return presigned_url(
        str(request.base_url),
        service.keys.url_secret,
        method=method,
        path=path,
        content_type=content_type,
    )
