"""How strong a password must be: long, and of several kinds of characters."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, EmailStr, Field

from ..schemas import Success

_LEAST_KINDS = 3
_LEAST_DIFFERENT = 6


def _strong(password: str) -> str:
    kinds = (str.islower, str.isupper, str.isdigit, _is_symbol)
    if sum(any(map(kind, password)) for kind in kinds) < _LEAST_KINDS:
        raise ValueError(
            "Use three of the four kinds: lower case, upper case, digits, other characters."
        )
    if len(set(password)) < _LEAST_DIFFERENT:
        raise ValueError(f"Use at least {_LEAST_DIFFERENT} different characters.")
    return password


def _is_symbol(character: str) -> bool:
    return not character.isalnum()


StrongPassword = Annotated[str, Field(min_length=14), AfterValidator(_strong)]
"""A password of at least 14 characters that is not too simple."""


class EmailVerificationConfirmRequest(BaseModel):
    token: str = Field(min_length=1)


class EmailVerificationStatusResponseData(BaseModel):
    email_verified: bool


class EmailVerificationSendSuccessResponse(Success):
    data: EmailVerificationStatusResponseData | None = None


class PasswordChangeRequest(BaseModel):
    current_password: str = Field(min_length=8)
    new_password: StrongPassword


class PasswordForgotRequest(BaseModel):
    email: EmailStr


class PasswordResetConfirmRequest(BaseModel):
    token: str = Field(min_length=1)
    new_password: StrongPassword


class PasswordResetRequest(BaseModel):
    user_id: UUID
    new_password: StrongPassword
