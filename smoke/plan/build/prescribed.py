"""Prescribed sources: the entries that rules refer to, which the plan sends first."""

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.plan.build.draft import Draft
from smoke.plan.build.order import Edges
from smoke.plan.build.producers import Producers
from smoke.plan.build.sources import Need
from smoke.plan.values import is_entry, primary


class Prescribed:
    """Links drafts to the entries that their rules name; `edges` gets the order of both."""

    def __init__(
        self,
        rules: Rules,
        producers: Producers,
        drafts: Mapping[str, Draft],
        edges: Edges,
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
