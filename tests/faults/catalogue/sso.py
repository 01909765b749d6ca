"""Single sign-on: a sign-in through an identity provider that goes wrong."""

from typing import Any
from uuid import uuid4

from tests.faults.entries import Fault, Proxied
from tests.faults.interference import changed, on, replied
from tests.faults.proxy import Answered, Asked, Forward, Interference

GROUP = "people"
SSO = "/api/v1/auth/sso"
PROVIDERS = f"GET {SSO}/providers"
START = f"POST {SSO}/{{provider}}/start"
CALLBACK = f"POST {SSO}/{{provider}}/callback"
CHECK = "sso.identity_provider_signs_in"
BROKEN = {"success": False, "error": "InternalServerError", "message": "No.", "details": None}


def _without_state(started: Any) -> None:
    started["authorize_url"] = started["authorize_url"].replace("&state=", "&status=")


def _twice(listed: Any) -> None:
    listed["providers"] *= 2


def _elsewhere(session: Any) -> None:
    session["tenant_id"] = str(uuid4())


def _somebody_else(session: Any) -> None:
    session["user_id"] = str(uuid4())


def _code_taken_twice() -> Interference:
    """A callback that is asked again gives the session of the first time again."""
    kept: list[Any] = []

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        if found.status == 200:
            kept.append(await found.json())
        elif kept:
            found.status = 200
            found.write_json(kept[0])
        return found

    return on(CALLBACK, interfere)()


ENTRIES = [
    Fault("sso_start_crashes", GROUP, "sso", Proxied(replied(START, 500, BROKEN)), CHECK),
    Fault("sso_state_is_lost", GROUP, "sso", Proxied(changed(START, _without_state)), CHECK),
    Fault("sso_provider_is_listed_twice", GROUP, "sso", Proxied(changed(PROVIDERS, _twice)), CHECK),
    Fault("sso_callback_crashes", GROUP, "sso", Proxied(replied(CALLBACK, 500, BROKEN)), CHECK),
    Fault("sso_code_is_taken_twice", GROUP, "sso", Proxied(_code_taken_twice), CHECK),
    Fault("sso_session_is_elsewhere", GROUP, "sso", Proxied(changed(CALLBACK, _elsewhere)), CHECK),
    Fault("sso_signs_in_another", GROUP, "sso", Proxied(changed(CALLBACK, _somebody_else)), CHECK),
]
