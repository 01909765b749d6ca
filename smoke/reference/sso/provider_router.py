"""The page of the identity provider, outside the service's contract."""

import secrets
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from ..service import Running
from ..web.errors import bad_request
from .identity_provider import CLIENT_ID, PATH, REDIRECT_URI

router = APIRouter(prefix=PATH, include_in_schema=False)


def issuer_of(request: Request) -> str:
    """Return the issuer under the address at which the service was asked."""
    return f"{str(request.base_url).rstrip('/')}{PATH}"


@router.get("/authorize")
async def authorize(
    request: Request,
    service: Running,
    client_id: str,
    redirect_uri: str,
    response_type: str,
    state: str,
    nonce: str,
    code_challenge: str,
    code_challenge_method: str,
    login_hint: str = "",
) -> RedirectResponse:
    """Sign a user in and send the browser back with a code."""
    if client_id != CLIENT_ID or redirect_uri != REDIRECT_URI:
        raise bad_request("The client or its redirect address is unknown.")
    if response_type != "code" or code_challenge_method != "S256":
        raise bad_request("Only the code flow with an S256 challenge is possible.")
    email = login_hint if "@" in login_hint else f"sso-{secrets.token_hex(4)}@example.com"
    code = service.identity_provider.grant(issuer_of(request), email, nonce, code_challenge)
    return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)
