"""
The status page and its subscriptions.
"""

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from .process import client, served

STATUS = "/api/v1/status"
MAIL = {"channel": "email", "target": "ada@example.com"}


def test_the_page_and_the_feed_tell_the_same(anonymous: httpx.Client) -> None:
    page = anonymous.get(STATUS).json()
    assert page["overview"]["state"] == "operational"
    assert {one["name"] for one in page["services"]} == {"api", "database", "object-storage"}
    incidents = [one["incident_id"] for one in page["incidents"]]
    assert incidents[-1].startswith("start-")
    for path in (f"{STATUS}/rss", f"{STATUS}.rss"):
        feed = anonymous.get(path)
        assert feed.headers["content-type"].startswith("application/rss+xml")
        channel = ElementTree.fromstring(feed.content).find("channel")  # noqa: S314  # ours
        assert channel is not None
        assert [one.text for one in channel.iterfind("item/guid")] == incidents


def test_the_page_says_what_does_not_work(tmp_path: Path) -> None:
    storage = tmp_path / "objects"
    with served("--storage", str(storage)) as service, client(service.url) as nobody:
        assert nobody.get(STATUS).json()["overview"]["state"] == "operational"
        storage.rename(tmp_path / "gone")
        page = nobody.get(STATUS).json()
        assert page["overview"]["state"] == "degraded"
        assert [one["status"] for one in page["services"]] == [
            "operational",
            "operational",
            "outage",
        ]
        assert [one["state"] for one in page["incidents"]] == ["resolved"]
        (tmp_path / "gone").rename(storage)
        assert nobody.get(STATUS).json()["overview"]["state"] == "operational"


def test_starts_are_remembered(tmp_path: Path) -> None:
    counts = []
    for _ in range(2):
        database = str(tmp_path / "one.sqlite")
        with served("--database", database) as service, client(service.url) as nobody:
            counts.append(len(nobody.get(STATUS).json()["incidents"]))
    assert counts == [1, 2]


def test_a_subscription_is_verified_and_ended_by_its_tokens(tmp_path: Path) -> None:
    database = tmp_path / "one.sqlite"
    with served("--database", str(database)) as service, client(service.url) as nobody:
        made = nobody.post(f"{STATUS}/subscriptions", json=MAIL).json()
        assert (made["status"], made["target_masked"]) == (
            "pending_verification",
            "a***@example.com",
        )
        body = {"token": _mailed(database, "verify")}
        assert nobody.post(f"{STATUS}/subscriptions/challenge", json=body).status_code == 404
        active = nobody.post(f"{STATUS}/subscriptions/verify", json=body)
        assert (active.status_code, active.json()["status"]) == (200, "active")
        assert nobody.post(f"{STATUS}/subscriptions/verify", json=body).status_code == 404
        path = f"{STATUS}/subscriptions/{made['id']}"
        assert nobody.delete(path).status_code == 401
        assert nobody.delete(path, params={"token": "rubbish"}).status_code == 403
        query = {"token": _mailed(database, "unsubscribe")}
        assert [nobody.delete(path, params=query).status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"channel": "email", "target": "nobody"}, 400),
        ({"channel": "webhook", "target": "https://hooks.example.com/x"}, 401),
        ({"channel": "fax", "target": "12345"}, 422),
    ],
)
def test_what_nobody_subscribes(anonymous: httpx.Client, body: dict[str, str], status: int) -> None:
    assert anonymous.post(f"{STATUS}/subscriptions", json=body).status_code == status


def test_managing_needs_a_scope_that_no_role_has(owner: httpx.Client) -> None:
    hook = {"channel": "webhook", "target": "https://hooks.example.com/x"}
    assert owner.post(f"{STATUS}/subscriptions", json=hook).status_code == 403
    assert owner.get(f"{STATUS}/subscriptions").status_code == 403
    assert owner.post(f"{STATUS}/incidents/x/resend", json={}).status_code == 403


def _mailed(database: Path, purpose: str) -> str:
    """
    Return the token in the newest message of the outbox.
    """
    connection = sqlite3.connect(database)
    try:
        query = "SELECT text FROM status_notices WHERE text LIKE ? ORDER BY id DESC"
        text: str = connection.execute(query, (f"{purpose} %",)).fetchone()[0]
    finally:
        connection.close()
    return text.partition(" ")[2]
