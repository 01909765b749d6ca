"""
Objects: bytes go in and come out through presigned URLs.
"""

import os
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from smoke.reference.storage import presigned

from .process import fetch

PATH = "/api/v1/storage/objects"
BODY = {"filename": "a  strange/../näme.txt", "mime_type": "text/plain", "size_bytes": 100_000}


def test_bytes_make_a_round_trip(admin: httpx.Client, viewer: httpx.Client) -> None:
    content = os.urandom(100_000)
    made = admin.post(f"{PATH}/upload-url", json=BODY)
    assert made.status_code == 201
    ticket = made.json()
    assert (ticket["method"], ticket["expires_in_seconds"]) == ("PUT", 900)
    put = fetch("PUT", ticket["upload_url"], content=content, headers=ticket["headers"])
    assert put.status_code == 200
    listed = viewer.get(PATH).json()["items"]
    assert ticket["object_id"] in [one["id"] for one in listed]
    shown = viewer.get(f"{PATH}/{ticket['object_id']}/download-url").json()
    got = fetch("GET", shown["download_url"])
    assert got.content == content
    assert got.headers["content-type"].startswith("text/plain")
    assert admin.delete(f"{PATH}/{ticket['object_id']}").status_code == 204
    assert fetch("GET", shown["download_url"]).status_code == 404
    assert viewer.get(f"{PATH}/{ticket['object_id']}/download-url").status_code == 404
    assert admin.delete(f"{PATH}/{ticket['object_id']}").status_code == 204


def test_a_presigned_url_allows_only_what_was_signed(admin: httpx.Client) -> None:
    ticket = admin.post(f"{PATH}/upload-url", json=BODY).json()
    url, headers = ticket["upload_url"], ticket["headers"]
    shown = admin.get(f"{PATH}/{ticket['object_id']}/download-url").json()["download_url"]
    assert fetch("GET", shown).status_code == 404
    assert fetch("PUT", url, content=b"x").status_code == 403
    assert fetch("PUT", shown, content=b"x", headers=headers).status_code == 403
    assert fetch("GET", url).status_code == 403
    later = url.replace("expires=", "expires=9")
    assert fetch("PUT", later, content=b"x", headers=headers).status_code == 403
    other = url.replace(ticket["object_id"], "00000000-0000-0000-0000-000000000000")
    assert fetch("PUT", other, content=b"x", headers=headers).status_code == 403


def test_an_expired_url_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    url = presigned.presigned_url("http://x", b"secret", method="GET", path="b/t/o/n")
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    expires, signature = int(query["expires"]), query["signature"]
    asked = {"method": "GET", "path": "b/t/o/n", "expires": expires, "signature": signature}
    assert presigned.is_allowed(b"secret", **asked)  # type: ignore[arg-type]
    assert not presigned.is_allowed(b"other", **asked)  # type: ignore[arg-type]
    monkeypatch.setattr("time.time", lambda: float(expires))
    assert not presigned.is_allowed(b"secret", **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"mime_type": "application/x-unknown"}, 400),
        ({"size_bytes": 512 * 1024 * 1024 + 1}, 400),
        ({"size_bytes": -1}, 422),
    ],
)
def test_what_may_not_be_stored_is_refused(
    admin: httpx.Client, change: dict[str, object], status: int
) -> None:
    assert admin.post(f"{PATH}/upload-url", json=BODY | change).status_code == status


def test_members_may_not_upload_and_others_see_nothing(
    member: httpx.Client, outsider: httpx.Client, admin: httpx.Client
) -> None:
    assert member.post(f"{PATH}/upload-url", json=BODY).status_code == 403
    object_id = admin.post(f"{PATH}/upload-url", json=BODY).json()["object_id"]
    assert outsider.get(f"{PATH}/{object_id}/download-url").status_code == 404
    assert outsider.delete(f"{PATH}/{object_id}").status_code == 204
    assert admin.get(f"{PATH}/{object_id}/download-url").status_code == 200


def test_offsets_lead_through_the_list(admin: httpx.Client) -> None:
    for _ in range(2):
        admin.post(f"{PATH}/upload-url", json=BODY)
    first = admin.get(PATH, params={"limit": 1}).json()
    assert first["next_offset"] == 1
    second = admin.get(PATH, params={"limit": 1, "offset": 1}).json()
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert admin.get(PATH, params={"offset": 10_000}).json() == {"items": [], "next_offset": None}
