"""
Accepting an invitation into a tenant, with a new account or with one's own.
"""

from fastapi import APIRouter
from sqlalchemy import select

from ..activity import record_activity
from ..client_info import From
from ..errors import conflict, forbidden
from ..models.shared import UserSessionResponse
from ..models.tenants import (
    TeamInviteAcceptExistingRequest,
    TeamInviteAcceptRequest,
    TeamInviteResponse,
)
from ..passwords import hash_password
from ..principals import SignedIn
from ..service import Running, Session
from ..sign_in import open_session
from ..tables.users import Membership, User
from ..team_invites import invite_view, redeem_invite, usable_invite

router = APIRouter(prefix="/api/v1/tenants/invites/accept", tags=["tenants"])


@router.post("", status_code=201)
async def accept_invite(
    body: TeamInviteAcceptRequest, service: Running, client: From
) -> UserSessionResponse:
    """
    An account is made for the invited address, verified by the token, and a session begins.
    """
    async with service.database.reading() as session:
        await usable_invite(session, body.token)
    password_hash = await hash_password(body.password)
    async with service.database.writing() as session:
        row = await usable_invite(session, body.token)
        if await session.scalar(select(User.id).where(User.email == row.invited_email)):
            raise conflict("The address has an account. Sign in and accept as that user.")
        user = User(
            email=row.invited_email,
            password_hash=password_hash,
            display_name=body.display_name,
            email_verified=True,
        )
        session.add(user)
        await session.flush()
        membership = redeem_invite(session, row, user.id)
        record_activity(
            session, row.tenant_id, user.id, "tenant.invite.accepted", actor_role=row.role,
            object_type="invite", object_id=row.id,
        )  # fmt: skip
        return open_session(service, session, user, membership, client)


@router.post("/current")
async def accept_invite_existing_user(
    principal: SignedIn, body: TeamInviteAcceptExistingRequest, session: Session
) -> TeamInviteResponse:
    """
    The caller becomes a member; 403 when somebody else was invited, 409 for a member.
    """
    row = await usable_invite(session, body.token)
    user = await session.get(User, principal.user_id)
    if user is None or user.email != row.invited_email:
        raise forbidden("The invite is for another e-mail address.")
    if await session.get(Membership, (row.tenant_id, user.id)):
        raise conflict("The caller is a member already.")
    redeem_invite(session, row, user.id)
    await session.flush()
    return TeamInviteResponse(**invite_view(row))
