"""Texts for fields: by format, by pattern, else by the name of the field."""

from collections.abc import Mapping
from typing import Any

from smoke.plan.build.naming import words
from smoke.plan.build.regexes import matching

PLAIN = "smoke"

# A value of each format (JSON Schema 2020-12 validation, 7.3, and the OpenAPI format registry).
FORMATS: dict[str, str] = {
    "date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01", "time": "00:00:00Z",
    "duration": "PT1H", "email": "smoke@example.com", "idn-email": "smoke@example.com",
    "hostname": "example.com", "idn-hostname": "example.com", "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1", "uri": "https://example.com/", "iri": "https://example.com/",
    "url": "https://example.com/", "uri-reference": "/smoke", "iri-reference": "/smoke",
    "uri-template": "/smoke/{id}", "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/smoke", "relative-json-pointer": "0", "regex": "smoke",
    "byte": "c21va2U=", "binary": "c21va2U=", "password": "Smoke-2030-pass!",
}  # fmt: skip

# A value by the last word of a field's name; real contracts often leave the format out.
NAMES: dict[str, str] = {
    "email": "smoke@example.com", "mail": "smoke@example.com", "url": "https://example.com/",
    "uri": "https://example.com/", "link": "https://example.com/", "href": "https://example.com/",
    "website": "https://example.com/", "homepage": "https://example.com/",
    "webhook": "https://example.com/", "callback": "https://example.com/", "domain": "example.com",
    "host": "example.com", "hostname": "example.com", "ip": "192.0.2.1", "phone": "+15550100",
    "country": "US", "currency": "USD", "language": "en", "locale": "en", "lang": "en",
    "timezone": "UTC", "tz": "UTC", "date": "2030-01-01", "timestamp": "2030-01-01T00:00:00Z",
    "at": "2030-01-01T00:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000",
    "guid": "00000000-0000-4000-8000-000000000000", "password": "Smoke-2030-pass!",
    "color": "#336699", "colour": "#336699", "version": "1.0.0", "cron": "0 0 * * *",
}  # fmt: skip


def text(schema: Mapping[str, Any], name: str, variant: int) -> str:
    """A text of the documented length; each `variant` gives another text."""
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    found = FORMATS.get(str(schema.get("format")))
    if "pattern" in schema and (found is None or variant):
        found = matching(str(schema["pattern"]), least)
    if found is None:
        found = NAMES.get((words(name) or ("",))[-1], PLAIN)
    elif not variant and len(found) >= least:
        return found
    mark = str(variant) if variant else ""
    if mark and "@" in found:
        found = f"{mark}.{found}"
    elif mark:
        found += mark
    if len(found) < least:
        found += PLAIN[0] * (least - len(found))
    if most is not None and len(found) > int(most):
        found = found[: max(0, int(most) - len(mark))] + mark
    return found
