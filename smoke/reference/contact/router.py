"""The contact form."""

from fastapi import APIRouter

from .. import schemas
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.limits import CONTACT
from .service import keep_message

router = APIRouter(prefix="/api/v1/contact", tags=["contact"])


@router.post("", status_code=202)
async def submit_contact(
    body: schemas.ContactSubmissionRequest, service: Running, session: OpenSession, client: From
) -> schemas.ContactSubmissionSuccessResponse:
    service.limits.count_each(CONTACT, body.email, client.ip_address)
    reference_id = keep_message(session, body, client)
    data = schemas.ContactSubmissionResponse(
        reference_id=reference_id, delivered=False, suppressed=bool(body.honeypot)
    )
    return schemas.ContactSubmissionSuccessResponse(message="Message received.", data=data)
