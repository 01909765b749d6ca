"""Auth and keys: who gets in who must not, and tokens that cannot be trusted."""

import base64
import secrets
from typing import Any

from tests.faults.catalogue.operations import JWKS, LOGOUT, ME, REVOKE, SESSIONS, TOKEN
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import signing
from tests.faults.interference import (
    asked_otherwise,
    changed,
    every,
    header,
    page,
    pretended,
    replied,
    shared,
    stale,
)
from tests.faults.proxy import Asked

GROUP = "auth and keys"
SIGNED_IN = "jwks.token_is_signed_with_a_published_key"
DRIFT = "Signing drift"


def _other_key(keys: Any) -> None:
    for key in keys["keys"]:
        key["x"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def _old_keys(keys: Any) -> None:
    for key in keys["keys"]:
        key["kid"] = f"{key['kid']}-old"


def _next_key_only(keys: Any) -> None:
    del keys["keys"][0]


def _following_key_is_new(keys: Any) -> None:
    keys["keys"][1]["kid"] = secrets.token_hex(8)


def _private_part(keys: Any) -> None:
    keys["keys"][0]["d"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _one_id_for_all(keys: Any) -> None:
    keys["keys"][1]["kid"] = keys["keys"][0]["kid"]


def _somebody_else(me: Any) -> None:
    me["data"]["user_id"] = "00000000-0000-4000-8000-000000000000"


def _logged_out(_asked: Asked) -> tuple[int, Any]:
    data = {"revoked": True}
    return 200, {"success": True, "message": "Session revoked.", "data": data}


ENTRIES = [
    Fault(
        "jwks_has_another_key", GROUP, "jwks",
        Proxied(changed(JWKS, _other_key)), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "jwks_cache_is_stale", GROUP, "jwks",
        Proxied(changed(JWKS, _old_keys)), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "active_key_is_not_published", GROUP, "jwks",
        Proxied(changed(JWKS, _next_key_only)), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "each_worker_has_its_own_key", GROUP, "jwks",
        Proxied(every(2, JWKS, changed(JWKS, _other_key))), caught_by="jwks.*",
    ),
    Fault(
        "each_worker_makes_its_own_next_key", GROUP, "jwks",
        Proxied(changed(JWKS, _following_key_is_new)), caught_by=SIGNED_IN,
        says="the same keys as a moment ago",
    ),
    Fault(
        "jwks_is_empty", GROUP, "jwks",
        Proxied(changed(JWKS, lambda _keys: {"keys": []})), caught_by="jwks.*",
    ),
    Fault(
        "jwks_shows_the_private_key", GROUP, "jwks",
        Proxied(changed(JWKS, _private_part)), caught_by="jwks.published_keys_are_public_only",
    ),
    Fault(
        "jwks_names_two_keys_alike", GROUP, "jwks",
        Proxied(changed(JWKS, _one_id_for_all)), caught_by="jwks.published_keys_are_public_only",
    ),
    Fault(
        "jwks_etag_is_missing", GROUP, "jwks",
        Proxied(header(JWKS, "etag")), caught_by="jwks.keys_can_be_cached",
    ),
    Fault(
        "jwks_is_never_unchanged", GROUP, "jwks",
        Proxied(asked_otherwise(JWKS, lambda asked: asked.drop("if-none-match"))),
        caught_by="jwks.keys_can_be_cached",
    ),
    Fault(
        "tokens_without_kid", GROUP, "jwks",
        InApp(signing.without_kid), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "tokens_with_an_unknown_kid", GROUP, "jwks",
        InApp(signing.unknown_kid), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "answer_names_another_kid", GROUP, "jwks",
        Proxied(changed(TOKEN, lambda session: {**session, "kid": "ed25519-another"})),
        caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "algorithm_changed_to_hs256", GROUP, "jwks",
        InApp(signing.other_algorithm), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "tokens_live_for_seconds", GROUP, "sessions",
        InApp(signing.of_seconds), caught_by="sessions.session_ends_when_it_says",
    ),
    Fault(
        "tokens_born_expired", GROUP, "jwks",
        InApp(signing.born_expired), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "clock_five_minutes_ahead", GROUP, "jwks",
        InApp(signing.clock_off(300)), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "clock_an_hour_behind", GROUP, "jwks",
        InApp(signing.clock_off(-3600)), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "issuer_of_another_deployment", GROUP, "jwks",
        InApp(signing.other_issuer), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "audience_lacks_the_api", GROUP, "jwks",
        InApp(signing.other_audience), caught_by=SIGNED_IN, says=DRIFT,
    ),
    Fault(
        "nobody_can_sign_in", GROUP, "auth",
        Proxied(page(TOKEN, 500, '{"detail": "no connection to the password store"}',
                     "application/json")),
        caught_by=SIGNED_IN, says="could not sign in",
        why="the first sign-in of a run is for the token that the keys are checked with",
    ),
    Fault(
        "any_password_signs_in", GROUP, "auth",
        InApp(signing.password_not_checked), caught_by="auth.wrong_password_is_refused",
    ),
    Fault(
        "me_is_somebody_else", GROUP, "auth",
        Proxied(changed(ME, _somebody_else)), caught_by="auth.owner_is_who_the_token_says",
    ),
    Fault(
        "me_is_cached_for_all", GROUP, "auth",
        Proxied(shared(ME)), caught_by="auth.*",
    ),
    Fault(
        "refresh_not_rotated", GROUP, "auth",
        InApp(signing.refresh_not_rotated), caught_by="sessions.refresh_token_rotates",
    ),
    Fault(
        "old_refresh_token_works", GROUP, "auth",
        InApp(signing.old_refresh_works), caught_by="sessions.refresh_token_rotates",
    ),
    Fault(
        "revoked_session_still_renews", GROUP, "auth",
        InApp(signing.revoked_renews), caught_by="sessions.signed_out_session_cannot_be_renewed",
    ),
    Fault(
        "logout_does_nothing", GROUP, "auth",
        Proxied(pretended(LOGOUT, _logged_out)),
        caught_by="sessions.signed_out_session_cannot_be_renewed",
    ),
    Fault(
        "logout_everywhere_does_nothing", GROUP, "auth",
        InApp(signing.all_sessions_stay),
        caught_by="members.signing_out_everywhere_ends_every_session",
    ),
    Fault(
        "revoking_a_session_does_nothing", GROUP, "auth",
        Proxied(pretended(REVOKE, _logged_out)), caught_by="sessions.revoked_session_is_over",
    ),
    Fault(
        "sessions_are_not_listed", GROUP, "auth",
        Proxied(changed(SESSIONS, lambda page: {**page, "sessions": [], "total": 0})),
        caught_by="sessions.revoked_session_is_over",
    ),
    Fault(
        "sessions_are_read_stale", GROUP, "auth",
        Proxied(stale(SESSIONS)), caught_by="sessions.revoked_session_is_over",
    ),
    Fault(
        "refresh_token_calls_operations", GROUP, "auth",
        InApp(signing.any_use), caught_by="auth.tokens_are_for_one_use",
    ),
    Fault(
        "signature_not_verified", GROUP, "auth",
        InApp(signing.signature_not_verified), caught_by="auth.forged_token_is_refused[tampered]",
    ),
    Fault(
        "verification_cached_by_signature", GROUP, "auth",
        InApp(signing.cached_by_signature), caught_by="auth.forged_token_is_refused[tampered]",
    ),
    Fault(
        "verification_cached_by_claims", GROUP, "auth",
        InApp(signing.cached_by_claims), caught_by="auth.forged_token_is_refused[foreign]",
    ),
    Fault(
        "unsigned_token_accepted", GROUP, "auth",
        InApp(signing.unsigned_accepted), caught_by="auth.forged_token_is_refused[unsigned]",
    ),
    Fault(
        "expired_token_skips_verification", GROUP, "auth",
        InApp(signing.expired_trusted), caught_by="auth.forged_token_is_refused[expired]",
    ),
    Fault(
        "expiry_not_verified", GROUP, "auth",
        InApp(signing.expiry_ignored), caught_by="auth.forged_token_is_refused[expired]",
        missed="a run of seconds has no token that the service signed and that has expired: it "
        "would have to wait for half an hour",
    ),
    Fault(
        "sign_in_is_rate_limited", GROUP, "auth",
        Proxied(replied(TOKEN, 429, {"success": False, "error": "TooManyRequests",
                                     "message": "Too many failed sign-ins.", "details": None})),
        caught_by=SIGNED_IN, says="could not sign in",
        why="the first sign-in of a run is for the token that the keys are checked with",
    ),
]  # fmt: skip
