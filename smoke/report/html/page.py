"""The page as a whole: the common parts, the sections, and the data its script opens."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from zlib import MAX_WBITS, compressobj

from smoke.report.html.failures import failures
from smoke.report.html.frame import foot, head
from smoke.report.html.operations import grid, operations
from smoke.report.html.timeline import timeline
from smoke.report.html.verdicts import SIGNS, facts, headline
from smoke.report.verdict_json import verdict_words
from smoke.results.record import Record

HERE = Path(__file__).parent

# What makes zlib write the header of gzip (RFC 1952), which browsers ask for.
GZIP = MAX_WBITS | 16


def html(
    records: Sequence[Record],
    hars: Sequence[Sequence[str]],
    news: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    """
    Return the page of one or several targets; it loads nothing and trusts nothing it shows.

    It comes in pieces. `hars` has the archive of each target, with the entries that the page opens,
    `news` the changes of each target since its last green run.
    """
    verdict = verdict_words(records)
    words = f"{SIGNS[verdict['verdict']]} {verdict['verdict']} {verdict['targets']}"
    yield head(f"{words} · smoke", HERE)
    yield '<body>\n<a class="skip" href="#operations-title">To the operations</a>\n<main>\n'
    yield headline(records, news)
    yield failures(records)
    yield grid(records)
    yield operations(records)
    for at, record in enumerate(records):
        yield _run(at, record)
    yield _footer(records)
    yield f'</main>\n{DIALOG}\n<script type="application/gzip" id="data">'
    yield _data(records, hars)
    yield f"</script>\n{foot(HERE)}"


DIALOG = """<dialog aria-labelledby="exchange-title">
<div class="bar"><h3 id="exchange-title"></h3><span id="place" class="soft"></span>
<button id="previous" type="button" aria-label="previous exchange">←</button>
<button id="next" type="button" aria-label="next exchange">→</button>
<button id="close" type="button" aria-label="close">✕</button></div>
<div class="inside"></div>
</dialog>"""


def _run(at: int, record: Record) -> str:
    """The part of one target: the facts of its run, and its exchanges in their order."""
    title = f"target-{at}"
    return (
        f'<section aria-labelledby="{title}"><h2 id="{title}">Run of {escape(record.target)} '
        f"<small>{escape(str(record.word))}</small></h2>{facts(record)}{timeline(at, record)}"
        "</section>"
    )


def _footer(records: Sequence[Record]) -> str:
    head = records[0].header
    contract = head["contract"]
    return (
        '<footer><p class="keys"><kbd>/</kbd> filter · <kbd>↑</kbd> <kbd>↓</kbd> along a list · '
        "<kbd>Enter</kbd> open · <kbd>←</kbd> <kbd>→</kbd> exchanges · <kbd>Esc</kbd> close</p>"
        f"<p>smoke {escape(head['smoke'])} · Python {escape(head['python'])} · "
        f"{escape(contract['name'])}, {contract['operations']} operations, "
        f"{escape(str(contract['digest']))}</p></footer>"
    )


def _data(records: Sequence[Record], hars: Sequence[Sequence[str]]) -> str:
    """
    The exchanges as JSON, compressed: they are most of a page, and the browser unpacks them.

    Base64 has no `<`, so nothing in it ends a script (HTML §13.2.5.4).
    """
    # Piece by piece: the archives of several targets together may be hundreds of megabytes.
    packed = compressobj(level=6, wbits=GZIP)
    parts = []
    for number, (record, pieces) in enumerate(zip(records, hars, strict=True)):
        begin = f'{"," if number else "["}{{"target":{json.dumps(record.target)},"har":'
        parts += [packed.compress(text.encode()) for text in (begin, *pieces, "}")]
    parts += [packed.compress(b"]" if records else b"[]"), packed.flush()]
    return b64encode(b"".join(parts)).decode()
