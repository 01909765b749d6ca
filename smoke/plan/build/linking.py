"""
Linking: every id in a request gets a source that the request may use.

A read may use any id. A change needs an id of this run or of the world, and a deletion an id of
this run. Any other case is a problem that a person solves with a rule.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.contract import Contract, Parameter
from smoke.contract.pointers import escape
from smoke.plan.build import kinds
from smoke.plan.build.answers import is_choice, types
from smoke.plan.build.bodies import leaves, lookup_value, members, put
from smoke.plan.build.consent import undecided
from smoke.plan.build.draft import Draft
from smoke.plan.build.naming import is_key, plain, singular
from smoke.plan.build.ownership import Ownership, Prescribed, check_victim, reference
from smoke.plan.build.problems import strange, unowned, unreachable
from smoke.plan.build.producers import Producers
from smoke.plan.build.sources import COLLECTION, LISTED, WORLD, Need, Source
from smoke.plan.build.victims import Edges
from smoke.plan.values import STANDIN_RUN, is_entry, mark_of, unique_text

MAX_ALTERNATIVES = 2
# Passes over all drafts: each can only remove senders, and chains of them are short.
MAX_PASSES = 8
# Ids that a run may choose, the simplest first; some schemas only accept the later ones.
CHOICES: tuple[dict[str, str], ...] = (
    *({"$unique": "smoke-"}, {"$unique": "", "as": "uuid"}, {"$unique": "", "as": "hex"}),
    {"$unique": "smoke", "as": "digits"},
)

# Request headers that repeat a header of an earlier answer (RFC 9110, 13.1).
PRECONDITIONS = {"ifmatch": "ETag", "ifunmodifiedsince": "Last-Modified"}


class Linker:
    """Links drafts to one another; `edges` holds the order that follows from that."""

    def __init__(
        self, contract: Contract, rules: Rules, producers: Producers, drafts: Mapping[str, Draft]
    ) -> None:
        self._schemas = contract.schemas
        self._rules = rules
        self._producers = producers
        self._drafts = drafts
        self._sources: dict[tuple[str, str], list[Source]] = {}
        self._alternatives = 0
        self._asking: dict[str, bool] = {}
        self._ownership = Ownership(drafts)
        self._filled = {name: draft.filled() for name, draft in drafts.items()}
        self.edges = Edges()

    def _only_asks(self, draft: Draft) -> bool:
        """Whether a request only reads; cached, because every source of every value asks."""
        name = draft.operation.id
        if name not in self._asking:
            self._asking[name] = kinds.reads(draft.operation)
        return self._asking[name]

    def link(self, order: list[str]) -> None:
        """Link all drafts, repeatedly until no draft relies on one that is not sent."""
        for _ in range(MAX_PASSES):
            before = {name for name in order if not self._drafts[name].sent}
            self.edges = Edges()
            self._pass(order)
            if {name for name in order if not self._drafts[name].sent} == before:
                break
        # Only now: a substitute must not displace a source.
        self._alternatives = MAX_ALTERNATIVES
        self._pass(order)

    def _pass(self, order: list[str]) -> None:
        self._prescribed = Prescribed(self._rules, self._producers, self._drafts, self.edges)
        for name in order:
            self._prescribed.link(self._drafts[name])
        for name in order:
            if self._drafts[name].sent:
                self._link(self._drafts[name])

    def _link(self, draft: Draft) -> None:
        for parameter in draft.operation.parameters:
            place = f"{parameter.location}/{parameter.name}"
            if place in draft.fixed or not parameter.required:
                continue
            if parameter.location in ("path", "query"):
                draft.unlink(parameter.location, parameter.name, self._filled[draft.name])
            if parameter.location == "path":
                self._path(draft, parameter)
            elif parameter.location == "header":
                self._precondition(draft, parameter)
            elif parameter.location == "query" and (
                is_key(parameter.name) or self._refers(draft, parameter.name, parameter.schema)
            ):
                self._query(draft, parameter)
        if draft.literal is not None:
            self._body(draft)
        if draft.destructive and not draft.problem:
            check_victim(draft)
        if not draft.problem:
            draft.undecided = undecided(draft, self._drafts, self._rules)

    def _path(self, draft: Draft, parameter: Parameter) -> None:
        schema = parameter.schema if isinstance(parameter.schema, dict) else {}
        place = f"path/{parameter.name}"
        # The path chooses among fixed words, which name no resource.
        if is_choice(schema, self._schemas.view("request")):
            draft.sources[place] = "one of the values the contract lists"
            return
        last = draft.operation.id.last_parameter == parameter.name
        prefix, _, _ = draft.operation.path.partition("/{" + parameter.name + "}")
        whole = prefix if prefix != draft.operation.path else ""
        need = Need(parameter.name, whole, types(schema), schema.get("format"), draft.operation)
        if self._example_is_better(draft, place, need):
            return
        if last and self._choose(draft, parameter):
            return
        found = self._find(draft, place, need, draft.destructive and last)
        if found is not None:
            draft.values["path"][parameter.name] = found
        elif not (draft.operation.safe and place in draft.sources):
            candidates = self._all(draft, place, need)
            undecided_maker = self._undecided_maker(draft, candidates)
            if undecided_maker:
                draft.problem = f"it needs {undecided_maker}, which a person must decide first."
                draft.waits_for = undecided_maker
            elif draft.destructive and last:
                makers = [c.operation for c in candidates[:1] if c.operation]
                draft.problem = unowned(draft.operation, parameter.name, makers)
            else:
                draft.problem = unreachable(draft.operation, parameter.name, candidates)

    def _undecided_maker(self, draft: Draft, sources: list[Source]) -> str:
        known = (
            self._drafts.get(s.operation) for s in sources if s.owned or self._only_asks(draft)
        )
        return next((maker.name for maker in known if maker and maker.undecided), "")

    def _choose(self, draft: Draft, parameter: Parameter) -> bool:
        """A PUT that creates the resource in its path gets an id that only this run has."""
        if not self._producers.may_choose(draft.operation):
            return False
        label = f"{draft.name}#path/{parameter.name}"
        for more in CHOICES:
            value = {**more, "label": label}
            stand = unique_text(value, STANDIN_RUN)
            if not parameter.pointer or self._fits(parameter.pointer, stand):
                draft.values["path"][parameter.name] = value
                draft.sources[f"path/{parameter.name}"] = "chosen by the run"
                return True
        return False

    def _fits(self, pointer: str, value: Any) -> bool:
        return self._schemas.validator(pointer, "request").is_valid(value)

    def _example_is_better(self, draft: Draft, place: str, need: Need) -> bool:
        """For reads, the contract's example is better than an id that merely has the same name."""
        if not draft.operation.safe or draft.sources.get(place) != "example of the contract":
            return False
        good = {COLLECTION, WORLD, LISTED}
        return not any(s.owned or s.level in good for s in self._all(draft, place, need))

    def _query(self, draft: Draft, parameter: Parameter) -> None:
        schema = parameter.schema if isinstance(parameter.schema, dict) else {}
        need = Need(parameter.name, "", types(schema), schema.get("format"), draft.operation)
        found = self._find(draft, f"query/{parameter.name}", need, draft.destructive)
        made_up = mark_of(draft.values["query"].get(parameter.name)) == "$unique"
        if found is not None:
            draft.values["query"][parameter.name] = found
        elif not (self._only_asks(draft) or made_up):
            draft.problem = strange(draft.operation, f"query parameter {parameter.name!r}")

    def _precondition(self, draft: Draft, parameter: Parameter) -> None:
        header = PRECONDITIONS.get(plain(parameter.name))
        reader = f"GET {draft.operation.path}"
        if header is None or reader not in self._drafts or not self._drafts[reader].sent:
            return
        if self.edges.wish(reader, draft.name):
            draft.need(reader)
            draft.values["headers"][parameter.name] = {"$from": reader, "header": header}
            draft.sources[f"header/{parameter.name}"] = f"{reader} header {header}"

    def _body(self, draft: Draft) -> None:
        assert draft.media_type is not None  # noqa: S101  # a literal body has a media type
        media = draft.operation.request_bodies[draft.media_type]
        if media.schema is None:
            return
        schema = self._schemas.at(media.pointer, "request")
        if draft.rule.send == "same" and draft.rule.body is None:
            self._same(draft, members(schema, self._schemas.view("request")))
            return
        for tokens, member in list(leaves(draft.literal, schema, self._schemas.view("request"))):
            name = next((t for t in reversed(tokens) if isinstance(t, str)), "")
            place = "body" + "".join(f"/{escape(str(token))}" for token in tokens)
            names = self._names_a_thing(draft, name) or self._refers(draft, name, member)
            if not names or self._is_fixed(draft, place):
                continue
            if mark_of(lookup_value(draft.body, tokens)) == "$unique":
                continue
            value = lookup_value(draft.literal, tokens)
            kind = types(member) or frozenset({"integer" if isinstance(value, int) else "string"})
            # `asset_ids` asks for the id that `asset_id` names.
            one = name if singular(name) == name else singular(name)
            need = Need(one, "", kind - {"null"}, member.get("format"), draft.operation)
            found = self._find(draft, place, need, draft.destructive)
            found = found or self._same_as_path(draft, name)
            # `linked` marks the reference as ours: the next pass makes it again.
            put(draft.body, tokens, value if found is None else found | {"linked": True})
            if found is None and not self._only_asks(draft):
                draft.problem = strange(draft.operation, f"body field {name!r}")

    def _same(self, draft: Draft, taken: list[str]) -> None:
        """A body that writes back the value of an earlier read: the fields that both share."""
        reader = f"GET {draft.operation.path}"
        self._prescribed.require(draft, reader)
        if not draft.problem:
            shown = self._producers.members(self._drafts[reader].operation)
            kept = [name for name in taken if name in shown]
            draft.body = {"$from": reader, "pointer": "", "keep": kept}
            draft.sources["body"] = f"{reader} (the same again)"

    def _names_a_thing(self, draft: Draft, name: str) -> bool:
        """Whether a body field is the id of a resource; a creator may choose its own `id`."""
        bare = draft.phase != kinds.CREATE and singular(plain(name)) in {"id", "uuid", "guid"}
        return is_key(name) or (bare and not self._only_asks(draft))

    def _refers(self, draft: Draft, name: str, schema: Any) -> bool:
        """Whether a number or UUID has the name of a resource, and so is its id: `project`."""
        schema = schema if isinstance(schema, dict) else {}
        need = Need(name, "", types(schema) - {"null"}, schema.get("format"), draft.operation)
        is_id = need.types == {"integer"} or need.format == "uuid"
        return is_id and self._producers.makes(need)

    def _same_as_path(self, draft: Draft, name: str) -> dict[str, Any] | None:
        """A bare `id` in a body repeats the id in the path."""
        named: Any = draft.values["path"].get(draft.operation.id.last_parameter)
        return dict(named) if not is_key(name) and mark_of(named) == "$from" else None

    def _is_fixed(self, draft: Draft, place: str) -> bool:
        """Whether a rule or a sample sets a place, a part of it, or a value around it."""
        return any(
            place == other or place.startswith(f"{other}/") or other.startswith(f"{place}/")
            for other in draft.fixed
        )

    def _find(self, draft: Draft, place: str, need: Need, destroy: bool) -> dict[str, Any] | None:
        """The reference to the best permitted source; one of the world has substitutes."""
        chosen: list[dict[str, Any]] = []
        for source in self._all(draft, place, need):
            owned = self._ownership.owns(draft, source)
            if len(chosen) > self._alternatives or not self._may(draft, source, owned, destroy):
                continue
            if chosen and is_entry(chosen[0]):
                # If the source fails, the report names it as the cause: nothing may replace it.
                break
            if source.operation and not self._reachable(draft, source):
                continue
            if not chosen:
                draft.sources[place] = source.why
                if source.operation:
                    self.edges.add(source.operation, draft.name)
                    draft.need(source.operation)
            elif source.operation and not self.edges.wish(source.operation, draft.name):
                continue
            chosen.append(reference(source, owned))
        if not chosen:
            return None
        first, *others = chosen
        return first | {"or": others} if others else first

    def _all(self, draft: Draft, place: str, need: Need) -> list[Source]:
        key = (draft.operation.id, place)
        if key not in self._sources:
            self._sources[key] = self._producers.sources(need)
        return [*self._sources[key], *self._own_ids(draft, need)]

    def _own_ids(self, draft: Draft, need: Need) -> Iterator[Source]:
        """The ids of the actor itself, which it may read."""
        row = self._rules.actors.get(draft.actor)
        for name in ("user_id", "tenant_id"):
            if row is not None and getattr(row, name) and plain(need.name) == plain(name):
                yield Source(WORLD, "", "", False, world=f"actor.{draft.actor}.{name}")

    def _may(self, draft: Draft, source: Source, owned: bool, destroy: bool) -> bool:
        if destroy:
            return owned
        return self._only_asks(draft) or owned or source.level == WORLD

    def _reachable(self, draft: Draft, source: Source) -> bool:
        producer = self._drafts.get(source.operation)
        if producer is None or not producer.sent or producer.name == draft.name:
            return False
        return not self.edges.reaches(draft.name, source.operation)
