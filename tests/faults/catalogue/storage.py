"""Storage: bytes go elsewhere, come back as others, or may not be sent at all."""

from typing import Any
from urllib.parse import urlsplit

from tests.faults.catalogue.operations import (
    DISCARD,
    DOWNLOAD,
    GET_BYTES,
    OBJECTS,
    PUT_BYTES,
    UPLOAD,
)
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.flow import truncated
from tests.faults.in_app import upkeep
from tests.faults.interference import (
    asked_otherwise,
    body_changed,
    changed,
    on,
    page,
    pretended,
    replied,
)
from tests.faults.proxy import Answered, Asked, Forward

GROUP = "storage"
ROUND_TRIP = "storage.bytes_come_back"
ACCEPTED = {
    "object_id": "00000000-0000-4000-8000-000000000000", "upload_url": "https://s3.example.com/x",
    "method": "PUT", "headers": {}, "bucket": "agent-data", "object_key": "x",
    "expires_in_seconds": 900,
}  # fmt: skip


def _other_bucket(upload: Any) -> None:
    upload["upload_url"] = upload["upload_url"].replace(upload["bucket"], "agent-data-default")
    upload["bucket"] = "agent-data-default"


def _inner_host(upload: Any) -> None:
    host = urlsplit(upload["upload_url"]).netloc
    upload["upload_url"] = upload["upload_url"].replace(host, "minio.invalid:9000")


def _without_headers(upload: Any) -> None:
    upload["headers"] = {}


def _accepting(refuse: str) -> Any:
    """The wish that should be refused is granted."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        wish = asked.json or {}
        big = wish.get("size_bytes", 0) > 1024**3
        odd = wish.get("mime_type", "") == "application/x-smoke"
        granted = big if refuse == "size" else odd
        if granted:
            found.status = 201
            return found.write_json(ACCEPTED)
        return found

    return on(UPLOAD, interfere)


ENTRIES = [
    Fault(
        "presign_for_another_bucket", GROUP, "storage",
        Proxied(changed(UPLOAD, _other_bucket)), caught_by=ROUND_TRIP,
    ),
    Fault(
        "presign_for_an_inner_host", GROUP, "storage",
        Proxied(changed(UPLOAD, _inner_host)), caught_by=ROUND_TRIP,
    ),
    Fault(
        "presign_born_expired", GROUP, "storage",
        InApp(upkeep.urls_born_expired), caught_by=ROUND_TRIP,
    ),
    Fault(
        "presign_hides_a_signed_header", GROUP, "storage",
        Proxied(changed(UPLOAD, _without_headers)), caught_by=ROUND_TRIP,
    ),
    Fault(
        "download_is_of_another_object", GROUP, "storage",
        Proxied(changed(DOWNLOAD, lambda found: {**found, "object_id": ACCEPTED["object_id"]})),
        caught_by=ROUND_TRIP,
    ),
    Fault(
        "bytes_are_one_short", GROUP, "storage",
        Proxied(body_changed(GET_BYTES, lambda body: body[:-1])), caught_by=ROUND_TRIP,
    ),
    Fault(
        "bytes_are_taken_for_text", GROUP, "storage",
        Proxied(body_changed(GET_BYTES, lambda body: body.decode("utf-8", "replace").encode())),
        caught_by=ROUND_TRIP,
    ),
    Fault(
        "download_breaks_off", GROUP, "storage",
        Proxied(truncated(GET_BYTES)), caught_by=ROUND_TRIP,
    ),
    Fault(
        "bytes_are_not_kept", GROUP, "storage",
        Proxied(pretended(PUT_BYTES, lambda _asked: (200, None))), caught_by=ROUND_TRIP,
    ),
    Fault(
        "upload_is_too_large_for_the_proxy", GROUP, "storage",
        Proxied(page(PUT_BYTES, 413, "<html><body>413 Request Entity Too Large</body></html>")),
        caught_by=ROUND_TRIP,
    ),
    Fault(
        "upload_is_written_empty", GROUP, "storage",
        Proxied(asked_otherwise(PUT_BYTES, lambda asked: setattr(asked, "body", b""))),
        caught_by=ROUND_TRIP,
    ),
    Fault(
        "objects_are_not_listed", GROUP, "storage",
        Proxied(changed(OBJECTS, lambda _page: {"items": [], "next_offset": None})),
        caught_by=ROUND_TRIP,
    ),
    Fault(
        "discard_is_only_promised", GROUP, "storage",
        Proxied(pretended(DISCARD, lambda _asked: (204, None))), caught_by=ROUND_TRIP,
    ),
    Fault(
        "any_media_type_is_taken", GROUP, "storage",
        Proxied(_accepting("type")),
        caught_by="storage.forbidden_object_is_refused[type]",
    ),
    Fault(
        "any_size_is_taken", GROUP, "storage",
        Proxied(_accepting("size")),
        caught_by="storage.forbidden_object_is_refused[size]",
    ),
    Fault(
        "storage_provider_is_down", GROUP, "storage",
        Proxied(replied("* /object-store/*", 503, {"detail": "SlowDown"})), caught_by=ROUND_TRIP,
    ),
]  # fmt: skip
