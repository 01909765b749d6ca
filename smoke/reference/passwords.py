"""
Passwords as Argon2id hashes.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# OWASP Password Storage Cheat Sheet, Argon2id: 7 MiB, 5 iterations, 1 lane; of the choices that it
# holds for equal, the one that takes the least memory, which is what takes time on small machines.
_HASHER = PasswordHasher(time_cost=5, memory_cost=7_168, parallelism=1)
_NOBODY = _HASHER.hash("the password of nobody")


async def hash_password(password: str) -> str:
    """
    Return the password's hash; computed in a thread, about 25 ms of one core.
    """
    return await asyncio.to_thread(_HASHER.hash, password)


async def password_matches(stored: str | None, password: str) -> bool:
    """
    Tell whether the password belongs to the hash; as slow for nobody (`None`) as for somebody.
    """
    matches = await asyncio.to_thread(_verified, stored or _NOBODY, password)
    return matches and stored is not None


def _verified(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except VerifyMismatchError:
        return False
