"""The verdict, with its evidence: of one target, or of all with a line for each."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from smoke.report.columns import many
from smoke.report.summary import counted, gates_of, surface_of
from smoke.report.verdict_json import verdict_words, worst_first
from smoke.results.record import Record

SIGNS = {"green": "✔", "red": "✖", "unverified": "?", "misused": "!"}


def headline(records: Sequence[Record], news: Mapping[str, Sequence[str]]) -> str:
    """The verdict with its reason and the changes; of several targets the worst, and a table."""
    shown = verdict_words(records)
    word = shown["verdict"]
    cause = f" <small>({escape(shown['cause'])})</small>" if shown["cause"] else ""
    why = f'<p class="why">{escape(shown["reason"])}</p>' if shown["reason"] else ""
    fresh = "".join(
        f'<p class="new">New {escape(line)}</p>' for lines in news.values() for line in lines
    )
    below = _targets(records) if len(records) > 1 else _place(records[0])
    return (
        f'<header class="panel verdict {word}"><h1>{SIGNS[word]} {shown["title"]} '
        f"<small>{escape(shown['targets'])}</small>{cause}</h1>{why}{fresh}{below}</header>"
    )


def _place(record: Record) -> str:
    """The service and the counts of the run, in a line."""
    surface = surface_of(record)
    shown = [
        f"first broken surface: {surface}" if surface else "",
        record.url or str(record.header["serve"]),
        f"version {record.version}" if record.version else "",
        f"started {began(record)}",
        counts(record.ended.most_common()) or "no check ran",
        f"{many(len(record.exchanges), 'request')} in {record.verdict['seconds']:.1f} s",
    ]
    return f'<p class="soft">{escape(" · ".join(filter(None, shown)))}</p>'


def _targets(records: Sequence[Record]) -> str:
    """A row for each target, the worst first; its name leads to its part of the page."""
    rows = "".join(_target(records.index(record), record) for record in worst_first(records))
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("target", "verdict", "why", "checks", "started", "time")
    )
    return (
        '<div class="scroll"><table class="targets"><caption>Targets</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _target(at: int, record: Record) -> str:
    last, word = record.verdict, str(record.word)
    where = f'<a href="#target-{at}">{escape(record.target)}</a>'
    checks = counts(record.ended.most_common()) or "none ran"
    return (
        f'<tr><th scope="row">{where}</th><td class="{word}-word">{SIGNS[word]} {word}</td>'
        f"<td>{escape(last['reason'])}</td><td>{escape(checks)}</td><td>{began(record)}</td>"
        f'<td class="num">{last["seconds"]:.1f} s</td></tr>'
    )


def facts(record: Record) -> str:
    """The facts of a run, and its slowest operations."""
    last, head = record.verdict, record.header
    contract, formats = head["contract"], len(last["format"])
    rows = {
        "service": f"{record.url or head['serve']} {record.version}",
        "checks": counts(record.ended.most_common()) or "none ran",
        "operations": counts(counted(record)),
        "requests": f"{len(record.exchanges)} in {last['seconds']:.1f} s",
        "started": began(record),
        "run": head["id"],
        "contract": f"{contract['name']} {str(contract['digest'])[:19]}",
        "gates": "; ".join(gates_of(head)),
        "set": "; ".join(f"{row['key']} = {row['value']} ({row['source']})" for row in head["set"]),
        "depth": record.depth if record.is_quick else "",
        "partial": record.part,
        "exit code": str(last["exit"]),
        "format": f"{many(formats, 'field')} not as documented" if formats else "",
    }
    slowest = ", ".join(f"{name} {elapsed:.0f} ms" for name, elapsed in record.slowest())
    wide = {"notes": "; ".join(note["text"] for note in record.notes), "slowest": slowest}
    shown = pairs(rows.items()) + pairs(wide.items(), "wide")
    return f'<dl class="facts panel">{shown}</dl>'


def began(record: Record) -> str:
    """When a run began, to the second."""
    return str(record.header["started"])[:19].replace("T", " ") + " UTC"


def counts(found: Iterable[tuple[str, int]]) -> str:
    """Numbers with their units."""
    return ", ".join(f"{count} {name}" for name, count in found)


def pairs(found: Iterable[tuple[str, str]], look: str = "") -> str:
    """Names and texts as the rows of a description list; empty texts are left out."""
    return "".join(
        f'<div class="{look}"><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>'
        for name, text in found
        if text
    )
