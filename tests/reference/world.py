"""
The world that the tests of the service act in.
"""

from dataclasses import dataclass
from typing import Any

import httpx

from .process import client, fetch

PASSWORD = "a password for tests 1!"
ROLES = ("owner", "admin", "member", "viewer")


@dataclass(frozen=True)
class World:
    """
    A seeded tenant with one user a role, another tenant, and a conversation in each.
    """

    url: str
    tag: str
    answer: dict[str, Any]

    @property
    def tenant(self) -> dict[str, Any]:
        """
        What seeding answered for the tenant.
        """
        tenant: dict[str, Any] = self.answer["tenants"][self.slug]
        return tenant

    @property
    def slug(self) -> str:
        """
        The slug of the tenant.
        """
        return f"home-{self.tag}"

    @property
    def tenant_id(self) -> str:
        """
        The id of the tenant.
        """
        return str(self.tenant["tenant_id"])

    @property
    def other_tenant_id(self) -> str:
        """
        The id of the other tenant.
        """
        return str(self.answer["tenants"][f"away-{self.tag}"]["tenant_id"])

    @property
    def conversation_id(self) -> str:
        """
        The id of the tenant's conversation, which belongs to the member.
        """
        return str(self.tenant["conversations"][f"talk-{self.tag}"]["conversation_id"])

    @property
    def conversation_name(self) -> str:
        """
        The name under which answers show the tenant's conversation.
        """
        return f"talk-{self.tag}"

    def email(self, actor: str) -> str:
        """
        The e-mail address of an actor.
        """
        return f"{actor}-{self.tag}@example.com"

    def user_id(self, actor: str) -> str:
        """
        The id of a user of the tenant.
        """
        return str(self.tenant["users"][self.email(actor)]["user_id"])

    def login(self, actor: str) -> dict[str, Any]:
        """
        Sign an actor in and return the session body.
        """
        body = {"email": self.email(actor), "password": PASSWORD}
        response = fetch("POST", f"{self.url}/api/v1/auth/token", json=body)
        assert response.status_code == 200, response.text
        session: dict[str, Any] = response.json()
        return session

    def signed_in(self, actor: str) -> httpx.Client:
        """
        Return a client with an actor's access token.
        """
        return client(self.url, bearer(self.login(actor)["access_token"]))


def bearer(token: str) -> dict[str, str]:
    """
    Return the header that carries a token.
    """
    return {"Authorization": f"Bearer {token}"}


def payload(tag: str) -> dict[str, Any]:
    """
    Return the fixture request of a world; the tag makes its names its own.
    """
    users = [_user(role, tag, role) for role in ROLES]
    users[0]["platform_role"] = "platform_operator"
    users.append(_user("unverified", tag, "member") | {"verify_email": False})
    home = {
        "slug": f"home-{tag}",
        "name": "Home",
        "plan_code": "pro",
        "users": users,
        "conversations": [_conversation(f"talk-{tag}", f"member-{tag}@example.com", tag)],
        "usage_counters": [{"period_start": "2026-01-01", "requests": 3}],
        "assets": [{"key": "chart", "filename": "chart one.png", "mime_type": "image/png"}],
    }
    away = {
        "slug": f"away-{tag}",
        "name": "Away",
        "users": [_user("outsider", tag, "owner")],
        "conversations": [_conversation(f"far-{tag}", f"outsider-{tag}@example.com", tag)],
    }
    return {"tenants": [home, away]}


def seed(url: str, tag: str) -> World:
    """
    Seed a world of its own.
    """
    response = fetch("POST", f"{url}/api/v1/test-fixtures/apply", json=payload(tag))
    assert response.status_code == 201, response.text
    return World(url, tag, response.json())


def _user(name: str, tag: str, role: str) -> dict[str, Any]:
    return {"email": f"{name}-{tag}@example.com", "password": PASSWORD, "role": role}


def _conversation(key: str, email: str, tag: str) -> dict[str, Any]:
    return {
        "key": key,
        "agent_entrypoint": "triage",
        "user_email": email,
        "messages": [
            {"role": "user", "text": f"Where is the lighthouse {tag}?"},
            {"role": "assistant", "text": "On the cliff, behind the harbour."},
            {"role": "user", "text": "And who keeps it?"},
        ],
    }
