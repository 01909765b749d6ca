"""
Ids as a provider writes them: a prefix for the kind of thing, and hexadecimal digits.
"""

from uuid import UUID

FILE, CONTAINER, VECTOR_STORE = "file-", "cntr_", "vs_"


def provider_id(kind: str, own_id: UUID) -> str:
    """
    Return the id under which a thing is known outside.
    """
    return f"{kind}{own_id.hex}"


def own_id(kind: str, text: str) -> UUID | None:
    """
    Return the id that the outside one stands for; None where it cannot be one.
    """
    digits = text.removeprefix(kind)
    try:
        return UUID(hex=digits) if text.startswith(kind) and len(digits) == 32 else None
    except ValueError:
        return None
