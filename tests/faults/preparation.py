"""What somebody else did with a deployment before the run."""

import ssl
from typing import Any

import httpx

# Loading the authorities that TLS would trust takes longer than a run, and nothing here uses TLS.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PASSWORD = "Somebody-elses-1"
# Who owns the run's tenant.
OWNER = "smoke-owner@example.com"


def _seed(url: str, *tenants: dict[str, Any]) -> None:
    path = f"{url}/api/v1/test-fixtures/apply"
    answer = httpx.post(path, json={"tenants": tenants}, verify=NO_AUTHORITIES, timeout=30)
    answer.raise_for_status()


def seed_once(url: str) -> None:
    """The run's own users exist already, from a run before."""
    owner = {"email": OWNER, "password": PASSWORD, "role": "owner"}
    _seed(url, {"slug": "smoke", "name": "Smoke", "users": [owner]})


def leave_rows(url: str) -> None:
    """The tenant has a hundred and twenty conversations of somebody else."""
    users = [{"email": "somebody@example.com", "password": PASSWORD, "role": "admin"}]
    conversations = [
        {
            "key": f"somebody-{number}", "agent_entrypoint": "triage", "status": "active",
            "user_email": "somebody@example.com",
            "messages": [{"role": "user", "text": f"Where is parcel {number}?"}],
        }
        for number in range(120)
    ]  # fmt: skip
    tenant = {"slug": "smoke", "name": "Somebody's", "users": users}
    _seed(url, {**tenant, "conversations": conversations})


def live_long(url: str) -> None:
    """The owner did a lot already: there are two hundred events in the tenant's activity."""
    seed_once(url)
    with httpx.Client(base_url=f"{url}/api/v1", verify=NO_AUTHORITIES, timeout=30) as client:
        wanted = {"email": OWNER, "password": PASSWORD}
        token = client.post("/auth/token", json=wanted).raise_for_status().json()["access_token"]
        for number in range(200):
            upload = {"filename": f"{number}.txt", "mime_type": "text/plain", "size_bytes": 1}
            client.post(
                "/uploads/agent-input", json=upload, headers={"Authorization": f"Bearer {token}"}
            ).raise_for_status()
