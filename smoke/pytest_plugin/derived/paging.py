"""
Paging: a list that is read in small pages has the same rows as in one large page.

pytest collects this module itself; its check is there for every list that the contract pages. A
walk costs one request for the large page, unless the run has just read it, and usually `WALKED`
more; one less if the contract says how to ask for the second page. If that finds a difference, the
list is walked again with every page. A difference counts if the list was the same after the walk
as before: else others changed it meanwhile, and it is walked again.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from smoke.contract.paging import Paging, paging_of
from smoke.contract.pointers import at
from smoke.errors import LeftOutError
from smoke.http.policy import writes
from smoke.plan import Entry, FilledRequest
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer
from smoke.session.lists import whole_list
from smoke.session.replay import Replay
from smoke.session.session import SmokeSession

# The number of small pages for the rows of the large page.
WALKED = 3

# The most walks of one list that others change.
TRIES = 3

# The most pages that are read: a service may put fewer rows on a page than requested.
MOST_PAGES = 12


def paged_lists(smoke: SmokeSession) -> dict[str, Entry]:
    """The entries of the plan that read a paged list, by operation."""
    found: dict[str, Entry] = {}
    for entry in smoke.plan.entries if not smoke.is_quick else ():
        operation = smoke.contract.operations.get(entry.operation)
        paged = operation is not None and paging_of(operation, smoke.contract)
        if paged and smoke.is_sent(entry) and _leaves_nothing(entry, smoke):
            found[entry.operation] = entry
    return found


def _leaves_nothing(entry: Entry, smoke: SmokeSession) -> bool:
    """Whether everything that an entry needs is read, or can be removed again."""
    needed = smoke.plan.closure({entry.name})
    return all(
        not writes(one.operation) or one.operation in smoke.policy.removers for one in needed
    )


@dataclass(frozen=True)
class Walk:
    """One list, read once in a large page and once in small ones."""

    large: Answer
    pages: list[Answer]
    paging: Paging
    size: int
    # Whether the walk begins with the second page, and takes the large page for the first.
    is_short: bool = False

    @property
    def whole(self) -> list[str]:
        """The rows of the large page, each by its identity."""
        return self._rows([self.large])

    @property
    def walked(self) -> list[str]:
        """The rows of all small pages, in their order."""
        return (self.whole[: self.size] if self.is_short else []) + self._rows(self.pages)

    def _rows(self, answers: list[Answer]) -> list[str]:
        rows = [row for one in answers for row in at(one.json, self.paging.rows) or ()]
        names = identity(at(self.large.json, self.paging.rows) or [])
        return [_key(row, names) for row in rows]

    def missing(self) -> list[str]:
        """Rows of the large page that no small page has."""
        walked = set(self.walked)
        return [row for row in self.whole if row not in walked]

    def repeated(self) -> list[str]:
        """Rows that are on several small pages."""
        return [row for row, times in Counter(self.walked).items() if times > 1]

    def strange(self) -> list[str]:
        """Rows that are only on small pages, where the large page has the whole list."""
        whole = self.whole
        if self.paging.next_query(self.large.json, len(whole), 1) is not None:
            return []
        return [row for row in self.walked if row not in whole]

    def endless(self) -> bool:
        """Whether each page names a next one, although none has further rows."""
        seen = len(self.walked)
        read = len(self.pages) + self.is_short
        following = self.paging.next_query(self.pages[-1].json, seen, read)
        return len(self.pages) == MOST_PAGES and seen <= len(self.whole) and following is not None

    @property
    def is_sound(self) -> bool:
        """Whether the walk showed every row once, and ended."""
        return not (self.missing() or self.repeated() or self.endless())


@pytest.mark.generated
async def test_list_is_walked(
    paged_list: Entry, generated_pass: Replay, smoke: SmokeSession
) -> None:
    """Small pages show every row of the list once."""
    paging = paging_of(smoke.contract.operations[paged_list.operation], smoke.contract)
    assert paging is not None  # noqa: S101  # only such lists have this check
    known = await generated_pass.known.filled(paged_list)
    filled = known or await generated_pass.filled(paged_list)
    if await _is_sound_at_once(filled, paging, generated_pass):
        return
    strange: set[str] = set()
    is_sound = True
    for _ in range(TRIES):
        walk = await _walk(filled, paging, generated_pass)
        if walk is None or (walk.is_sound and not walk.strange()):
            return
        is_sound = walk.is_sound
        # Others may add a row and take it away between two readings, but hardly the same one twice.
        strange.intersection_update(walk.strange())
        after = await _page(filled, {paging.size: paging.largest}, generated_pass)
        if replace(walk, large=after).whole == walk.whole and (strange or not is_sound):
            _must_be_sound(walk, strange)
        strange.update(walk.strange())
    if not is_sound:
        raise LeftOutError(f"others change {filled.operation} while it is read")


def _must_be_sound(walk: Walk, strange: Collection[str]) -> None:
    """Expect every row of the large page once, no other row, and an end."""
    last, size = walk.pages[-1], walk.size
    lost, twice = walk.missing(), walk.repeated()
    count = f"{len(lost)} of {len(walk.whole)} rows are on none, such as {lost[:2]}"
    last.that(f"every row on a page of {size}", not lost, count)
    last.that(f"each row on one page of {size} only", not twice, f"twice: {twice[:2]}")
    last.that("only rows of the list", not strange, f"on a page of {size} only: {[*strange][:2]}")
    last.that("an end of the list", not walk.endless(), f"{len(walk.pages)} pages and more")


async def _is_sound_at_once(filled: FilledRequest, paging: Paging, replay: Replay) -> bool:
    """
    Whether the cheapest walk shows every row once.

    It takes a page that the run has just read for the large page. If the contract says how to ask
    for the second page, and another one follows it, the first page shows nothing more.
    """
    recent = whole_list(filled, paging, replay.client.run)
    large = replay.expect(recent) if recent else None
    walk = await _walk(filled, paging, replay, large, is_short=True)
    if walk is None:
        return True
    # A row that is new since the list was read may be missing on the small pages, too.
    is_whole = not recent or len(walk.walked) == len(walk.whole)
    return walk.is_sound and is_whole and not walk.strange()


async def _walk(
    filled: FilledRequest, paging: Paging, replay: Replay, large: Answer | None = None, *,
    is_short: bool = False,
) -> Walk | None:  # fmt: skip
    """Read the large page, then small ones; None where the list is too short for two pages."""
    large = large or await _page(filled, {paging.size: paging.largest}, replay)
    rows = len(at(large.json, paging.rows) or ())
    size = max(-(-rows // WALKED), paging.smallest)
    if rows <= size:
        return None
    goes_on = paging.next_query(large.json, rows, 1) is not None
    second = paging.second(size) if is_short and rows > 2 * size else None
    pages: list[Answer] = []
    query: dict[str, Any] | None = second or {}
    skipped = int(second is not None)
    seen = skipped * size
    while query is not None and len(pages) < MOST_PAGES and not (goes_on and seen > rows):
        exchange = await _asked(filled, {**query, paging.size: size}, replay)
        # Some frameworks answer 404 instead of an empty page after the last one.
        if exchange.status == 404 and seen >= rows:
            break
        page = replay.expect(exchange)
        here = len(at(page.json, paging.rows) or ())
        page.that(f"at most {size} rows on a page of {size}", here <= size, here)
        pages.append(page)
        seen += here
        query = paging.next_query(page.json, seen, len(pages) + skipped)
    return Walk(large, pages, paging, size, bool(skipped))


async def _page(filled: FilledRequest, query: Mapping[str, Any], replay: Replay) -> Answer:
    return replay.expect(await _asked(filled, query, replay))


async def _asked(filled: FilledRequest, query: Mapping[str, Any], replay: Replay) -> Exchange:
    asked = replace(filled, query={**filled.query, **query})
    return await replay.send(asked, replay.caller(filled.actor))


def identity(rows: list[Any]) -> tuple[str, ...]:
    """
    Return the members that tell the rows of a list apart; none where only the whole row does.

    A member that is different in each row identifies it, one called `id` first: other members of
    a row may change between two readings.
    """
    objects = [row for row in rows if isinstance(row, dict)]
    if not objects or len(objects) < len(rows):
        return ()
    names = sorted(objects[0], key=lambda name: (name != "id", not name.endswith("id"), name))
    for name in names:
        values = [row.get(name) for row in objects]
        plain = all(isinstance(value, (str, int)) for value in values)
        if plain and len(set(values)) == len(values):
            return (name,)
    return ()


def _key(row: Any, names: tuple[str, ...]) -> str:
    if isinstance(row, dict) and names:
        return ", ".join(f"{name} {row.get(name)!r}" for name in names)
    return json.dumps(row, sort_keys=True)
