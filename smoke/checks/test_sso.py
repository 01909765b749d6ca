"""Single sign-on: a sign-in through an identity provider opens one session, once."""

from urllib.parse import parse_qs, urlsplit

from smoke import Actor, Caller, Exchange, Expect, LeftOutError, Run, World, exercises
from smoke.checks.accounts import not_limited, secret

PROVIDERS = "GET /api/v1/auth/sso/providers"
START = "POST /api/v1/auth/sso/{provider}/start"
CALLBACK = "POST /api/v1/auth/sso/{provider}/callback"
LOGOUT = "POST /api/v1/auth/logout"
ME = "GET /api/v1/users/me"
REDIRECTS = (302, 303)
REFUSED = (400, 401, 403, 409)
# What a request for a code must have (OpenID Connect Core 1.0 §3.1.2.1); empty: any value.
NEEDED = {"response_type": "code", "state": "", "client_id": "", "redirect_uri": ""}


@exercises(PROVIDERS, START, CALLBACK)
async def test_identity_provider_signs_in(
    world: World, disposable: Actor, anonymous: Caller, expect: Expect, run: Run
) -> None:
    """
    The provider's code opens a session of the tenant, once, and only with its own state.

    Else a page of an attacker could sign a victim in as somebody else (RFC 6749 §10.12).
    """
    tenant = {"tenant_id": world["tenant_id"]}
    providers = expect(await anonymous.call(PROVIDERS, query=tenant))
    keys = [str(key) for key in providers.values("/providers/*/provider_key")]
    providers.that("each provider once", len(set(keys)) == len(keys), keys)
    if not keys:
        raise LeftOutError("this deployment has no identity provider")
    # An account that is there already: a stranger's first sign-in would leave a new one behind.
    wanted = {**tenant, "login_hint": disposable.account.email}
    started = expect(not_limited(await anonymous.call(START, json=wanted, provider=keys[0])))
    url = str(started.value("/authorize_url"))
    asked = parse_qs(urlsplit(url).query)
    lacking = [n for n, v in NEEDED.items() if n not in asked or v not in (*asked[n], "")]
    started.that("a complete request for a code", not lacking, f"wrong or missing: {lacking}")
    stray = await _signed_in(anonymous, url)
    other = expect(not_limited(await anonymous.call(START, json=wanted, provider=keys[0])))
    stray["state"] = parse_qs(urlsplit(str(other.value("/authorize_url"))).query)["state"][0]
    secret(run, stray["code"])
    expect(await anonymous.call(CALLBACK, json=stray, provider=keys[0]), *REFUSED)
    answer = await _signed_in(anonymous, url)
    answer |= {"state": asked["state"][0]} if "state" not in answer else {}
    expect.that("the state that was sent", answer["state"] == asked["state"][0], answer["state"])
    secret(run, answer["code"])
    session = expect(await anonymous.call(CALLBACK, json=answer, provider=keys[0]), 200, 202)
    expect(await anonymous.call(CALLBACK, json=answer, provider=keys[0]), *REFUSED)
    if session.exchange.status == 200:
        session.holds("/tenant_id", world["tenant_id"])
        caller = anonymous.bearing(secret(run, session.value("/access_token")))
        refresh = secret(run, session.value("/refresh_token"))
        expect(await caller.call(ME)).holds("/data/user_id", session.value("/user_id"))
        expect(await caller.call(LOGOUT, json={"refresh_token": refresh}))


async def _signed_in(anonymous: Caller, url: str) -> dict[str, str]:
    """
    Return the code and the state with which a provider sends the browser back.

    Raises:
        LeftOutError: the provider wants a person, or cannot be reached from here.
    """
    page: Exchange = await anonymous.fetch("GET", url)
    back = parse_qs(urlsplit(page.headers.get("location", "")).query)
    if page.status not in REDIRECTS or "code" not in back:
        raise LeftOutError(f"the identity provider wants a person to sign in: {page.status}")
    return {name: back[name][0] for name in ("code", "state") if name in back}
