"""Lines to paste that send recorded exchanges again."""

from urllib.parse import urlsplit

from smoke.results.curl import curl_line
from smoke.results.headers import Headers
from smoke.results.record import Line, Record

# Methods that read (RFC 9110 §9.2.1).
READS = frozenset({"GET", "HEAD"})

# Statuses of a read that does not show what was written: another value, or nothing.
LOST = frozenset({200, 203, 204, 206, 404, 410})


def curl_of(record: Record, exchange: Line) -> str:
    """The line that sends a recorded exchange again."""
    sent = ("method", "url", "request_headers", "request_body")
    return curl_line(
        *(exchange[name] for name in sent),
        **{name: exchange[name] for name in ("actor", "status", "elapsed_ms")},
        sign_in=record.header.get("tokens", {}).get(exchange["actor"], ""),
        content_type=Headers(exchange["response_headers"]).get("content-type", ""),
    )


def curls_of(record: Record, exchange: Line) -> list[str]:
    """
    The lines that reproduce a failing exchange.

    What was written and cannot be read back needs two: the write, then the read.
    """
    write = _write_before(record, exchange)
    return [curl_of(record, one) for one in (write, exchange) if one is not None]


def _write_before(record: Record, exchange: Line) -> Line | None:
    """The last successful write of the same check to the place that an exchange read."""
    if exchange["method"] not in READS or (exchange["status"] or 500) not in LOST:
        return None
    place = _path(exchange)
    writes = [
        other
        for other in record.sent_by.get(exchange["check"], ())
        if other["number"] < exchange["number"]
        and other["method"] not in READS
        and 200 <= (other["status"] or 0) < 300
        and (place.startswith(_path(other)) or _path(other).startswith(place))
    ]
    return writes[-1] if writes else None


def removed_by(record: Record, exchange: Line) -> str:
    """
    The path of the thing that an exchange asked for and that the run has removed since.

    Seeded rows may be removed under another id; the run's own id in the path shows that they were.
    """
    place = _path(exchange)
    gone = [str(line["path"]) for line in record.removed]
    seeded = gone and record.header["id"] in place and "kept_until" not in record.header
    return next((path for path in gone if f"{path}/" in f"{place}/"), place if seeded else "")


def _path(exchange: Line) -> str:
    return urlsplit(str(exchange["url"])).path.rstrip("/")
