"""
HAR 1.2: the exchanges for the tools that read them (a browser's network panel, proxies).

Data without a place in HAR is in the member `_smoke` of each entry: the HTML report shows it, too.
The library harfile does not serve here: its entries take neither a member of ours nor `pageref`,
and it writes no pages, by which readers group the exchanges of a check.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from smoke.results.curl import curl_of
from smoke.results.exchange import Headers
from smoke.results.record import Line, Record

# The registered reason phrases (RFC 9110 §15).
PHRASES = {status.value: status.phrase for status in HTTPStatus}

ADDRESS = re.compile(r"https?://[^\s/?#$]+")


def har(record: Record) -> Iterator[str]:
    """Return the archive of a run's exchanges, one page for each check, as pieces of JSON."""
    began = datetime.fromisoformat(record.header["started"])
    pages = [
        {
            "startedDateTime": _at(began, exchanges[0]),
            "id": check,
            "title": check,
            "pageTimings": {},
        }
        for check, exchanges in record.sent_by.items()
    ]
    creator = {"name": "smoke", "version": record.header["smoke"]}
    fields = encoded({"version": "1.2", "creator": creator, "pages": pages})
    yield f'{{"log":{fields[:-1]},"entries":['
    for number, exchange in enumerate(record.exchanges):
        entry = encoded(_entry(record, began, exchange))
        yield f",{entry}" if number else entry
    yield "]}}\n"


# JSON for programs: short, and in ASCII, which costs least to handle.
encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _at(began: datetime, exchange: Line) -> str:
    return (began + timedelta(seconds=exchange["started_s"])).isoformat()


def _entry(record: Record, began: datetime, exchange: Line) -> dict[str, Any]:
    elapsed, url, comment = exchange["elapsed_ms"], exchange["url"], ""
    if not ADDRESS.match(url):
        # A service may hand out anything as an address, and readers of HAR refuse an invalid one.
        url, comment = f"{record.url}/", f" ({url})"
    return {
        "pageref": exchange["check"],
        "startedDateTime": _at(began, exchange),
        "time": elapsed,
        "request": _request(exchange, url),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": elapsed, "receive": 0},
        "comment": f"{exchange['operation']} as {exchange['actor']}{comment}",
        "_smoke": _ours(record, exchange),
    }


def _ours(record: Record, exchange: Line) -> dict[str, Any]:
    """Data about an exchange that HAR has no member for; empty values are left out."""
    _, link = record.trace(exchange)
    number = exchange["number"]
    fields = {
        "number": number,
        "operation": exchange["operation"],
        "actor": exchange["actor"],
        "at_s": exchange["started_s"],
        "error": exchange["error"],
        "resent": exchange["resent"],
        "remark": exchange.get("remark"),
        "request_id": exchange["request_id"],
        "trace_url": link,
        "curl": curl_of(record, exchange),
        "expectations": [
            {"expected": line["expected"], "got": line["got"], "met": line["met"]}
            for line in record.expected_of.get(number, ())
        ],
    }
    return {name: value for name, value in fields.items() if value}


def _request(exchange: Line, url: str) -> dict[str, Any]:
    headers, body = exchange["request_headers"], exchange["request_body"]
    fields = {
        "method": exchange["method"],
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers.items()),
        "queryString": _query(url) if "?" in url else [],
        "headersSize": -1,
        "bodySize": len(body.encode()),
    }
    if body:
        fields["postData"] = {"mimeType": headers.get("content-type", ""), "text": body}
    return fields


def _query(url: str) -> list[dict[str, str]]:
    found = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return [{"name": name, "value": value} for name, value in found]


def _response(exchange: Line) -> dict[str, Any]:
    """The answer; one that never came has status 0, as browsers write it."""
    pairs = exchange["response_headers"]
    headers = Headers(pairs)
    status = exchange["status"] or 0
    return {
        "status": status,
        "statusText": PHRASES.get(status) or exchange["error"],
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(pairs),
        "content": {
            "size": exchange["bytes"],
            "mimeType": headers.get("content-type", ""),
            "text": exchange["response_body"],
        },
        "redirectURL": headers.get("location", ""),
        "headersSize": -1,
        "bodySize": exchange["bytes"],
    }


def _pairs(lines: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in lines]
