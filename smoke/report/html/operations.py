"""The account of every operation: the grid of surfaces and targets, and the table below it."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from smoke.contract.operation_id import OperationId
from smoke.results.record import Line, Record, grouped

# Accounts, the most urgent first.
ORDER = (
    *("failed", "missing", "known", "succeeded", "absent", "excepted", "undecided"),
    *("left out", "gated off"),
)

SORTED = '<th scope="col" aria-sort="none"{more}><button type="button">{name}</button></th>'


def grid(records: Sequence[Record]) -> str:
    """The part of each surface that works on each target."""
    surfaces = list(dict.fromkeys(tag for record in records for tag in record.surfaces))
    if not surfaces:
        return ""
    heads = "".join(f'<th scope="col">{escape(record.target)}</th>' for record in records)
    body = ""
    for surface in surfaces:
        cells = "".join(f"<td>{_cell(surface, record)}</td>" for record in records)
        body += f'<tr><th scope="row">{escape(surface or "no tag")}</th>{cells}</tr>'
    one = " one" if len(records) == 1 else ""
    return (
        '<section aria-labelledby="surfaces"><h2 id="surfaces">Surfaces '
        "<small>operations that answered with their documented success</small></h2>"
        f'<div class="panel scroll"><table class="grid{one}" aria-labelledby="surfaces"><thead><tr>'
        f'<th scope="col">surface</th>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
        "</section>"
    )


def _cell(surface: str, record: Record) -> str:
    counts = record.surfaces.get(surface)
    if not counts:
        return '<span class="soft">not in its contract</span>'
    accounts = [account for account in reversed(ORDER) if counts[account]]
    accounts.sort(key=lambda account: account != "succeeded")
    left, bars, total = 0.0, "", counts.total()
    for account in accounts:
        width = 100 * counts[account] / total
        place = f'x="{left:.1f}%" width="{width:.1f}%" height="100%"'
        bars += f'<rect class="{kind(account)}" {place}/>'
        left += width
    others = [name for name in ORDER if counts[name] and name != "succeeded"]
    rest = ", ".join(f"{counts[name]} {name}" for name in others)
    sign = "✔" if counts["succeeded"] == total else "·"
    sign = "✖" if record.is_broken(surface) else sign
    look = "bad" if sign == "✖" else "ok" if sign == "✔" else "soft"
    return (
        f'<button type="button" class="cell" data-filter="{escape(f"#{surface}")}">'
        f'<span class="sum"><span class="{look}">{sign}</span> {record.works(surface)}</span>'
        f'<svg aria-hidden="true">{bars}</svg><span class="left">{escape(rest)}</span></button>'
    )


def operations(records: Sequence[Record]) -> str:
    """Every operation with its account on each target; a filter and chips narrow it."""
    accounts = sum((record.accounts for record in records), Counter())
    chips = "".join(
        f'<button type="button" class="chip" aria-pressed="false" data-account="{account}">'
        f"{account} {accounts[account]}</button>"
        for account in ORDER
        if accounts[account]
    )
    names = list(dict.fromkeys(row["operation"] for record in records for row in record.ledger))
    tables = [{row["operation"]: row for row in record.ledger} for record in records]
    sent = [grouped(record.exchanges, "operation") for record in records]
    # What needs attention on any target comes first.
    names.sort(key=lambda name: min(ORDER.index(t[name]["account"]) for t in tables if name in t))
    targets = [record.target for record in records]
    rows = "".join(_row(name, targets, tables, sent) for name in names)
    return (
        '<section aria-labelledby="operations-title"><h2 id="operations-title">Operations</h2>'
        '<div class="tools"><input id="filter" type="search" autocomplete="off" '
        'aria-label="filter operations" placeholder="Filter: path, method, #surface, check ( / )">'
        f'{chips}<span id="count" class="count" role="status"></span></div>'
        f'<div class="panel list"><table class="operations" aria-labelledby="operations-title">'
        f"{_heads(records)}"
        f'<tbody id="operations" class="rows">{rows}</tbody></table>'
        '<p id="none" class="soft row" hidden>No operation matches.</p></div></section>'
    )


def _heads(records: Sequence[Record]) -> str:
    """The names of the columns; with several targets, one for each."""
    targets = [record.target for record in records] if len(records) > 1 else ["account"]
    names = (*targets, "operation", "seen by, or why not")
    heads = "".join(SORTED.format(name=escape(name), more="") for name in names)
    slowest = SORTED.format(name="slowest", more=' class="num"')
    return f"<thead><tr>{heads}{slowest}</tr></thead>"


def _row(
    name: str,
    targets: Sequence[str],
    tables: Sequence[dict[str, Line]],
    sent: Sequence[dict[str, list[Line]]],
) -> str:
    rows = [table.get(name) for table in tables]
    known = [row for row in rows if row is not None]
    exchanges = [(at, line) for at, table in enumerate(sent) for line in table.get(name, ())]
    states = "".join(
        _state(row, target if len(rows) > 1 else "")
        for row, target in zip(rows, targets, strict=True)
    )
    why = _why(rows, targets)
    operation = OperationId(name)
    text = f"{name} #{known[0]['tag']} {why} {' '.join(row['account'] for row in known)}".lower()
    slowest = max((line["elapsed_ms"] for _, line in exchanges), default=None)
    keys = " ".join(f"{at}.{line['number']}" for at, line in exchanges)
    accounts = "|".join(row["account"] for row in known)
    opens = f' data-xs="{keys}"' if keys else ""
    return (
        f'<tr data-text="{escape(text)}" data-accounts="{escape(accounts)}"{opens}>{states}'
        f'<th scope="row"><button type="button" class="row op"{"" if keys else " disabled"}>'
        f"<b>{escape(operation.method)}</b> {escape(operation.path)}</button></th>"
        f'<td class="why">{escape(why)}</td>'
        f'<td class="num soft">{"" if slowest is None else f"{slowest:.0f} ms"}</td></tr>'
    )


def _why(rows: Sequence[Line | None], targets: Sequence[str]) -> str:
    """The checks of an operation, or the reason for none; by target if the targets differ."""
    found: dict[str, list[str]] = {}
    for row, target in zip(rows, targets, strict=True):
        if row is not None:
            found.setdefault(row["why"], []).append(target)
    if len(found) == 1:
        return str(next(iter(found)))
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in found.items())


def _state(row: Line | None, target: str) -> str:
    """An account; with several targets it has the target's name: narrow screens have no columns."""
    account = row["account"] if row else "none"
    named = f' data-target="{escape(target)}"' if target else ""
    return f'<td class="state {kind(account)}"{named}>{escape(account)}</td>'


def kind(account: str) -> str:
    """The class that colours an account."""
    return f"a-{account.partition(' ')[0]}"
