"""AWS signatures (version 4): for services behind an API gateway that asks for them."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote

ALGORITHM = "AWS4-HMAC-SHA256"
# Headers that a proxy or a tracer may change, so that no signature covers them.
UNSIGNED = ("authorization", "connection", "user-agent", "traceparent", "transfer-encoding")


def _now() -> datetime:
    return datetime.now(UTC)


# The key signs the request and is never sent, so a recorded signature is of no use to others.
@dataclass(frozen=True)
class Signature:
    """Signs requests for one service in one region; `__call__` is an auth hook of httpx."""

    key_id: str
    secret: str = field(repr=False)
    service: str
    region: str
    token: str = field(default="", repr=False)
    clock: Callable[[], datetime] = _now

    def __call__(self, message: Any) -> Any:
        """Sign a request that is ready to be sent."""
        body = hashlib.sha256(message.read()).hexdigest()
        stamp = self.clock().strftime("%Y%m%dT%H%M%SZ")
        message.headers["x-amz-date"] = stamp
        if self.token:
            message.headers["x-amz-security-token"] = self.token
        if self.service == "s3":
            message.headers["x-amz-content-sha256"] = body
        names, canonical = self._canonical(message, body)
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signed = hmac.new(self._key(stamp[:8]), f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(),
                          hashlib.sha256).hexdigest()  # fmt: skip
        message.headers["authorization"] = (
            f"{ALGORITHM} Credential={self.key_id}/{scope}, SignedHeaders={names}, "
            f"Signature={signed}"
        )
        return message

    def _canonical(self, message: Any, body: str) -> tuple[str, str]:
        """The names of the signed headers, and the canonical request."""
        path, _, query = message.url.raw_path.decode("ascii").partition("?")
        # S3 takes the path as sent; every other service wants it encoded twice.
        if self.service != "s3":
            path = quote(path, safe="/~")
        pairs = sorted(
            (quote(name, safe="~"), quote(value, safe="~"))
            for name, value in parse_qsl(query, keep_blank_values=True)
        )
        headers = {
            name.lower(): " ".join(value.split())
            for name, value in message.headers.items()
            if name.lower() not in UNSIGNED
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        spelled = "&".join(f"{name}={value}" for name, value in pairs)
        return names, "\n".join([message.method, path or "/", spelled, lines, names, body])

    def _key(self, day: str) -> bytes:
        found = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            found = hmac.new(found, part.encode(), hashlib.sha256).digest()
        return found
