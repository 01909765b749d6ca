"""The contact form."""

from uuid import uuid4

from fastapi import APIRouter

from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.limits import CONTACT
from .models import ContactMessage
from .schemas import (
    ContactSubmissionRequest,
    ContactSubmissionResponse,
    ContactSubmissionSuccessResponse,
)

router = APIRouter(prefix="/api/v1/contact", tags=["contact"])


@router.post("", status_code=202)
async def submit_contact(
    body: ContactSubmissionRequest, service: Running, session: OpenSession, client: From
) -> ContactSubmissionSuccessResponse:
    """The message is kept; who fills the field that people do not see is not heard.

    Nothing is sent by mail here, so `delivered` is false.
    """
    service.limits.count_each(CONTACT, body.email, client.ip_address)
    fields = body.model_dump(exclude={"honeypot"})
    row = ContactMessage(id=uuid4(), ip_address=client.ip_address, **fields)
    if not body.honeypot:
        session.add(row)
    data = ContactSubmissionResponse(
        reference_id=str(row.id), delivered=False, suppressed=bool(body.honeypot)
    )
    return ContactSubmissionSuccessResponse(message="Message received.", data=data)
