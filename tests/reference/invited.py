"""
Accounts that a test makes for itself, by invitation.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from .process import client
from .world import World, bearer

STRONG = "A strong password 1!"


@dataclass(frozen=True)
class Invited:
    """
    Somebody who accepted an invitation, and the session that came with it.
    """

    url: str
    email: str
    session: dict[str, Any]

    @property
    def user_id(self) -> str:
        """
        The account's id.
        """
        return str(self.session["user_id"])

    def signed_in(self) -> httpx.Client:
        """
        Return a client with the account's access token.
        """
        return client(self.url, bearer(self.session["access_token"]))

    def login(self, password: str = STRONG) -> httpx.Response:
        """
        Try to sign in.
        """
        body = {"email": self.email, "password": password}
        with client(self.url) as visitor:
            return visitor.post("/api/v1/auth/token", json=body)

    def refresh(self) -> int:
        """
        Try to renew the session; return the status.
        """
        body = {"refresh_token": self.session["refresh_token"]}
        with client(self.url) as visitor:
            return visitor.post("/api/v1/auth/refresh", json=body).status_code


def invite(admin: httpx.Client, email: str, role: str = "member") -> dict[str, Any]:
    """
    Invite somebody and return the invitation with its token.
    """
    body = {"invited_email": email, "role": role}
    response = admin.post("/api/v1/tenants/invites", json=body)
    assert response.status_code == 201, response.text
    invitation: dict[str, Any] = response.json()
    return invitation


def welcome(world: World, admin: httpx.Client, role: str = "member") -> Invited:
    """
    Invite a new invited into the tenant and accept.
    """
    email = f"invited-{uuid4().hex[:8]}@example.com"
    body = {"token": invite(admin, email, role)["invite_token"], "password": STRONG}
    response = admin.post("/api/v1/tenants/invites/accept", json=body)
    assert response.status_code == 201, response.text
    return Invited(world.url, email, response.json())
