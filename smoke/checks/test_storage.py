"""Object storage: bytes come back the way they went in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from smoke import Actor, Answer, Cleanup, Expect, Lists, Run, exercises, gate
from smoke.checks.object_bytes import takes_bytes

UPLOAD = "POST /api/v1/storage/objects/upload-url"
LIST = "GET /api/v1/storage/objects"
DOWNLOAD = "GET /api/v1/storage/objects/{object_id}/download-url"
DELETE = "DELETE /api/v1/storage/objects/{object_id}"
# Names of the parameter with the lifetime, or the end, of a signed address.
LASTS = ("expires", "x-amz-expires", "x-goog-expires", "expires_at", "exp", "until")
NOT_SIGNED = (400, 401, 403, 404, 410)
# What object storage answers for an object that is not there; some say no more than "forbidden".
NO_BYTES = (403, 404, 410)


@exercises(UPLOAD, LIST, DOWNLOAD, DELETE)
async def test_bytes_come_back(
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    lists: Lists,
    cleanup: Cleanup,
    options: Mapping[str, Any],
) -> None:
    """An object is listed and downloaded byte for byte; deleted, it is neither."""
    name, content = (
        f"smoke-{run.id} Å “q” 東.txt",
        f"smoke {run.id} \x00\xff".encode("latin-1") * 64,
    )
    wanted = {"filename": name, "mime_type": "text/plain", "size_bytes": len(content)}
    upload = expect(await owner.call(UPLOAD, json=wanted))
    object_id = str(upload.value("/object_id"))
    cleanup(owner, DELETE, object_id=object_id)
    has_bytes = takes_bytes(upload, "/upload_url", options)
    if has_bytes:
        await _put(owner, expect, upload, content)
    row = await lists.row(owner, LIST, {"filename": name})
    upload.that("its id in the list", row["id"] == object_id, row)
    download = expect(await viewer.call(DOWNLOAD, object_id=object_id))
    download.holds("/object_id", object_id).holds("/object_key", upload.value("/object_key"))
    if has_bytes:
        await _get(owner, expect, download, content)
        await _must_be_signed(owner, expect, download)
    expect(await owner.call(DELETE, object_id=object_id))
    await lists.lack(owner, LIST, {"id": object_id})
    if has_bytes:
        expect(await owner.fetch("GET", str(download.value("/download_url"))), *NO_BYTES)


async def _put(owner: Actor, expect: Expect, upload: Answer, content: bytes) -> None:
    url, method = str(upload.value("/upload_url")), upload.value("/method")
    headers = upload.value("/headers")
    expect(await owner.fetch(method, url, headers=headers, content=content), 200, 201, 204)


async def _must_be_signed(owner: Actor, expect: Expect, download: Answer) -> None:
    """Expect a signed address to be refused once its expiry is moved."""
    parts = urlsplit(str(download.value("/download_url")))
    query = parse_qsl(parts.query)
    longer = [(n, str(int(v) + 1) if n.lower() in LASTS and v.isdecimal() else v) for n, v in query]
    if longer != query:
        url = urlunsplit(parts._replace(query=urlencode(longer)))
        refused = await owner.fetch(download.value("/method"), url)
        expect(refused, *NOT_SIGNED)


async def _get(owner: Actor, expect: Expect, download: Answer, content: bytes) -> None:
    url, method = str(download.value("/download_url")), download.value("/method")
    back = expect(await owner.fetch(method, url, headers=download.value("/headers")), 200)
    same = back.exchange.body == content
    back.that("the bytes that were uploaded", same, f"{len(back.exchange.body)} other bytes")


@gate("storage")
@pytest.mark.parametrize(
    "wrong",
    [{"mime_type": "application/x-smoke"}, {"size_bytes": 1024**4}],
    ids=["type", "size"],
)
async def test_forbidden_object_is_refused(
    wrong: dict[str, Any], owner: Actor, expect: Expect
) -> None:
    """A media type that is not allowed, or a size beyond the limit, is refused."""
    wanted = {"filename": "smoke.bin", "mime_type": "text/plain", "size_bytes": 1}
    expect(await owner.call(UPLOAD, json={**wanted, **wrong}), 400, 413, 415, 422)
