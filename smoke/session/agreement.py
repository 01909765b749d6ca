"""
Agreement: several operations show the same values of one thing.

The answers of the run are compared with each other, which costs no request. Where two disagree,
both operations are asked again, the first one twice: a value that has changed in between, by
itself or by somebody else, is not a disagreement.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from smoke.contract import Contract
from smoke.contract.operation_id import OperationId
from smoke.contract.paging import paging_of
from smoke.contract.pointers import at
from smoke.errors import LeftOutError, SmokeError
from smoke.http.client import Client
from smoke.results.disagreements import Disagreement, alike, changed_since, disagreements
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer, Expect
from smoke.results.passive.echoes import unlike
from smoke.results.views import View, listed, views_in
from smoke.session.caller import Caller
from smoke.session.lists import SECOND_LOOK_S

# Disagreements of one kind that are looked at again, and kinds in all.
EACH, KINDS = 4, 8

Pair = tuple[View, View]
Values = dict[str, Any]


class Agreement:
    """Compares what the run was shown; `caller` gives an actor by name."""

    def __init__(self, client: Client, expect: Expect, caller: Callable[[str], Caller]) -> None:
        self._client = client
        self._run = expect.run
        self._contract = expect.contract
        self._caller = caller

    async def check(self) -> None:
        """
        Expect that no two operations still disagree about a thing.

        Raises:
            Mismatch: they do.
            LeftOutError: no thing was shown by two operations.
        """
        looked: Counter[tuple[str, str, str]] = Counter()
        for found in disagreements(self._run.exchanges, self._contract):
            if looked[found.kind] < EACH and len(looked) <= KINDS:
                looked[found.kind] += 1
                if await self._is_settled(found):
                    looked[found.kind] = EACH
        for exchange in miscounted(self._run.until_now(), self._contract):
            await self._count_again(exchange)
        last = self._last_of_two()
        if last is None:
            raise LeftOutError("no thing was shown by two operations")
        self._run.expected(last, "the same of each thing as other operations show", "so", met=True)

    async def _is_settled(self, found: Disagreement) -> bool:
        """
        Whether another look at a disagreement, and one a moment later, can tell; expect it gone.

        A thing that is not shown any more cannot be looked at: another one may be.
        """
        pair = await self._again(found)
        if pair is not None and self._differ(pair, found):
            await asyncio.sleep(SECOND_LOOK_S)
            pair = await self._again(found)
            if pair is not None and not self._differ(pair, found):
                self._run.note_late(found.other.operation, SECOND_LOOK_S)
        elif pair is None and found.is_certain and not self._run.late:
            pair = found.one, found.other
        if pair is not None and self._differ(pair, found):
            one, other = pair
            wanted = f"{found.field} as {one.operation} has it: {one.shown[found.field]!r}"
            Answer(other.exchange, self._run).that(wanted, False, other.shown[found.field])
        return pair is not None

    async def _again(self, found: Disagreement) -> Pair | None:
        """
        The two views as they are now; None if they cannot be seen, or change meanwhile.

        One actor asks for both: what a thing shows may depend on who reads it.
        """
        one, other, who = found.one, found.other, found.one.exchange
        if not one.reads:
            if changed_since(one, self._run.exchanges):
                return None
            now = await self._look(other, one.thing, who)
            return (one, now) if now and not _is_newer(now, one) else None
        first = await self._look(one, one.thing, who, in_its_place=True)
        second = await self._look(other, first.thing, who, in_its_place=True) if first else None
        if first and second and first.thing != second.thing:
            first = await self._look(one, second.thing, who)
        third = await self._look(one, second.thing, who) if first and second else None
        if not (first and second and third) or self._differ((first, third), found):
            return None
        return first, second

    def _differ(self, pair: Pair, found: Disagreement) -> bool:
        """Whether two views still show different values of the field."""
        name, (one, other) = found.field, pair
        if one.is_sent:
            return name in unlike(one.exchange, self._contract, one.shown, other.shown)
        return name in one.shown and name in other.shown and not alike(name, one, other)

    async def _count_again(self, exchange: Exchange) -> None:
        """Expect a list to count its rows correctly, now that it is read again."""
        for _ in range(2):
            try:
                exchange = await self._asked_again(exchange)
                further = further_page(exchange, self._contract)
                page = await self._asked_again(exchange, query=further) if further else None
            except SmokeError:
                return
            wrong = miscount(exchange, self._contract)
            if not wrong or (page is not None and rows_in(page, self._contract)):
                return
        Answer(exchange, self._run).that("a total of the rows of the whole list", False, wrong)

    async def _look(
        self, view: View, thing: str, who: Exchange, *, in_its_place: bool = False
    ) -> View | None:
        """
        The view of a thing as it is now; None if it is no longer shown, or not to who asks.

        A list may show another thing in its place: the run has removed most of what it made.
        """
        exchange, path = view.exchange, Values()
        if thing != view.thing and not view.is_row:
            name = OperationId(exchange.operation).last_parameter
            values = _values(exchange.operation, exchange.path)
            if not exchange.operation.endswith("}") or values[name] != _last(view.thing):
                return None  # its path names the thing in another way than answers do
            path = {name: _last(thing)}
        try:
            now = await self._asked_again(exchange, path, who=who)
        except SmokeError:
            return None
        views = {one.thing: one for one in views_in(now, self._contract)}
        found = views.get(thing)
        if found is None and view.is_row and in_its_place:
            return next(iter(views.values()), None)
        return found

    async def _asked_again(
        self, exchange: Exchange, path: Values | None = None, query: Values | None = None,
        who: Exchange | None = None,
    ) -> Exchange:  # fmt: skip
        """Send the request of an exchange again, with other values if some are given."""
        parts = urlsplit(exchange.url)
        values = _values(exchange.operation, parts.path) | (path or {})
        asked: Values = dict(parse_qsl(parts.query)) | (query or {})
        return await self._who_asked(who or exchange).call(
            exchange.operation, query=asked, **values
        )

    def _who_asked(self, exchange: Exchange) -> Caller:
        """The actor of an exchange, or a caller with the same token."""
        try:
            return self._caller(exchange.actor)
        except SmokeError:  # an account that a check has made
            token = exchange.request_headers.get("authorization", "").rpartition(" ")[2]
            return Caller(self._client, exchange.actor, token)

    def _last_of_two(self) -> Exchange | None:
        """
        The last answer that showed a thing which another operation has shown, too.

        Whether a list shows the thing of a check beside it is chance: other answers come first.
        """
        shown: dict[str, View] = {}
        last: dict[bool, Exchange] = {}
        for exchange in self._run.until_now():
            for view in views_in(exchange, self._contract):
                first = shown.setdefault(view.thing, view)
                if first.operation != view.operation:
                    last[first.is_row or view.is_row] = exchange
        return last.get(False) or last.get(True)


def _last(thing: str) -> str:
    return thing.rpartition("/")[2]


def _values(operation: str, path: str) -> Values:
    """The values of the parameters in a filled path, which may begin with a base path."""
    template = OperationId(operation).path.split("/")[1:]
    pairs = zip(template, path.split("/")[-len(template) :], strict=True)
    return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}


# A list that is shown whole needs no further request to see whether its count is right.
def miscounted(exchanges: Iterable[Exchange], contract: Contract) -> Iterator[Exchange]:
    """Yield the newest answer of each list that counts more rows or fewer than it shows."""
    newest: dict[str, Exchange] = {}
    for exchange in sorted(exchanges, key=lambda one: one.started_s):
        if miscount(exchange, contract):
            newest[exchange.operation] = exchange
    yield from newest.values()


def miscount(exchange: Exchange, contract: Contract) -> str:
    """
    The total and the number of rows, in words, if a list that is shown whole has two of them.

    A list that is filtered may count what it leaves out, so only a page size may be asked for.
    """
    operation = contract.operations.get(exchange.operation)
    paging = paging_of(operation, contract) if operation and exchange.status == 200 else None
    if paging is None or not paging.total or exchange.forgotten:
        return ""
    asked = parse_qs(urlsplit(exchange.url).query)
    size = asked.pop(paging.size, [""])[0]
    rows, total = at(exchange.json, paging.rows), at(exchange.json, paging.total)
    if asked or not isinstance(rows, list) or not isinstance(total, int):
        return ""
    # Without a size the service chooses one, which the first page alone does not show.
    is_whole = len(rows) < int(size) if size.isdigit() else len(rows) < paging.smallest
    if paging.following:  # a page may be shorter than asked for, and say that another one follows
        is_whole = paging.next_query(exchange.json, len(rows), 1) is None
    return f"{total}, and {len(rows)} rows are there" if is_whole and total != len(rows) else ""


def further_page(exchange: Exchange, contract: Contract) -> dict[str, Any] | None:
    """
    The query of the page that must be empty if the rows are all; None if the page itself says so.

    A service may put fewer rows on a page than it is asked for, and count them all.
    """
    paging = paging_of(contract.operations[exchange.operation], contract)
    rows = at(exchange.json, paging.rows) if paging and not paging.following else None
    if paging is None or not isinstance(rows, list):
        return None
    return paging.next_query(exchange.json, len(rows), 1)


def rows_in(exchange: Exchange, contract: Contract) -> list[Any]:
    """The rows of a page; none where it is not one."""
    return listed(exchange, contract)[2]


def _is_newer(now: View, written: View) -> bool:
    """Whether somebody has changed the thing since: its moment of change says so."""
    before, after = _moment(written), _moment(now)
    return bool(before) and after > before


def _moment(view: View) -> str:
    """When the thing was changed last, as the answer has it; empty if it does not say so."""
    answered = view.exchange.json if view.is_sent else view.shown
    return str(answered.get("updated_at") or "") if isinstance(answered, Mapping) else ""
