"""Presigned URLs: whoever holds one may do one thing with one object until it expires.

They stand in for those of an S3 provider: served by the service itself, outside its contract.
"""

import hashlib
import hmac
import time
from urllib.parse import quote, urlencode

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
