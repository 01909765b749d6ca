"""Time-based one-time passwords: RFC 6238 with SHA-1, six digits, steps of 30 seconds."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
_WINDOW = 1
_SECRET_BYTES = 20


def new_secret() -> str:
    """Return a new secret as base32 text, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, unix_s: float) -> str:
    """Return the code of a moment (RFC 4226 section 5.3 over the step number)."""
    step = int(unix_s // STEP_S).to_bytes(8, "big")
    mac = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matches(secret: str, code: str, unix_s: float) -> bool:
    """Tell whether a code is that of a moment, or of one step before or after it."""
    steps = range(-_WINDOW, _WINDOW + 1)
    codes = [code_at(secret, unix_s + step * STEP_S) for step in steps]
    return any(hmac.compare_digest(one.encode(), code.encode()) for one in codes)


def otpauth_url(secret: str, issuer: str, account: str) -> str:
    """Return the URL that authenticator apps read from a QR code."""
    label = quote(f"{issuer}:{account}", safe="")
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_S})
    return f"otpauth://totp/{label}?{query}"
