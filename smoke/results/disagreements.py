"""
Disagreements: two operations show different values of one field of the same thing.

This only finds what is worth a second look. A field may have changed between two answers by itself
or by somebody else, so a disagreement counts once both operations have shown it again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations
from urllib.parse import parse_qs, urlsplit

from smoke.contract import Contract
from smoke.results.exchange import SAFE, Exchange
from smoke.results.passive.content import moment_of
from smoke.results.passive.echoes import unlike
from smoke.results.secret_detection import is_secret_name
from smoke.results.views import View, views_in

# Databases keep fewer digits of a moment than the code that made it.
ROUNDED = timedelta(seconds=1)

# Fields that may still change after the answer to a write.
SETTLING = re.compile(
    r"etag|version|status|state|phase|progress|(^|_)(last|next)_|count$|total|size|bytes|"
    r"usage|updated|modified|changed|url$|message$",
    re.IGNORECASE,
)


# The length from which a text is recognised by its value alone.
TEXT = 8

# Fields with the time at which a thing was made, under its usual names.
MADE = re.compile(r"^(created|issued|joined)(_at)?$", re.IGNORECASE)

# The number of views of one thing that are compared with each other.
LATEST = 24

# Fields that never change.
LASTING = re.compile(r"^id$|_id$|^(created|issued|joined)(_at)?$", re.IGNORECASE)

# A URL with a signature, which differs in each answer.
SIGNED = re.compile(r"://[^?]*\?")

# Characters of a value that a list may leave out.
LONG = 64


# Query parameters that change how a thing is shown, not which one.
OTHERWISE = re.compile(
    r"curren|unit|lang|locale|zone|^tz|format|field|expand|embed|include|version|view|precision|"
    r"as_?of|^at$|draft",
    re.IGNORECASE,
)

# States that a thing may be in for a moment only.
WORKING = re.compile(r"status|state|phase|progress|^last_|_last_", re.IGNORECASE)

MISSING = object()


@dataclass(frozen=True)
class Disagreement:
    """A field of a thing in the latest answers of two operations; `one` came first."""

    field: str
    one: View
    other: View

    @property
    def is_certain(self) -> bool:
        """Whether it is wrong at any time: in a sent value, an id, or the time of creation."""
        sent = self.one.exchange.sent_json
        was_sent = isinstance(sent, dict) and self.field in sent
        if self.one.exchange.actor != self.other.exchange.actor:
            return False
        same_form = bool(self.one.form) and self.one.form == self.other.form
        lasts = same_form and LASTING.search(self.field) is not None
        return not self.other.is_row and (was_sent or lasts)

    @property
    def kind(self) -> tuple[str, str, str]:
        """The operations and the field, which disagreements about several things have in common."""
        return self.one.operation, self.other.operation, self.field


def disagreements(exchanges: Iterable[Exchange], contract: Contract) -> Iterator[Disagreement]:
    """Yield the disagreements of a run, those in the latest answers first."""
    ordered = sorted(exchanges, key=lambda one: one.started_s)
    writes = [one for one in ordered if one.method not in SAFE and _succeeded(one)]
    things: dict[str, list[View]] = defaultdict(list)
    for exchange in ordered:
        if any(map(OTHERWISE.search, parse_qs(urlsplit(exchange.url).query))):
            continue
        for view in views_in(exchange, contract):
            if not view.reads and isinstance(exchange.sent_json, dict):
                things[view.thing].append(replace(view, shown=exchange.sent_json, is_sent=True))
            things[view.thing].append(view)
    # The latest things first: of the earlier ones most have been removed.
    for views in reversed(things.values()):
        for one, other in combinations(views[-LATEST:], 2):
            if not other.reads or one.operation == other.operation:
                continue
            earlier = views[: views.index(one)]
            before = next((v for v in reversed(earlier) if v.operation == other.operation), None)
            found = differing(one, other, contract, before)
            if found and _undisturbed(one, other, writes):
                yield from (Disagreement(name, one, other) for name in found)


def differing(one: View, other: View, contract: Contract, before: View | None = None) -> list[str]:
    """
    The fields of which two views of a thing show different values.

    `before` is what the operation of the second had shown before the first.
    """
    if one.is_sent:
        return [] if other.is_row else list(unlike(one.exchange, contract, one.shown, other.shown))
    return [
        name
        for name in one.shown
        if name in other.shown
        and not alike(name, one, other)
        and _counts(name, one, other)
        and (one.reads or _is_wrong(name, one, other, before))
    ]


def _counts(name: str, one: View, other: View) -> bool:
    """Whether a field means the same in two views, and stays as it is."""
    if is_secret_name(name):
        return False  # it may be shown once, and masked afterwards
    same_form = bool(one.form) and one.form == other.form
    if not (one.reads or same_form or MADE.search(name)):
        return False
    values = one.shown[name], other.shown[name]
    if any(isinstance(value, (dict, list)) or SIGNED.search(str(value)) for value in values):
        return False
    if None in values:
        # A long value may be left out where many are listed, any may be known after a write only.
        is_long = len(str(next(filter(None, values), ""))) > LONG
        return same_form and one.reads and not (is_long and (one.is_row or other.is_row))
    return same_form or type(values[0]) is type(values[1])


def _is_wrong(name: str, one: View, other: View, before: View | None) -> bool:
    """Whether the answer to a write, or the read after it, is wrong, and not only the earlier."""
    if not SETTLING.search(name):
        return True
    sent = one.exchange.sent_json
    given = sent if isinstance(sent, dict) else {}
    texts = {value for value in given.values() if isinstance(value, str) and len(value) >= TEXT}
    # One of the two is what the write was given.
    if one.shown[name] in texts or given.get(name, MISSING) == other.shown[name]:
        return True
    # The read shows the value from before the write, and no work is left to be done.
    unchanged = before is not None and before.shown.get(name, MISSING) == other.shown[name]
    return unchanged and not WORKING.search(name)


def alike(name: str, one: View, other: View) -> bool:
    """Whether a field of two views has the same value, apart from how it is written."""
    left, right = one.shown[name], other.shown[name]
    if left == right:
        return True
    if not (isinstance(left, str) and isinstance(right, str)):
        return False
    moments = moment_of(left), moment_of(right)
    if moments[0] and moments[1]:
        return abs(moments[0] - moments[1]) <= ROUNDED
    if left.casefold().strip() == right.casefold().strip():
        return True
    if one.form and one.form == other.form:
        return False
    # A row may have the beginning of a long text, or another form of an id.
    short, long = sorted((left.rstrip(".… "), right.rstrip(".… ")), key=len)
    return long.startswith(short) and len(short) > 0 and one.is_row is not other.is_row


def _undisturbed(one: View, other: View, writes: list[Exchange]) -> bool:
    """Whether no write of the run may have changed the thing between two views."""
    from_s, to_s = one.exchange.started_s, other.exchange.ended_s
    between = (one for one in writes if one.ended_s >= from_s and one.started_s <= to_s)
    return not any(_touches(write, one.thing) for write in between if write is not one.exchange)


def changed_since(view: View, exchanges: Iterable[Exchange]) -> bool:
    """Whether a write that came after a view may have changed the thing."""
    since_s = view.exchange.started_s
    return any(
        one.started_s > since_s and _touches(one, view.thing)
        for one in exchanges
        if one.method not in SAFE and _succeeded(one) and one is not view.exchange
    )


def _touches(write: Exchange, thing: str) -> bool:
    """Whether a write may have changed a thing: it names it, or everything that lies beside it."""
    collection, _, name = thing.partition(" of ")[0].rpartition("/")
    path, text = write.path, name.encode()
    # As a word: a short id, such as 7, is in many numbers.
    word = rb"(?<![^\W_])" + re.escape(text) + rb"(?![^\W_])"
    for where in (path.encode(), write.request_body, write.body):
        if text in where and re.search(word, where):
            return True
    at_all = not write.operation.endswith("}")  # such as `POST /events/mark-all-read`
    return at_all and path.rpartition("/")[0] == collection


def _succeeded(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status < 400
