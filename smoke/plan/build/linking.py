"""
Linking: every id in a request gets a source that the request may be given.

A read may use any id. A change needs an id of this run or of the world, and a deletion an id of
this run. Any other case is a problem that a person solves with a rule.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import escape
from smoke.plan.build import kinds
from smoke.plan.build.answers import types
from smoke.plan.build.bodies import leaves, lookup_value, members, put
from smoke.plan.build.consent import undecided
from smoke.plan.build.naming import is_key, plain, singular
from smoke.plan.build.order import Edges
from smoke.plan.build.problems import strange, unowned, unreachable
from smoke.plan.build.sources import COLLECTION, LISTED, WORLD, Need, Source
from smoke.plan.values import STANDIN_RUN, identity, is_entry, mark_of, primary, unique_text

if TYPE_CHECKING:
    from smoke.config.rules import Rules
    from smoke.contract import Contract, Parameter
    from smoke.plan.build.draft import Draft
    from smoke.plan.build.producers import Producers

MAX_ALTERNATIVES = 2
MAX_PASSES = 8
# Ids that a run may choose, the plainest first.
CHOICES: tuple[dict[str, str], ...] = (
    *({"$unique": "smoke-"}, {"$unique": "", "as": "uuid"}, {"$unique": "", "as": "hex"}),
    {"$unique": "smoke", "as": "digits"},
)

# Request headers that repeat a header of an earlier answer (RFC 9110, 13.1).
PRECONDITIONS = {"ifmatch": "ETag", "ifunmodifiedsince": "Last-Modified"}


class Linker:
    """Links drafts to one another; `edges` says what then must come before what."""

    def __init__(
        self,
        contract: "Contract",
        rules: "Rules",
        producers: "Producers",
        drafts: "Mapping[str, Draft]",
    ) -> None:
        self._schemas = contract.schemas
        self._rules = rules
        self._producers = producers
        self._drafts = drafts
        self._sources: dict[tuple[str, str], list[Source]] = {}
        self._alternatives = 0
        self._asking: dict[str, bool] = {}
        self.edges = Edges()

    def _only_asks(self, draft: "Draft") -> bool:
        """Whether a request only reads; it is asked again for every source of every value."""
        name = draft.operation.id
        if name not in self._asking:
            self._asking[name] = kinds.reads(draft.operation)
        return self._asking[name]

    def link(self, order: list[str]) -> None:
        """Link all drafts, again and again until no draft relies on one that is not sent."""
        for _ in range(MAX_PASSES):
            before = {name for name in order if not self._drafts[name].sent}
            self.edges = Edges()
            self._pass(order)
            if {name for name in order if not self._drafts[name].sent} == before:
                break
        self._alternatives = MAX_ALTERNATIVES  # only now: a substitute must not displace a source
        self._pass(order)

    def _pass(self, order: list[str]) -> None:
        for name in order:
            self._given(self._drafts[name])
        for name in order:
            if self._drafts[name].sent:
                self._link(self._drafts[name])

    def _given(self, draft: "Draft") -> None:
        """What the rules themselves refer to: those entries come first."""
        draft.needs.clear()
        self._claim(draft)
        for name in draft.rule.after:
            # What a smaller contract lacks need not come before; nor does a request before itself,
            # which a pattern with `after` may match as well.
            if name in self._drafts and name != draft.name:
                self._require(draft, name)
        for reference in self._chosen(draft):
            if is_entry(reference):
                self._require(draft, str(reference["$from"]))
                self._own(reference)
            elif reference["$from"].removeprefix("world.") in self._rules.world_made:
                reference["owned"] = True

    def _claim(self, draft: "Draft") -> None:
        """What a rule's `own` says made the thing that the path names last."""
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
        """What a person names as the id of a made thing is the run's own."""
        maker = self._drafts.get(str(reference["$from"]))
        made = maker is not None and maker.creates is not None
        if maker is not None and made and reference.get("pointer") == maker.creates:
            reference["owned"] = True

    def _chosen(self, draft: "Draft") -> Iterator[dict[str, Any]]:
        """The references that a person chose; what an earlier pass linked is linked anew."""
        for location, values in draft.values.items():
            for name, value in values.items():
                if f"{location.removesuffix('s')}/{name}" in draft.fixed:
                    yield from primary(value)
        yield from (r for r in primary(draft.body) if not r.get("linked"))

    def _require(self, draft: "Draft", name: str) -> None:
        other = self._drafts.get(name)
        if other is None:
            draft.problem = f"it needs {name}, which this contract does not have."
        elif other.undecided:
            draft.problem = f"it needs {name}, which a person must decide first."
        elif not other.sent:
            reason = other.problem or (other.excepted.reason if other.excepted else "")
            draft.problem = f"it needs {name}, which is not sent: {reason}"
        draft.need(name)
        self.edges.add(name, draft.name)

    def _link(self, draft: "Draft") -> None:
        for parameter in draft.operation.parameters:
            place = f"{parameter.location}/{parameter.name}"
            if place in draft.fixed or not parameter.required:
                continue
            if parameter.location == "path":
                self._path(draft, parameter)
            elif parameter.location == "header":
                self._precondition(draft, parameter)
            elif parameter.location == "query" and is_key(parameter.name):
                self._query(draft, parameter)
        if draft.literal is not None:
            self._body(draft)
        if draft.destructive and not draft.problem:
            self._victim_known(draft)
        if not draft.problem:
            draft.undecided = undecided(draft, self._drafts, self._rules)

    def _path(self, draft: "Draft", parameter: "Parameter") -> None:
        schema = parameter.schema if isinstance(parameter.schema, dict) else {}
        place = f"path/{parameter.name}"
        if "enum" in schema or "const" in schema:
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
            undecided_maker = self._undecided_maker(candidates)
            if undecided_maker:
                draft.problem = f"it needs {undecided_maker}, which a person must decide first."
            elif draft.destructive and last:
                makers = [c.operation for c in candidates[:1] if c.operation]
                draft.problem = unowned(draft.operation, parameter.name, makers)
            else:
                draft.problem = unreachable(draft.operation, parameter.name, candidates)

    def _undecided_maker(self, sources: list[Source]) -> str:
        made = (s.operation for s in sources if s.owned and s.operation in self._drafts)
        return next((name for name in made if self._drafts[name].undecided), "")

    def _choose(self, draft: "Draft", parameter: "Parameter") -> bool:
        """A PUT that makes what its path names gets an id that only this run has."""
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

    def _example_is_better(self, draft: "Draft", place: str, need: Need) -> bool:
        """The contract's example beats an id that merely has the same name, for reading."""
        if not draft.operation.safe or draft.sources.get(place) != "example of the contract":
            return False
        good = {COLLECTION, WORLD, LISTED}
        return not any(s.owned or s.level in good for s in self._all(draft, place, need))

    def _query(self, draft: "Draft", parameter: "Parameter") -> None:
        schema = parameter.schema if isinstance(parameter.schema, dict) else {}
        need = Need(parameter.name, "", types(schema), schema.get("format"), draft.operation)
        found = self._find(draft, f"query/{parameter.name}", need, draft.destructive)
        if found is not None:
            draft.values["query"][parameter.name] = found
        elif not self._only_asks(draft) and not self._is_made_up(draft, "query", parameter):
            draft.problem = strange(draft.operation, f"query parameter {parameter.name!r}")

    def _is_made_up(self, draft: "Draft", location: str, parameter: "Parameter") -> bool:
        return mark_of(draft.values[location].get(parameter.name)) == "$unique"

    def _precondition(self, draft: "Draft", parameter: "Parameter") -> None:
        header = PRECONDITIONS.get(plain(parameter.name))
        reader = f"GET {draft.operation.path}"
        if header is None or reader not in self._drafts or not self._drafts[reader].sent:
            return
        if self.edges.wish(reader, draft.name):
            draft.need(reader)
            draft.values["headers"][parameter.name] = {"$from": reader, "header": header}
            draft.sources[f"header/{parameter.name}"] = f"{reader} header {header}"

    def _body(self, draft: "Draft") -> None:
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
            if not self._names_a_thing(draft, name) or self._is_fixed(draft, place):
                continue
            if mark_of(lookup_value(draft.body, tokens)) == "$unique":
                continue
            value = lookup_value(draft.literal, tokens)
            kind = types(member) or frozenset({"integer" if isinstance(value, int) else "string"})
            one = name if singular(name) == name else singular(name)
            need = Need(one, "", kind - {"null"}, member.get("format"), draft.operation)
            found = self._find(draft, place, need, draft.destructive)
            found = found or self._same_as_path(draft, name)
            put(draft.body, tokens, value if found is None else found | {"linked": True})
            if found is None and not self._only_asks(draft):
                draft.problem = strange(draft.operation, f"body field {name!r}")

    def _same(self, draft: "Draft", taken: list[str]) -> None:
        """A body that writes back what was read, as far as the request takes it."""
        reader = f"GET {draft.operation.path}"
        self._require(draft, reader)
        if not draft.problem:
            shown = self._producers.members(self._drafts[reader].operation)
            kept = [name for name in taken if name in shown]
            draft.body = {"$from": reader, "pointer": "", "keep": kept}
            draft.sources["body"] = f"{reader} (the same again)"

    def _names_a_thing(self, draft: "Draft", name: str) -> bool:
        """Whether a body field is the id of something; a maker's own `id` may be its choice."""
        bare = draft.phase != kinds.CREATE and singular(plain(name)) in {"id", "uuid", "guid"}
        return is_key(name) or (bare and not self._only_asks(draft))

    def _same_as_path(self, draft: "Draft", name: str) -> dict[str, Any] | None:
        """A bare id in a body says again what the path names."""
        named: Any = draft.values["path"].get(draft.operation.id.last_parameter)
        return dict(named) if not is_key(name) and mark_of(named) == "$from" else None

    def _is_fixed(self, draft: "Draft", place: str) -> bool:
        """A place is fixed when a rule or sample names it, something around it or inside it."""
        return any(
            place == other or place.startswith(f"{other}/") or other.startswith(f"{place}/")
            for other in draft.fixed
        )

    def _find(self, draft: "Draft", place: str, need: Need, destroy: bool) -> dict[str, Any] | None:
        """The reference to the best source that may be used; one of the world has substitutes."""
        chosen: list[dict[str, Any]] = []
        for source in self._all(draft, place, need):
            owned = self._is_owned(draft, source)
            if len(chosen) > self._alternatives or not self._may(draft, source, owned, destroy):
                continue
            if chosen and is_entry(chosen[0]):
                break  # where a request fails, what needs it is blocked by it and not rescued
            if source.operation and not self._reachable(draft, source):
                continue
            if not chosen:
                draft.sources[place] = source.why
                if source.operation:
                    self.edges.add(source.operation, draft.name)
                    draft.need(source.operation)
            elif source.operation and not self.edges.wish(source.operation, draft.name):
                continue
            chosen.append(_reference(source, owned))
        if not chosen:
            return None
        first, *others = chosen
        return first | {"or": others} if others else first

    def _all(self, draft: "Draft", place: str, need: Need) -> list[Source]:
        key = (draft.operation.id, place)
        if key not in self._sources:
            self._sources[key] = self._producers.sources(need)
        return [*self._sources[key], *self._own_ids(draft, need)]

    def _own_ids(self, draft: "Draft", need: Need) -> Iterator[Source]:
        """A caller may read what is its own: ids of the actor itself."""
        row = self._rules.actors.get(draft.actor)
        for name in ("user_id", "tenant_id"):
            if row is not None and getattr(row, name) and plain(need.name) == plain(name):
                yield Source(WORLD, "", "", False, world=f"actor.{draft.actor}.{name}")

    def _may(self, draft: "Draft", source: Source, owned: bool, destroy: bool) -> bool:
        if destroy:
            return owned
        return self._only_asks(draft) or owned or source.level == WORLD

    def _is_owned(self, draft: "Draft", source: Source) -> bool:
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

    def _is_child_of_owned(self, draft: "Draft", source: Source) -> bool:
        """What is listed below a thing this run made belongs to the run as well."""
        producer = self._drafts.get(source.operation)
        if producer is None or source.level not in {LISTED, COLLECTION}:
            return False
        own = draft.values["path"]
        parents = producer.values["path"]
        return bool(parents) and all(_same_owned(v, own.get(n)) for n, v in parents.items())

    def _reachable(self, draft: "Draft", source: Source) -> bool:
        producer = self._drafts.get(source.operation)
        if producer is None or not producer.sent or producer.name == draft.name:
            return False
        return not self.edges.reaches(draft.name, source.operation)

    def _victim_known(self, draft: "Draft") -> None:
        """Safety: a deletion must name a resource of this run; guessing is never safe."""
        named = draft.operation.id.last_parameter
        given: Any = draft.values["path"].get(named) if named else None
        victims = [given] if mark_of(given) == "$from" else list(primary(draft.body))
        if draft.ends_session and not named:
            return
        if not victims or not all(victim.get("owned") for victim in victims):
            draft.problem = unowned(draft.operation, named, [str(v["$from"]) for v in victims])


def _same_owned(value: Any, other: Any) -> bool:
    """Whether two values are references to one thing that the run made."""
    if not isinstance(value, dict) or not isinstance(other, dict):
        return False
    both = mark_of(value) == mark_of(other) == "$from"
    return both and bool(value.get("owned")) and identity(value) == identity(other)


def _reference(source: Source, owned: bool) -> dict[str, Any]:
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
