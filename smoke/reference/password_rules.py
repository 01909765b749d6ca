"""
Which passwords people may choose, and how one replaces another.
"""

from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import bad_request, unauthorized
from .passwords import hash_password, password_matches
from .service import Service
from .sign_in import revoke_sessions
from .tables.auth import LoginFailure
from .tables.preferences import FormerPassword
from .tables.users import User

REMEMBERED = 5
"""How many passwords, the present one among them, must not be chosen again."""


async def require_password(service: Service, user_id: UUID, password: str) -> None:
    """
    Refuse a caller who does not know the user's present password: 401, without a challenge.
    """
    async with service.database.reading() as session:
        user = await session.get(User, user_id)
    if not await password_matches(user.password_hash if user else None, password):
        raise unauthorized("The current password is wrong.", challenge=False)


async def hash_of_new(service: Service, user_id: UUID, password: str) -> str:
    """
    Return the hash of a password that the user may choose.

    Raises:
        Refusal: 400, it is one of the user's last five.
    """
    async with service.database.reading() as session:
        user = await session.get(User, user_id)
        former = list(await session.scalars(_newest_former(user_id)))
    known = [user.password_hash] if user else []
    for stored in known + [row.password_hash for row in former[: REMEMBERED - 1]]:
        if await password_matches(stored, password):
            raise bad_request("The password was used before. Choose another one.")
    return await hash_password(password)


async def replace_password(session: AsyncSession, user: User, password_hash: str) -> None:
    """
    Give a user a new password; the old one is remembered, and every session and lock ends.
    """
    session.add(FormerPassword(user_id=user.id, password_hash=user.password_hash))
    await session.flush()
    forgotten = list(await session.scalars(_newest_former(user.id)))[REMEMBERED - 1 :]
    for row in forgotten:
        await session.delete(row)
    user.password_hash = password_hash
    await revoke_sessions(session, user.id)
    await session.execute(delete(LoginFailure).where(LoginFailure.user_id == user.id))


def _newest_former(user_id: UUID) -> Select[FormerPassword]:
    query = select(FormerPassword).where(FormerPassword.user_id == user_id)
    return query.order_by(FormerPassword.id.desc())
