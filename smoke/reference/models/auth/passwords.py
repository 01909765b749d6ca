"""
Passwords and e-mail addresses: change, reset, verification.
"""

from uuid import UUID

from pydantic import BaseModel, EmailStr, Field

from ..password_strength import StrongPassword


class EmailVerificationConfirmRequest(BaseModel):
    """
    Payload for confirming the email verification token.
    """

    token: str = Field(min_length=1)


class EmailVerificationStatusResponseData(BaseModel):
    email_verified: bool


class EmailVerificationSendSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: EmailVerificationStatusResponseData | None = None


class PasswordChangeRequest(BaseModel):
    """
    Self-service password change payload.
    """

    current_password: str = Field(min_length=8)
    new_password: StrongPassword


class PasswordForgotRequest(BaseModel):
    """
    Initiate a password reset email.
    """

    email: EmailStr


class PasswordResetConfirmRequest(BaseModel):
    """
    Redeem a password reset token to set a new password.
    """

    token: str = Field(min_length=1)
    new_password: StrongPassword


class PasswordResetRequest(BaseModel):
    """
    Admin-initiated password reset payload.
    """

    user_id: UUID
    new_password: StrongPassword
