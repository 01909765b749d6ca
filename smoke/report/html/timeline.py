"""The timeline of a run: every exchange in the order it was sent, as a waterfall."""

from html import escape
from itertools import groupby

from smoke.contract.operation_id import OperationId
from smoke.results.record import Line, Record

MARKS = {"passed": ("✔", "ok"), "failed": ("✖", "bad")}

LEGEND = (
    '<span class="legend soft"><i class="met"></i>as expected<i class="unmet"></i>not as expected'
    '<i class="unasked"></i>nothing expected</span>'
)


def timeline(at: int, record: Record) -> str:
    """The waterfall of a target, which is the page's `at`-th."""
    if not record.exchanges:
        return ""
    began = min(line["started_s"] for line in record.exchanges)
    ended = max(line["started_s"] + line["elapsed_ms"] / 1000 for line in record.exchanges)
    span = max(ended - began, 0.001)
    outcomes = {check["check"]: check["outcome"] for check in record.checks}
    rows = "".join(
        _check(check, outcomes.get(check, ""), lines)
        + "".join(_row(at, line, record, began, span) for line in lines)
        for check, group in groupby(record.exchanges, key=lambda line: line["check"])
        for lines in [list(group)]
    )
    many = f"{len(record.exchanges)} exchanges in {span:.2f} s"
    return (
        f"<h3>Timeline <small>{many}</small></h3>"
        f'<div class="panel"><div class="axis"><span>0 s</span>{LEGEND}<span>{span:.2f} s</span>'
        f'</div><ol class="rows" aria-label="exchanges of {escape(record.target)}">{rows}</ol>'
        "</div>"
    )


def _check(check: str, outcome: str, lines: list[Line]) -> str:
    sign, look = MARKS.get(outcome, ("·", "soft"))
    took = sum(line["elapsed_ms"] for line in lines)
    return (
        f'<li class="check-head"><span class="{look}">{sign}</span>'
        f'<span class="mono">{escape(check)}</span><span class="num">{took:.0f} ms</span></li>'
    )


def _row(at: int, line: Line, record: Record, began: float, span: float) -> str:
    left = 100 * (line["started_s"] - began) / span
    width = max(line["elapsed_ms"] / 10 / span, 0.4)
    operation = OperationId(line["operation"] or f"{line['method']} {line['url']}")
    status = str(line["status"] or "—")
    bar = _met(record, line)
    return (
        f'<li><button type="button" class="row exchange" data-x="{at}.{line["number"]}">'
        f'<span class="n num">{line["number"]}</span>'
        f'<span class="op"><b>{escape(operation.method)}</b> {escape(operation.path)}</span>'
        f'<span class="num status {"bad" if bar == "unmet" else ""}">{status}</span>'
        f'<span class="num soft">{line["elapsed_ms"]:.0f} ms</span>'
        f'<svg aria-hidden="true"><rect class="{bar}" x="{left:.2f}%" width="{width:.2f}%" '
        'height="100%"/></svg></button></li>'
    )


def _met(record: Record, line: Line) -> str:
    expected = record.expected_of.get(line["number"])
    if not expected:
        return "unasked" if line["status"] else "unmet"
    return "met" if all(row["met"] for row in expected) else "unmet"
