"""Single sign-on through the identity provider inside the service."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest

from smoke.reference.sso.identity_provider import IdentityProvider, challenge_of

from .process import ServiceProcess, client
from .world import World, bearer

SSO = "/api/v1/auth/sso"


def _redirect(anonymous: httpx.Client, world: World, email: str) -> dict[str, str]:
    body = {"tenant_id": world.tenant_id, "login_hint": email}
    url = anonymous.post(f"{SSO}/reference/start", json=body).json()["authorize_url"]
    back = anonymous.get(url)
    assert back.status_code == 302
    query = parse_qs(urlsplit(back.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_a_tenant_has_a_provider(anonymous: httpx.Client, world: World) -> None:
    for query in ({"tenant_id": world.tenant_id}, {"tenant_slug": world.slug}):
        listed = anonymous.get(f"{SSO}/providers", params=query).json()
        assert [one["provider_key"] for one in listed["providers"]] == ["reference"]
    both = {"tenant_id": world.tenant_id, "tenant_slug": world.slug}
    for wrong, status in (({}, 400), (both, 400), ({"tenant_slug": "none"}, 404)):
        assert anonymous.get(f"{SSO}/providers", params=wrong).status_code == status


def test_a_new_user_signs_in_as_a_member(
    anonymous: httpx.Client, service: ServiceProcess, world: World
) -> None:
    email = f"sso-{uuid4().hex[:8]}@example.com"
    answer = _redirect(anonymous, world, email)
    session = anonymous.post(f"{SSO}/reference/callback", json=answer)
    assert session.status_code == 200
    assert session.json()["tenant_id"] == world.tenant_id
    with client(service.url, bearer(session.json()["access_token"])) as user:
        profile = user.get("/api/v1/users/me").json()["data"]
    assert (profile["email"], profile["role"]) == (email, "member")
    assert profile["email_verified"] is True


def test_a_callback_is_good_once(anonymous: httpx.Client, world: World) -> None:
    answer = _redirect(anonymous, world, world.email("viewer"))
    callback = f"{SSO}/reference/callback"
    assert anonymous.post(callback, json=answer | {"state": "other"}).status_code == 400
    assert anonymous.post(callback, json=answer).status_code == 200
    assert anonymous.post(callback, json=answer).status_code == 400


def test_code_and_state_belong_together(anonymous: httpx.Client, world: World) -> None:
    one, other = (_redirect(anonymous, world, world.email("viewer")) for _ in range(2))
    mixed = {"code": one["code"], "state": other["state"]}
    assert anonymous.post(f"{SSO}/reference/callback", json=mixed).status_code == 400


def test_the_provider_may_be_missing(anonymous: httpx.Client, world: World) -> None:
    body = {"tenant_id": world.tenant_id}
    assert anonymous.post(f"{SSO}/unknown/start", json=body).status_code == 404


def test_a_code_needs_its_verifier_and_is_good_once() -> None:
    provider = IdentityProvider()
    issuer = "http://127.0.0.1/identity-provider"
    code = provider.grant(issuer, "ann@example.com", "n", challenge_of("right"))
    assert provider.redeem(code, "wrong") is None
    code = provider.grant(issuer, "ann@example.com", "n", challenge_of("right"))
    token = provider.redeem(code, "right")
    assert token is not None
    assert provider.redeem(code, "right") is None
    assert jwt.get_unverified_header(token)["alg"] == "ES256"
    assert provider.claims_of(token, issuer)["email"] == "ann@example.com"
    with pytest.raises(jwt.InvalidIssuerError):
        provider.claims_of(token, "http://elsewhere/identity-provider")
    with pytest.raises(jwt.InvalidSignatureError):
        IdentityProvider().claims_of(token, issuer)
