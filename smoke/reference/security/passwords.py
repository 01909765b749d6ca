"""Passwords as Argon2id hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# Quick on purpose, and nothing to copy: the accounts are made for tests, and a run signs in thirty
# times. What keeps passwords of people follows the OWASP Password Storage Cheat Sheet.
_HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
_NOBODY = _HASHER.hash("the password of nobody")


def hash_password(password: str) -> str:
    """Return the password's hash."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """
    Tell whether the password belongs to the hash; as slow for nobody (`None`) as for somebody.
    """
    matches = _verified(stored or _NOBODY, password)
    return matches and stored is not None


def _verified(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except VerifyMismatchError:
        return False
