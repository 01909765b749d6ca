"""Ownership: which sources of an id name something that this run made."""

from collections.abc import Mapping
from typing import Any

from smoke.plan.build.draft import Draft
from smoke.plan.build.problems import unowned
from smoke.plan.build.sources import COLLECTION, LISTED, Source
from smoke.plan.values import identity, mark_of, primary


class Ownership:
    """Decides which sources the run owns; drafts are linked one after the other."""

    def __init__(self, drafts: Mapping[str, Draft]) -> None:
        self._drafts = drafts

    def owns(self, draft: Draft, source: Source) -> bool:
        """Whether the source names something that this run made."""
        if source.owned and source.operation:
            return self._really_makes(source)
        return source.owned or self._is_child_of_owned(draft, source)

    def _really_makes(self, source: Source) -> bool:
        """A request that chooses the id may meet an existing resource; 201 proves a new one."""
        maker = self._drafts.get(source.operation)
        name = source.pointer.rpartition("/")[2]
        if maker is None or not isinstance(maker.body, dict) or name not in maker.body:
            return True
        return mark_of(maker.body[name]) == "$unique" or 201 in maker.operation.success

    def _is_child_of_owned(self, draft: Draft, source: Source) -> bool:
        """Whether the source is listed below a resource of this run: then the run owns it, too."""
        producer = self._drafts.get(source.operation)
        if producer is None or source.level not in {LISTED, COLLECTION}:
            return False
        own = draft.values["path"]
        parents = producer.values["path"]
        return bool(parents) and all(_same_owned(v, own.get(n)) for n, v in parents.items())


def check_victim(draft: Draft) -> None:
    """Refuse a deletion that does not name a resource of this run: a guess is never safe."""
    named = draft.operation.id.last_parameter
    given: Any = draft.values["path"].get(named) if named else None
    victims = [given] if mark_of(given) == "$from" else list(primary(draft.body))
    if draft.ends_session and not named:
        return
    if not victims or not all(victim.get("owned") for victim in victims):
        draft.problem = unowned(draft.operation, named, [str(v["$from"]) for v in victims])


def _same_owned(value: Any, other: Any) -> bool:
    """Whether two values refer to the same resource of this run."""
    if not isinstance(value, dict) or not isinstance(other, dict):
        return False
    both = mark_of(value) == mark_of(other) == "$from"
    return both and bool(value.get("owned")) and identity(value) == identity(other)


def reference(source: Source, owned: bool) -> dict[str, Any]:
    """The notation of a source in a plan."""
    if source.world:
        is_actor = source.world.startswith("actor.")
        found: dict[str, Any] = {"$from": source.world if is_actor else f"world.{source.world}"}
    elif source.header:
        found = {"$from": source.operation, "header": source.header}
    elif source.sent:
        found = {"$from": source.operation, "sent": source.sent}
    else:
        found = {"$from": source.operation, "pointer": source.pointer}
    if source.segment:
        found["segment"] = True
    return found | {"owned": True} if owned else found
