"""
Opaque tokens: random texts that are handed out once and kept as digests.
"""

import hashlib
import secrets
from dataclasses import dataclass

_HINT_LENGTH = 6


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """
    A new token: its text, the digest to keep, and a hint by which people tell tokens apart.
    """

    text: str
    digest: str
    hint: str


def new_token() -> OpaqueToken:
    """
    Return a new random token of 256 bits.
    """
    text = secrets.token_urlsafe(32)
    return OpaqueToken(text, digest_of(text), text[:_HINT_LENGTH])


def digest_of(text: str) -> str:
    """
    Return the digest under which a token is kept.
    """
    return hashlib.sha256(text.encode()).hexdigest()
