"""
Known things: what checks have made and left, for requests that must be refused.

Without one, the plan makes a thing for them. Not finding a thing that is gone would prove nothing,
so a thing counts only if its owner can read it now.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from smoke.contract.operation_id import PARAMETER, OperationId
from smoke.http.policy import writes
from smoke.plan import Blocked, Body, Entry, FilledRequest
from smoke.plan.values import is_entry, primary
from smoke.results.exchange import Exchange
from smoke.results.run import Run
from smoke.results.sightings import was_read

if TYPE_CHECKING:
    from smoke.session.replay import Replay

# The owner of another tenant.
OUTSIDER = "outsider"


@dataclass(frozen=True)
class _Place:
    """A filled path of a thing, and the successes of the run there, or below it."""

    path: str
    uses: tuple[Exchange, ...]

    def values(self, thing: str) -> dict[str, str]:
        """The values of the parameters in the thing's template."""
        pairs = zip(thing.split("/"), self.path.split("/"), strict=True)
        return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}

    def is_left(self, run: Run) -> bool:
        """Whether the run has removed neither the thing nor a parent of it."""
        gone = (f"{path}/" for _, path, _ in run.taken_away)
        return not any(f"{self.path}/".startswith(path) for path in gone)

    def is_shown_to_others(self, run: Run) -> bool:
        """Whether an answer to another tenant names the thing, which may be its own, or for all."""
        name = re.compile(rf"(?<![\w-]){re.escape(self.path.rpartition('/')[2])}(?![\w-])")
        answers = (one for one in run.exchanges if one.actor == OUTSIDER and one.succeeded)
        return any(name.search(one.text) for one in answers)


class KnownThings:
    """The things that checks of a run have left, for requests that must be refused."""

    def __init__(self, replay: "Replay") -> None:
        self._replay = replay
        # Whether the thing at a path could be read.
        self._there: dict[str, bool] = {}

    async def filled(self, entry: Entry, *, unread: bool = False) -> FilledRequest | None:
        """
        Return an entry's request to a known thing; None if the plan has to make one.

        With `unread`, the thing may be gone.
        """
        run, thing = self._replay.client.run, _thing_of(entry)
        if not thing or self._needs_its_own(entry):
            return None
        place = self._best(thing)
        if place is None or (writes(entry.operation) and place.path not in run.owned):
            return None
        filled = self._at(entry, thing, place)
        if filled is None or not (unread or await self._is_there(filled, thing, place.path)):
            return None
        if filled.owned:
            run.own(filled.operation, filled.path, filled.actor)
        return filled

    def repeated(self, entry: Entry) -> FilledRequest | None:
        """
        Return the request that an operation answered last with a success; None without one.

        Only where no entry has to make anything for it, or where the run made what it names.
        """
        run, template = self._replay.client.run, OperationId(entry.operation).path
        taken = [found for found in _uses(run, template) if found[0].operation == entry.operation]
        if not taken or taken[-1][0].sent_json is None:
            return None
        last, path = taken[-1]
        owned = OperationId(entry.operation).place(path, last.actor) in run.owned
        needed = self._replay.plan.closure({entry.name})
        if not owned and any(writes(one.operation) for one in needed if one.name != entry.name):
            return None
        values = _Place(path, ()).values(template)
        same = replace(entry, path=values, body=last.sent_json, needs=())
        filled = self._replay.pool.fill(same)
        return None if isinstance(filled, Blocked) else replace(filled, owned=owned)

    def _needs_its_own(self, entry: Entry) -> bool:
        """Whether the plan has made what an entry needs, or has to make what lies at its path."""
        plan, tried = self._replay.plan, self._replay.tried
        needed = [plan.by_name[name] for name in entry.needs if name in plan.by_name]
        values = {str(one["$from"]) for one in primary([entry.path, entry.query, entry.body])}
        makes = any(
            writes(one.operation) and one.creates is None and one.name not in values
            for one in needed
        )
        return makes or all(one.name in tried for one in needed)

    def _best(self, thing: str) -> _Place | None:
        """The thing that the run has made and not removed; of several, the one it used most."""
        run = self._replay.client.run
        fitting = re.compile(PARAMETER.sub("[^/]+", thing))
        created = run.creations.ids
        uses: dict[str, list[Exchange]] = {
            path: []
            for path in run.owned
            if fitting.fullmatch(path) and path.rpartition("/")[2] in created
        }
        for one, path in _uses(run, thing):
            uses.setdefault(path, []).append(one)
        made = {path.rpartition("/")[2] for path in run.owned}
        own = [_Place(path, tuple(uses[path])) for path in uses if path.rpartition("/")[2] in made]
        return max(
            (one for one in own if one.is_left(run) and not one.is_shown_to_others(run)),
            key=lambda one: (one.path in run.owned, len(one.uses), one.path),
            default=None,
        )

    def _at(self, entry: Entry, thing: str, place: _Place) -> FilledRequest | None:
        """The entry's request there, with the body of an earlier one if the plan has no values."""
        values = place.values(thing)
        others = {name: value for name, value in entry.path.items() if name not in values}
        bare = replace(entry, path=others, needs=(), destructive=False)
        filled = self._replay.pool.fill(bare)
        bodies = [one.sent_json for one in place.uses if one.operation == entry.operation]
        if isinstance(filled, Blocked) and bodies and bodies[-1] is not None:
            filled = self._replay.pool.fill(replace(bare, body=bodies[-1]))
        if isinstance(filled, Blocked):
            return None
        owned = place.path in self._replay.client.run.owned
        return replace(filled, path={**filled.path, **values}, owned=owned)

    async def _is_there(self, filled: FilledRequest, thing: str, path: str) -> bool:
        """Whether the owner can read the thing, and gets an answer to the request if it reads."""
        plan, run = self._replay.plan, self._replay.client.run
        reader = plan.by_name.get(f"GET {thing}")
        if path not in self._there and reader is not None and reader.media_type is None:
            named = {name: filled.path[name] for name in OperationId(reader.operation).parameters}
            self._there[path] = await self._is_read(
                FilledRequest(reader.name, reader.operation, reader.actor, named, {}, {}, Body())
            )
        if writes(filled.operation) or self._there.get(path) is False:
            return self._there.get(path, False)
        here = OperationId(filled.operation).fill(filled.path)
        if path in self._there and was_read(run, filled.operation, here):
            return True
        self._there[path] = await self._is_read(filled)
        return self._there[path]

    async def _is_read(self, filled: FilledRequest) -> bool:
        exchange = await self._replay.send(filled, self._replay.caller(filled.actor))
        return exchange.status in self._replay.plan.by_name[filled.entry].expect


def _thing_of(entry: Entry) -> str:
    """The template of the innermost thing in an entry's path that another entry has to make."""
    made = [name for name, value in entry.path.items() if any(map(is_entry, primary(value)))]
    path = OperationId(entry.operation).path
    ends = [path.index(f"{{{name}}}") + len(name) + 2 for name in made]
    return path[: max(ends)] if ends else ""


def _uses(run: Run, thing: str) -> Iterator[tuple[Exchange, str]]:
    """The successes of the run at things with a template, or below them, each with the path."""
    for one in run.until_now():
        template = OperationId(one.operation).path
        if one.succeeded and one.actor != OUTSIDER and f"{template}/".startswith(f"{thing}/"):
            # Counted from the end, so that a base path before the template does not matter.
            parts = urlsplit(one.url).path.split("/")[-template.count("/") :]
            yield one, "/" + "/".join(parts[: thing.count("/")])
