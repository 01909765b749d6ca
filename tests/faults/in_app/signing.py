"""A service that signs, or verifies, its tokens wrongly."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import api_jwt

from smoke.reference.auth import service as sign_in
from smoke.reference.database import now
from smoke.reference.security import tokens
from smoke.reference.security.passwords import Passwords
from smoke.reference.security.tokens import IssuedToken, Subject, Tokens
from tests.faults.in_app import Change, each, replace, wrap

Claims = dict[str, Any]
Verify = Callable[[Tokens, str, str], Claims]

_verified: Verify = Tokens.verified


def _unverified(text: str) -> Claims:
    """The claims as the token says them; times are checked, the signature is not."""
    claims: Claims = jwt.decode(text, options={"verify_signature": False, "verify_exp": True})
    return claims


def _leniently(when: Callable[[str, Claims], bool]) -> Change:
    """A verifier that lets a token pass unverified under some condition."""

    def verified(self: Tokens, text: str, use: str) -> Claims:
        try:
            return _verified(self, text, use)
        except tokens.TokenError:
            claims = _claims(text)
            if claims.get("token_use") == use and when(text, claims):
                return claims
            raise

    return replace(Tokens, "verified", verified)


def _claims(text: str) -> Claims:
    try:
        claims: Claims = jwt.decode(text, options={"verify_signature": False, "verify_exp": False})
    except jwt.PyJWTError:
        return {}
    return claims


def _alive(claims: Claims) -> bool:
    return bool(claims.get("exp", 0) > time.time())


signature_not_verified = _leniently(lambda _text, claims: _alive(claims))


def _accepted_with(remember: Callable[[str], str], accept: Callable[[str], bool]) -> Change:
    """A verifier with a cache: what it has seen under some key passes without another look."""
    seen: set[str] = set()

    def verified(self: Tokens, text: str, use: str) -> Claims:
        if use == "access" and accept(text) and remember(text) in seen:
            return _unverified(text)
        claims = _verified(self, text, use)
        if use == "access":
            seen.add(remember(text))
        return claims

    return replace(Tokens, "verified", verified)


cached_by_signature = _accepted_with(lambda text: text.rpartition(".")[2], lambda _text: True)


def _signed_by_somebody(text: str) -> bool:
    return jwt.get_unverified_header(text).get("alg") == "EdDSA"


cached_by_claims = _accepted_with(
    lambda text: json.dumps(_claims(text), sort_keys=True), _signed_by_somebody
)

unsigned_accepted = _leniently(
    lambda text, _claims: jwt.get_unverified_header(text).get("alg") == "none"
)

expired_trusted = _leniently(lambda _text, claims: not _alive(claims))


def _expiry_ignored() -> Change:
    decode: Any = jwt.decode

    def lenient(*arguments: Any, options: Claims | None = None, **named: Any) -> Any:
        return decode(*arguments, options={**(options or {}), "verify_exp": False}, **named)

    return replace(jwt, "decode", lenient)


expiry_ignored = _expiry_ignored()


def _any_use(self: Tokens, text: str, use: str) -> Claims:
    try:
        return _verified(self, text, use)
    except tokens.TokenError:
        claims = _verified(self, text, "refresh" if use == "access" else "access")
        return {"roles": ["owner"], **claims}


any_use = replace(Tokens, "verified", _any_use)


def _signed_with(algorithm: str, key: Any, kid: Callable[[str], str | None]) -> Change:
    """Tokens under another algorithm, which the service itself accepts."""

    def signed(self: Tokens, claims: Claims, lifetime: timedelta) -> IssuedToken:
        issued = int(now().timestamp())
        times = {"iat": issued, "nbf": issued, "exp": issued + int(lifetime.total_seconds())}
        own = self._keys.active.kid  # a fault may look inside
        named = kid(own)
        whole = claims | {"iss": tokens.ISSUER, "jti": "0" * 32} | times
        signing = key if key is not None else self._keys.active.private
        headers = {} if named is None else {"kid": named}
        text = jwt.encode(whole, signing, algorithm=algorithm, headers=headers)
        return IssuedToken(text, own, now() + lifetime)

    return each(
        replace(Tokens, "signed", signed),
        replace(Tokens, "verified", lambda _self, text, _use: _unverified(text)),
    )


other_algorithm = _signed_with("HS256", "a secret that two services share, 32+", lambda kid: kid)
without_kid = _signed_with("EdDSA", None, lambda _kid: None)
unknown_kid = _signed_with("EdDSA", None, lambda kid: f"{kid}-old")
of_seconds = replace(tokens, "ACCESS_LIFETIME", timedelta(seconds=6))
born_expired = replace(tokens, "ACCESS_LIFETIME", timedelta(seconds=-60))
other_issuer = replace(tokens, "ISSUER", "api-service-staging")
other_audience = replace(tokens, "AUDIENCE", ["support-console"])


def clock_off(seconds: int) -> Change:
    """A service with a wrong clock, for signing and for verifying alike."""
    offset = timedelta(seconds=seconds)

    class Moments(type):
        def __instancecheck__(cls, one: object) -> bool:
            return isinstance(one, datetime)  # claims of others have moments of the usual class

    class Clock(datetime, metaclass=Moments):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.fromtimestamp((datetime.now(UTC) + offset).timestamp(), tz)

    return each(
        replace(tokens, "now", lambda: datetime.now(UTC) + offset),
        replace(api_jwt, "datetime", Clock),
    )


def rotated_after(count: int) -> Change:
    """The next key signs after some tokens; both were published all the time."""
    left = [count]

    def turning(signed: Any) -> Any:
        def sign(self: Tokens, claims: Claims, lifetime: timedelta) -> IssuedToken:
            left[0] -= 1
            if left[0] < 0:
                self = Tokens(_Turned(self._keys))  # type: ignore[arg-type]
            issued: IssuedToken = signed(self, claims, lifetime)
            return issued

        return sign

    return wrap(Tokens, "signed", turning)


class _Turned:
    """Keys of which the next one signs."""

    def __init__(self, keys: Any) -> None:
        self.active = keys.next


def _any_password(_self: Passwords, stored: str | None, _password: str) -> bool:
    return stored is not None


password_not_checked = replace(Passwords, "matches", _any_password)
old_refresh_works = replace(sign_in, "is_current", lambda row, _token: row.revoked_at is None)
revoked_renews = replace(
    sign_in,
    "is_current",
    lambda row, token: hmac.compare_digest(row.refresh_digest, _digest(token)),
)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _same_refresh() -> Change:
    """Renewing hands the refresh token back that came in."""
    issued: dict[str, IssuedToken] = {}
    refresh = Tokens.refresh

    def repeated(self: Tokens, subject: Subject) -> IssuedToken:
        return issued.setdefault(str(subject.session_id), refresh(self, subject))

    return replace(Tokens, "refresh", repeated)


refresh_not_rotated = _same_refresh()


def _none_revoked(_session: Any, _user_id: Any) -> int:
    return 0


all_sessions_stay = replace(sign_in, "revoke_sessions", _none_revoked)


def _one_tenant_for_all() -> Change:
    """Whoever signs in is put into the tenant of whoever signed in first."""
    pair = sign_in._token_pair  # noqa: SLF001  # a fault may look inside
    default: list[Any] = []

    def put(service: Any, row: Any, user: Any, membership: Any) -> Any:
        default.append(row.tenant_id)
        row.tenant_id = default[0]
        return pair(service, row, user, membership)

    return replace(sign_in, "_token_pair", put)


one_tenant_for_all = _one_tenant_for_all()


def _as_shared_secret(self: Tokens, text: str, use: str) -> Claims:
    """What is signed with HS256 is verified with the public key as the secret (RFC 8725 §2.1)."""
    header = jwt.get_unverified_header(text)
    key = self._keys.by_kid(header.get("kid"))
    if header["alg"] != "HS256" or key is None:
        return _verified(self, text, use)
    secret = key.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signed, _, _ = text.rpartition(".")
    signature = urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).rstrip(b"=")
    if f"{signed}.{signature.decode()}" != text:
        raise tokens.TokenError("The signature is wrong.")
    return _unverified(text)


public_key_as_shared_secret = replace(Tokens, "verified", _as_shared_secret)
