"""The webhook of the payment provider: it takes only what the provider has signed."""

import hashlib
import hmac
import time
from typing import Annotated

from fastapi import APIRouter, Header, Request

from .. import schemas
from ..service import Running
from ..web.errors import Refusal

# Seconds that a signature may be old, as Stripe recommends.
_TOLERANCE_S = 300

router = APIRouter(include_in_schema=False)


@router.post("/webhooks/stripe")
async def receive_event(
    request: Request,
    service: Running,
    stripe_signature: Annotated[str, Header()] = "",
) -> schemas.SuccessNoDataResponse:
    secret = service.settings.stripe_webhook_secret
    if not _is_signed(await request.body(), stripe_signature, secret):
        raise Refusal(400, "The signature is not valid.")
    # The embedded provider charges at once, so its events tell nothing new.
    return schemas.SuccessNoDataResponse(message="Event received.")


def _is_signed(payload: bytes, signature: str, secret: str) -> bool:
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    moment = parts.get("t", "")
    if not secret or not moment.isdecimal() or abs(time.time() - int(moment)) > _TOLERANCE_S:
        return False
    signed = hmac.new(secret.encode(), moment.encode() + b"." + payload, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), parts.get("v1", ""))
