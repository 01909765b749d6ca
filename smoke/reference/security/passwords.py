"""Passwords as Argon2id hashes."""

import time

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# Quick on purpose, and nothing to copy: the accounts are made for tests, and a run signs in thirty
# times. What keeps passwords of people follows the OWASP Password Storage Cheat Sheet.
_HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
_NOBODY = _HASHER.hash("a password that no account has")

_LEAST_KINDS = 3
_LEAST_DIFFERENT = 6


class Passwords:
    """Hashes and verifies; each hash may hold the event loop as long as bcrypt does elsewhere."""

    def __init__(self, hash_ms: int) -> None:
        self._hash_s = hash_ms / 1000

    def spend(self) -> None:
        """Take the time of a hash, without its work: for refresh tokens, too."""
        if self._hash_s:
            time.sleep(self._hash_s)

    def hash(self, password: str) -> str:
        """Return a password's hash."""
        self.spend()
        return _HASHER.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password belongs to a hash; as slow for no account (`None`) as for one."""
        self.spend()
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except VerifyMismatchError:
            return False
        return stored is not None


def require_strong(password: str) -> str:
    """Return a password; ValueError for too few kinds of characters, or too few different ones."""
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
