"""Ownership: which sources name what this run made, and the sources that rules prescribe."""

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.plan.build.draft import Draft
from smoke.plan.build.problems import unowned
from smoke.plan.build.producers import Producers
from smoke.plan.build.sources import COLLECTION, LISTED, Need, Source
from smoke.plan.build.victims import Edges
from smoke.plan.values import identity, is_entry, mark_of, primary


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


class Prescribed:
    """Links drafts to the entries that their rules name; `edges` gets the order of both."""

    def __init__(
        self, rules: Rules, producers: Producers, drafts: Mapping[str, Draft], edges: Edges
    ) -> None:
        self._rules = rules
        self._producers = producers
        self._drafts = drafts
        self._edges = edges

    def link(self, draft: Draft) -> None:
        """Link a draft to the entries that its rules name: those entries come first."""
        draft.needs.clear()
        self._claim(draft)
        for name in draft.rule.after:
            # A smaller contract may lack the entry, and a pattern with `after` may match the
            # entry itself; neither is a mistake.
            if name in self._drafts and name != draft.name:
                self.require(draft, name)
        for reference in self._chosen(draft):
            if is_entry(reference):
                self.require(draft, str(reference["$from"]))
                self._own(reference)
            elif reference["$from"].removeprefix("world.") in self._rules.world_made:
                reference["owned"] = True

    def _claim(self, draft: Draft) -> None:
        """Take the last id of the path from the entry that a rule's `own` names."""
        maker, named = self._drafts.get(draft.rule.own or ""), draft.operation.id.last_parameter
        if maker is None or not named or named in draft.rule.path:
            return
        need = Need(named, "", frozenset(), None, draft.operation)
        pointer = maker.creates or self._producers.answered(maker.operation, need)
        if pointer is None:
            draft.problem = f"own: the answer of {maker.name} has no id for {{{named}}}."
            return
        made = {"$from": maker.name, "pointer": pointer, "owned": True}
        draft.values["path"][named] = made
        draft.sources[f"path/{named}"] = "rule"
        draft.fixed.add(f"path/{named}")

    def _own(self, reference: dict[str, Any]) -> None:
        """Mark a reference as owned if it is the id in the answer of a creating entry."""
        maker = self._drafts.get(str(reference["$from"]))
        made = maker is not None and maker.creates is not None
        if maker is not None and made and reference.get("pointer") == maker.creates:
            reference["owned"] = True

    def _chosen(self, draft: Draft) -> Iterator[dict[str, Any]]:
        """The references that a person chose; every pass makes the others again."""
        for location, values in draft.values.items():
            for name, value in values.items():
                if f"{location.removesuffix('s')}/{name}" in draft.fixed:
                    yield from primary(value)
        yield from (r for r in primary(draft.body) if not r.get("linked"))

    def require(self, draft: Draft, name: str) -> None:
        """Note that a draft needs another one; a missing one is a problem."""
        other = self._drafts.get(name)
        if other is None:
            draft.problem = f"it needs {name}, which this contract does not have."
        elif other.undecided:
            draft.problem = f"it needs {name}, which a person must decide first."
            draft.waits_for = name
        elif not other.sent:
            reason = other.problem or (other.excepted.reason if other.excepted else "")
            draft.problem = f"it needs {name}, which is not sent: {reason}"
        draft.need(name)
        self._edges.add(name, draft.name)
