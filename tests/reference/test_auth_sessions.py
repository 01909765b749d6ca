"""
Signing in, refreshing, signing out.
"""

import httpx
import jwt
import pytest

from .world import PASSWORD, World, bearer, seed


@pytest.fixture
def fresh(world: World) -> World:
    """
    A world of its own: its users may be locked and signed out.
    """
    return seed(world.url, f"{world.tag}-{id(object()):x}")


def test_a_session_verifies_against_the_published_keys(
    world: World, anonymous: httpx.Client
) -> None:
    session = world.login("owner")
    keys = anonymous.get("/.well-known/jwks.json").json()
    assert len(keys["keys"]) == 2
    key = jwt.PyJWKSet.from_dict(keys)[session["kid"]]
    claims = jwt.decode(
        session["access_token"],
        key,
        algorithms=["EdDSA"],
        audience="agent-api",
        issuer="api-service",
    )
    assert claims["sub"] == f"user:{session['user_id']}"
    assert claims["tenant_id"] == world.tenant_id
    assert claims["roles"] == ["owner"]
    assert claims["scope"].split() == session["scopes"]
    assert "platform:operator" in session["scopes"]
    assert claims["token_use"] == "access"
    assert claims["sid"] == session["session_id"]
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["nbf"] == claims["iat"]


def test_refresh_claims_have_an_account_and_neither_roles_nor_audience(world: World) -> None:
    token = world.login("viewer")["refresh_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["account"] == claims["sub"]
    assert claims["token_use"] == "refresh"
    assert not {"roles", "aud"} & set(claims)
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3600


def test_known_keys_are_not_sent_again(anonymous: httpx.Client) -> None:
    first = anonymous.get("/.well-known/jwks.json")
    again = anonymous.get(
        "/.well-known/jwks.json", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, max-age=300"


def test_a_refresh_token_works_once_and_its_replay_does_not_kill_the_session(
    world: World, anonymous: httpx.Client
) -> None:
    session = world.login("member")
    first = _refresh(anonymous, session["refresh_token"])
    assert first.status_code == 200
    assert first.json()["session_id"] == session["session_id"]
    replay = _refresh(anonymous, session["refresh_token"])
    assert replay.status_code == 401
    assert "www-authenticate" not in replay.headers
    assert _refresh(anonymous, first.json()["refresh_token"]).status_code == 200


def test_tokens_are_not_interchangeable(world: World, anonymous: httpx.Client) -> None:
    session = world.login("member")
    assert _refresh(anonymous, session["access_token"]).status_code == 401
    me = anonymous.get("/api/v1/auth/me", headers=bearer(session["refresh_token"]))
    assert me.status_code == 401
    assert me.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", "é.é.é"])
def test_rubbish_is_no_token(anonymous: httpx.Client, token: str) -> None:
    header = {"Authorization": f"Bearer {token}".encode()}
    assert anonymous.get("/api/v1/auth/me", headers=header).status_code == 401  # type: ignore[arg-type]


def test_unsigned_and_foreign_tokens_are_refused(world: World, anonymous: httpx.Client) -> None:
    text = world.login("member")["access_token"]
    claims = jwt.decode(text, options={"verify_signature": False})
    kid = jwt.get_unverified_header(text)["kid"]
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": kid})
    symmetric = jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": kid})
    tampered = ".".join([*text.split(".")[:2], text.split(".")[2][::-1]])
    for token in (unsigned, symmetric, tampered):
        assert anonymous.get("/api/v1/auth/me", headers=bearer(token)).status_code == 401


def test_logout_kills_the_refresh_token_but_not_the_access_token(
    world: World, anonymous: httpx.Client
) -> None:
    session = world.login("member")
    headers = bearer(session["access_token"])
    body = {"refresh_token": session["refresh_token"]}
    out = anonymous.post("/api/v1/auth/logout", json=body, headers=headers)
    assert (out.status_code, out.json()["data"]) == (200, {"revoked": True})
    again = anonymous.post("/api/v1/auth/logout", json=body, headers=headers)
    assert (again.status_code, again.json()["data"]) == (200, {"revoked": False})
    assert _refresh(anonymous, session["refresh_token"]).status_code == 401
    assert anonymous.get("/api/v1/auth/me", headers=headers).status_code == 200


def test_nobody_logs_out_somebody_else(world: World, viewer: httpx.Client) -> None:
    theirs = world.login("member")["refresh_token"]
    for token in (theirs, "rubbish"):
        response = viewer.post("/api/v1/auth/logout", json={"refresh_token": token})
        assert response.status_code == 403


def test_logout_all_revokes_every_session(fresh: World, anonymous: httpx.Client) -> None:
    first, second = fresh.login("member"), fresh.login("member")
    headers = bearer(first["access_token"])
    out = anonymous.post("/api/v1/auth/logout/all", headers=headers)
    assert out.json()["data"] == {"revoked": 2}
    assert _refresh(anonymous, second["refresh_token"]).status_code == 401
    open_ones = anonymous.get("/api/v1/auth/sessions", headers=headers).json()
    every = anonymous.get("/api/v1/auth/sessions?include_revoked=true", headers=headers).json()
    assert (open_ones["total"], every["total"]) == (0, 2)


def test_a_session_is_listed_and_revoked_once(fresh: World, anonymous: httpx.Client) -> None:
    mine, other = fresh.login("member"), fresh.login("member")
    headers = bearer(mine["access_token"])
    listed = anonymous.get("/api/v1/auth/sessions", headers=headers).json()["sessions"]
    current = {item["id"]: item["current"] for item in listed}
    assert current == {mine["session_id"]: True, other["session_id"]: False}
    assert all(item["created_at"].endswith(("Z", "+00:00")) for item in listed)
    path = f"/api/v1/auth/sessions/{other['session_id']}"
    assert anonymous.delete(path, headers=headers).status_code == 200
    assert anonymous.delete(path, headers=headers).status_code == 404
    assert _refresh(anonymous, other["refresh_token"]).status_code == 401
    assert _refresh(anonymous, mine["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"password": "quite another one"}, 401),
        ({"password": "short"}, 422),
        ({"email": "nobody@example.com"}, 401),
        ({"tenant_id": "not-a-uuid"}, 401),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, 401),
    ],
)
def test_wrong_sign_ins_are_refused(
    fresh: World, anonymous: httpx.Client, change: dict[str, str], status: int
) -> None:
    body = {"email": fresh.email("member"), "password": PASSWORD} | change
    response = anonymous.post("/api/v1/auth/token", json=body, headers=_from("192.0.2.1"))
    assert response.status_code == status
    assert response.json()["success"] is False
    assert ("www-authenticate" in response.headers) is (status == 401)


def test_the_fifth_wrong_password_locks_until_seeding_resets_the_user(
    fresh: World, anonymous: httpx.Client
) -> None:
    wrong = {"email": fresh.email("member"), "password": "quite another one"}
    right = wrong | {"password": PASSWORD}
    statuses = [
        anonymous.post("/api/v1/auth/token", json=wrong, headers=_from("198.51.100.1")).status_code
        for _ in range(5)
    ]
    assert statuses == [401, 401, 401, 401, 423]
    locked = anonymous.post("/api/v1/auth/token", json=right)
    assert (locked.status_code, locked.json()["error"]) == (423, "Locked")
    seed(fresh.url, fresh.tag)
    assert anonymous.post("/api/v1/auth/token", json=right).status_code == 200


def test_a_network_of_many_failures_has_to_wait(anonymous: httpx.Client) -> None:
    body = {"email": "nobody@example.com", "password": "quite another one"}
    statuses = [
        anonymous.post("/api/v1/auth/token", json=body, headers=_from(f"203.0.113.{n}")).status_code
        for n in range(1, 52)
    ]
    assert statuses == [401] * 50 + [429]


def test_a_user_of_several_tenants_names_one(fresh: World, anonymous: httpx.Client) -> None:
    email = fresh.email("viewer")
    user = {"email": email, "password": PASSWORD, "role": "owner"}
    tenant = {"slug": f"second-{fresh.tag}", "name": "Second", "users": [user]}
    anonymous.post("/api/v1/test-fixtures/apply", json={"tenants": [tenant]})
    body = {"email": email, "password": PASSWORD}
    assert anonymous.post("/api/v1/auth/token", json=body).status_code == 400
    named = anonymous.post("/api/v1/auth/token", json=body | {"tenant_id": fresh.tenant_id})
    assert (named.status_code, named.json()["tenant_id"]) == (200, fresh.tenant_id)


def _refresh(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/api/v1/auth/refresh", json={"refresh_token": token})


def _from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}
