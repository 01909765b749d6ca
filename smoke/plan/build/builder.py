"""The builder: from a contract and its rules to a plan."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from smoke.config.rules import Matched, Rule, Rules, check
from smoke.config.rules.model import ANONYMOUS
from smoke.config.rules.values import references as rule_references
from smoke.contract import Contract, Operation
from smoke.errors import DataError
from smoke.plan.build import examples, kinds, problems
from smoke.plan.build.answers import Answers
from smoke.plan.build.bodies import media_type, structured
from smoke.plan.build.consent import DISPOSABLE
from smoke.plan.build.draft import Draft, entry_of
from smoke.plan.build.filling import Filler
from smoke.plan.build.linking import Linker
from smoke.plan.build.problems import decisions
from smoke.plan.build.producers import Producers
from smoke.plan.build.standin import Standin
from smoke.plan.build.victims import arrange, circle, spare, throw_aways
from smoke.plan.changes import Digests
from smoke.plan.model import Plan


def build(
    contract: Contract,
    rules: Rules,
    progress: Callable[[int, int], None] | None = None,
    gates: Sequence[str] | None = None,
) -> Plan:
    """
    The plan of a contract; `progress` gets the number of finished operations, and of all.

    Raises:
        DataError: the rules have mistakes; the message lists all of them.
    """
    return _Builder(contract, rules, check(contract, rules, gates)).plan(progress)


class _Builder:
    def __init__(self, contract: Contract, rules: Rules, matched: dict[str, Matched]) -> None:
        self._contract = contract
        self._rules = rules
        self._matched = matched
        self._answers = Answers(contract)
        declared = {name: row.rule.creates or "" for name, row in matched.items()}
        self._producers = Producers(contract, rules, self._answers, declared)
        self._filler = Filler(contract, rules)
        self._standin = Standin(contract, rules)
        self._drafts: dict[str, Draft] = {}

    def plan(self, progress: Callable[[int, int], None] | None) -> Plan:
        for operation in self._contract.operations.values():
            matched = self._matched[operation.id]
            self._add(operation, operation.id, matched.rule, matched.places)
            for rule in matched.extra:
                if not (rule.optional and self._lacks(rule)):
                    self._add(operation, rule.name, rule, (rule.place,))
        self._generate(progress)
        # Linking follows this order, so that the same contract always gives the same plan.
        order = sorted(self._drafts, key=lambda name: self._key(self._drafts[name]))
        linker = Linker(self._contract, self._rules, self._producers, self._drafts)
        linker.link(order)
        keys = {name: self._key(self._drafts[name]) for name in order}
        # A copy that is to be deleted is sent directly before its deletion.
        for made, draft in list(throw_aways(self._drafts, self._producers, self._key)):
            self._drafts[made.name] = made
            keys[made.name] = (*self._key(draft)[:-2], 0, made.name)
            linker.edges.add(made.name, draft.name)
            for name in made.needs:
                linker.edges.add(name, made.name)
        # Only now is the victim of each deletion known.
        spare(self._drafts, linker.edges)
        for draft in self._drafts.values():
            self._attempt(draft, self._validate)
        done, stuck = arrange(keys, linker.edges)
        for name in stuck:
            self._drafts[name].problem = problems.circle(circle(stuck, linker.edges))
        self._pass_on(done)
        return self._finish([*done, *stuck])

    def _add(self, operation: Operation, name: str, rule: Rule, places: tuple[str, ...]) -> None:
        creates = rule.creates if rule.creates is not None else self._producers.created(operation)
        ends = kinds.ends_session(operation)
        ends = ends if rule.ends_session is None else rule.ends_session
        destructive = kinds.destroys(operation) if rule.destroys is None else rule.destroys
        if rule.send and rule.destroys is None and not ends and not operation.id.parameters:
            # It names no resource that could be the run's own, and a person decided to send it.
            destructive = False
        draft = Draft(
            name=name,
            operation=operation,
            rule=rule,
            places=places,
            media_type=media_type(operation, rule),
            creates=None if destructive else creates,
            destructive=destructive,
            ends_session=ends,
            excepted=rule.excepted,
        )
        matrix = any(p.style == "matrix" and p.name not in rule.path for p in operation.parameters)
        if operation.broken and rule.excepted is None:
            draft.problem = problems.unusable(operation.broken)
        if matrix and rule.excepted is None:
            draft.problem = problems.unwritten(operation)
        draft.phase = kinds.phase(
            operation, self._answers, draft.creates is not None, destructive, ends
        )
        draft.actor = self._actor(draft)
        if rule.creates is not None:
            draft.sources["creates"] = "rule"
        self._drafts[name] = draft

    def _lacks(self, rule: Rule) -> bool:
        """Whether an additional request needs a value of an operation that the contract lacks."""
        known = {*self._contract.operations, *(r.name for r in self._rules.rules)}
        values = [rule.path, rule.query, rule.headers, rule.body]
        return any(r["from"] not in known for r in rule_references(values) if "from" in r)

    def _actor(self, draft: Draft) -> str:
        if draft.rule.actor is not None:
            return draft.rule.actor
        if not (draft.operation.secured or self._is_undeclared(draft)):
            return ANONYMOUS
        if draft.ends_session and DISPOSABLE in self._rules.actors:
            return DISPOSABLE
        return self._rules.default_actor

    def _is_undeclared(self, draft: Draft) -> bool:
        """Whether the contract says nothing about security, so that the rules say who calls."""
        sign_in = draft.operation.id == self._rules.login.operation
        return not (sign_in or self._contract.declares_security)

    def _generate(self, progress: Callable[[int, int], None] | None) -> None:
        """Give every sent draft its values; drafts of one operation share the generated ones."""
        rows = [draft for draft in self._drafts.values() if draft.sent]
        wanted: dict[str, str | None] = {}
        for draft in rows:
            wanted.setdefault(draft.operation.id, draft.media_type)
        by_operation: dict[str, list[Draft]] = {}
        for draft in rows:
            by_operation.setdefault(draft.operation.id, []).append(draft)
        named = {sample.name for sample in self._rules.samples if "*" not in sample.name}
        for count, (operation, example) in enumerate(
            examples.generate(self._contract, wanted, named), start=1
        ):
            for draft in by_operation[operation.id]:
                draft.example = example
                if example.problem and not _is_given(draft.rule, example.at):
                    draft.problem = problems.ungenerated(operation, example.problem, example.at)
                    # An invalid schema explains the failure better than the generator does.
                    self._attempt(draft, self._compile)
                else:
                    self._attempt(draft, self._filler.fill)
            if progress is not None:
                progress(count, len(wanted))

    def _compile(self, draft: Draft) -> None:
        operation = draft.operation
        pointers = [parameter.pointer for parameter in operation.parameters if parameter.required]
        if draft.media_type is not None:
            pointers.append(operation.request_bodies[draft.media_type].pointer)
        for pointer in filter(None, pointers):
            self._contract.schemas.validator(pointer, "request")

    def _attempt(self, draft: Draft, step: Callable[[Draft], None]) -> None:
        """Run one step; an invalid schema is a problem of this request, not of all."""
        try:
            step(draft)
        except DataError as error:
            draft.problem = problems.unusable(str(error))

    def _key(self, draft: Draft) -> tuple[Any, ...]:
        """The default position of a draft: by phase, depth, then name."""
        operation, rank = draft.operation, kinds.RANK[draft.phase]
        depth = operation.path.count("{")
        # Inner resources are deleted before the resources around them.
        if draft.phase == kinds.DELETE:
            depth = -depth
        making = 0 if draft.phase == kinds.CREATE else 1
        return (rank, depth, making, operation.path, operation.method, 1, draft.name)

    def _pass_on(self, order: list[str]) -> None:
        """A request that needs one which is not sent as it is has a problem, too."""
        for draft in (self._drafts[name] for name in order):
            needs = [self._drafts[name] for name in draft.needs if name in self._drafts]
            broken = next((need for need in needs if need.problem or need.undecided), None)
            if draft.sent and draft.problem is None and broken:
                why = "cannot be sent" if broken.problem else "a person must decide first"
                draft.problem = f"it needs {broken.name}, which {why}."
                draft.waits_for = broken.name

    def _validate(self, draft: Draft) -> None:
        """Note a problem if the request breaks its own contract: sending it would prove nothing."""
        # A person may allow an undecided request, so that one is validated, too.
        if draft.problem is not None or not (draft.sent or draft.undecided):
            return
        stand = {
            location: {
                name: self._standin.of(value, self._generated(draft, location, name))
                for name, value in values.items()
            }
            for location, values in draft.values.items()
        }
        query = stand["query"]
        # An undocumented parameter cannot break the contract.
        if draft.rule.undocumented:
            known = {p.name for p in draft.operation.parameters if p.location == "query"}
            query = {name: value for name, value in query.items() if name in known}
        found = self._contract.request_findings(
            draft.operation, stand["path"], query, stand["headers"]
        )
        found = [finding for finding in found if finding.pointer != "/body"]
        if draft.media_type is not None:
            found += self._body_findings(draft)
        if found:
            words = [f"{finding.pointer or 'body'}: {finding.message}" for finding in found]
            draft.problem = problems.invalid(words, draft.places)

    def _body_findings(self, draft: Draft) -> list[Any]:
        media = draft.operation.request_bodies[draft.media_type or ""]
        if media.schema is None or not (structured(media) or media.type.startswith("text/")):
            return []
        if draft.body == draft.example.body:
            # It was validated when it was generated.
            return []
        return self._standin.body(media.pointer, draft.body, draft.literal)[1]

    def _generated(self, draft: Draft, location: str, name: str) -> Any:
        """The generated value in place of a reference, else a value that its schema accepts."""
        value = getattr(draft.example, location).get(name)
        if value is not None:
            return value
        named = {p.name: p for p in draft.operation.parameters}
        parameter = named.get(name)
        if parameter is None or not parameter.pointer:
            return "smoke"
        return self._standin.any(parameter.pointer)

    def _portable(self, text: str) -> str:
        """A text without local directories, so that a plan has the same bytes on every machine."""
        for source in (self._contract.source, self._rules.source):
            text = text.replace(source, PurePath(source).name)
        return text

    def _finish(self, order: list[str]) -> Plan:
        digests = Digests(self._contract)
        drafts = [self._drafts[name] for name in order]
        for draft in drafts:
            draft.problem = draft.problem and self._portable(draft.problem)
        entries = tuple(map(entry_of, drafts))
        return Plan(
            contract=self._contract.digest,
            rules=self._rules.digest,
            operations={o.id: digests.operation(o) for o in self._contract.operations.values()},
            entries=entries,
            schemathesis=examples.version(),
            problems=decisions(self._drafts, ((e.name, e.problem) for e in entries if e.problem)),
        )


def _is_given(rule: Rule, place: str) -> bool:
    """Whether a rule sets the value that could not be generated."""
    location, _, name = place.partition("/")
    if location == "body":
        return rule.body is not None
    return name in getattr(rule, examples.LOCATIONS.get(location, "headers"), {})
