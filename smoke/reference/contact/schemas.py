"""Requests and answers of the contact surface."""

from pydantic import BaseModel, EmailStr, Field

from ..schemas import Success


class ContactSubmissionRequest(BaseModel):
    name: str | None = Field(None, max_length=120)
    email: EmailStr
    company: str | None = Field(None, max_length=120)
    topic: str | None = Field(None, max_length=80)
    message: str = Field(min_length=10, max_length=2000)
    honeypot: str | None = Field(None, max_length=64)


class ContactSubmissionResponse(BaseModel):
    reference_id: str
    delivered: bool
    message_id: str | None = None
    suppressed: bool = False


class ContactSubmissionSuccessResponse(Success):
    data: ContactSubmissionResponse | None = None
