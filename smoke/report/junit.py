"""JUnit XML: the one format every pipeline reads; the shape is that of Jenkins' schema."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from smoke.errors import Cause
from smoke.report.ending import failure
from smoke.results.outcome import Outcome
from smoke.results.record import Line, Record

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit(records: Sequence[Record]) -> str:
    """Return one suite for each target; environment and harness are errors, not failures."""
    root = Element("testsuites", name="smoke")
    for record in records:
        _suite(root, record)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _suite(root: Element, record: Record) -> None:
    checks = record.tests
    failed = [check for check in checks if check["outcome"] == Outcome.FAILED]
    # Pipelines count the two apart: a failure is for the service's team, an error is not.
    errors = sum(map(_is_error, failed))
    suite = SubElement(
        root,
        "testsuite",
        name=f"smoke {record.target}",
        tests=str(len(checks)),
        failures=str(len(failed) - errors),
        errors=str(errors),
        skipped=str(sum(_is_skipped(check) for check in checks)),
        time=f"{record.verdict['seconds']:.3f}",
        timestamp=record.header["started"][:19],
    )
    properties = SubElement(suite, "properties")
    values = {
        "verdict": record.verdict["word"],
        "reason": record.verdict["reason"],
        "depth": record.depth,
        "run": record.header["id"],
        "url": record.url,
        "version": record.version,
    }
    for name, value in values.items():
        SubElement(properties, "property", name=name, value=clean(str(value)))
    for check in checks:
        _case(suite, record, check)


def _case(suite: Element, record: Record, check: Line) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=f"smoke.{record.target}.{check['check'].partition('.')[0]}",
        name=clean(check["check"].partition(".")[2] or check["check"]),
        time=f"{check['seconds']:.3f}",
    )
    if check["outcome"] == Outcome.FAILED:
        lines = [line for line, _ in failure(record, check)]
        text = "\n".join(lines if check["exchange"] else [*lines, "", check["text"]]).rstrip()
        kind = "error" if _is_error(check) else "failure"
        cause, reason = check["cause"] or "failure", check["reason"]
        element = SubElement(case, kind, type=cause, message=clean(reason))
        element.text = clean(text)
    elif _is_skipped(check):
        SubElement(case, "skipped", message=clean(f"{check['outcome']}: {check['reason']}"))


def _is_error(check: Line) -> bool:
    return check["cause"] not in (Cause.SERVICE, Cause.CONTRACT)


def _is_skipped(check: Line) -> bool:
    return check["outcome"] in (Outcome.SKIPPED, Outcome.BLOCKED, Outcome.KNOWN)


def clean(text: str) -> str:
    """Return a text without characters that XML 1.0 does not allow, not even escaped (§2.2)."""
    return NOT_XML.sub("\ufffd", text)
