"""Checking the rules against the contract: every name must exist."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from smoke.config.rules.matching import Matched, match, names
from smoke.config.rules.model import ANONYMOUS, Rule, Rules
from smoke.config.rules.reader import is_glob
from smoke.config.rules.values import (
    ACTOR_FIELDS,
    RUN_FIELDS,
    UNIQUE_KINDS,
    is_from,
    is_unique,
    placeholders,
    references,
)
from smoke.contract import Contract, Operation
from smoke.errors import DataError, nearest

# Placeholders of a section: those with a name behind a colon, and those without.
Placeholders = tuple[tuple[str, ...], tuple[str, ...]]
IN_RULES: Placeholders = (("world", "env", *ACTOR_FIELDS), RUN_FIELDS)
IN_LOGIN: Placeholders = (
    ("env",),
    ("email", "password", "tenant_id", "client_id", "client_secret", "run"),
)
IN_RENEWAL: Placeholders = (("env",), (*IN_LOGIN[1], "refresh"))
IN_SEED: Placeholders = (("email", "env"), ("run", "tenant", "password"))


def check(
    contract: Contract, rules: "Rules", gates: Sequence[str] | None = None
) -> "dict[str, Matched]":
    """
    The merged rules of every operation, after a check that all names in them exist.

    `gates` are the known gates; None leaves them unchecked.

    Raises:
        DataError: with one line for each mistake.
    """
    wrong = list(_Checker(contract, rules, gates).mistakes())
    # Also where names are wrong: one message has both kinds of mistakes.
    matched: dict[str, Matched] = {}
    try:
        matched = match(contract, rules)
    except DataError as error:
        wrong.append(str(error))
    wrong += _hidden(contract, list(matched.values()))
    if wrong:
        raise DataError("\n".join(wrong))
    return matched


def _hidden(contract: Contract, matched: "list[Matched]") -> Iterator[str]:
    """Rules that except every operation on every target: a run would verify nothing."""
    excepted = [found.rule.excepted for found in matched]
    if excepted and all(found is not None and not found.targets for found in excepted):
        yield (
            f"{matched[0].places[-1]}: with this, every operation of {contract.source} is "
            "excepted, so that a run would verify nothing. Except only the operations that "
            "cannot be sent, each with its reason."
        )


class _Checker:
    def __init__(self, contract: Contract, rules: "Rules", gates: Sequence[str] | None) -> None:
        self._contract = contract
        self._rules = rules
        self._gates = gates
        self._names = {rule.name for rule in rules.rules if rule.name}
        self._optional = {
            name for rule in rules.rules if rule.optional for name in (*rule.operations, rule.name)
        }
        self._optional |= {name for row in rules.known if row.optional for name in row.operations}

    def mistakes(self) -> Iterator[str]:
        rules = self._rules
        for rule in rules.rules:
            yield from (f"{rule.place}: {problem}" for problem in self._rule(rule))
        for row in rules.known:
            yield from (f"{row.place}: {p}" for p in self._missing(row.operations, row.optional))
        yield from self._sections()
        yield from self._templates()
        yield from self._twice()

    def _sections(self) -> Iterator[str]:
        rules, login = self._rules, self._rules.login
        named: dict[str, str | None] = {"ready.operation": rules.ready}
        named["login.operation"] = login.operation
        named["seed.operation"] = rules.seed.operation if rules.seed else None
        named["login.renew.operation"] = login.renew.operation if login.renew else None
        named["login.end.operation"] = login.end.operation if login.end else None
        for key, operation in named.items():
            if operation and operation not in self._contract.operations:
                yield f"{rules.place(key)}: {self._unknown(operation)}"
        if isinstance(login.scheme, str):
            yield from self._scheme("login.scheme", login.scheme)
        for name, row in rules.actors.items():
            for scheme in row.keys:
                yield from self._scheme(f"actors.{name}.keys.{scheme}", scheme)

    def _scheme(self, key: str, name: str) -> Iterator[str]:
        allowed = self._contract.security_schemes
        if name not in allowed:
            yield (
                f"{self._rules.place(key)}: the contract has no security scheme {name!r}; it has "
                f"{', '.join(allowed) or 'none'}.{nearest(name, allowed)}"
            )

    def _twice(self) -> Iterator[str]:
        seen: dict[str, Rule] = {}
        for rule in self._rules.rules:
            if rule.name in seen:
                yield f"{rule.place}: as = {rule.name!r} is taken by {seen[rule.name].place}."
            if rule.name:
                seen[rule.name] = rule

    def _rule(self, rule: "Rule") -> Iterator[str]:
        yield from self._missing(rule.operations, rule.optional)
        actors = [*self._rules.actors, ANONYMOUS]
        if rule.actor is not None and rule.actor not in actors:
            allowed = ", ".join(actors)
            yield f"unknown actor {rule.actor!r}.{nearest(rule.actor, actors)} Known: {allowed}."
        if self._gates is not None and rule.gate is not None and rule.gate not in self._gates:
            near = nearest(rule.gate, self._gates)
            yield f"unknown gate {rule.gate!r}.{near} Known: {', '.join(self._gates)}."
        if rule.name and (len(rule.operations) != 1 or is_glob(rule.operations[0])):
            yield f"as = {rule.name!r} adds one request, so it must name exactly one operation."
        # An optional rule may also name requests that this contract lacks.
        if rule.optional and not self._matches(rule):
            return
        for name in (*rule.after, *filter(None, (rule.victim, rule.own))):
            if not self._is_request(name):
                yield self._unknown(name)
        yield from self._values(rule)
        yield from self._parameters(rule)

    def _missing(self, patterns: Iterable[str], optional: bool) -> Iterator[str]:
        if optional:
            return
        for pattern in patterns:
            if pattern in self._contract.operations:
                continue
            operations = self._contract.operations.values()
            if not is_glob(pattern):
                yield self._unknown(pattern)
            elif not any(names([pattern], operation) for operation in operations):
                yield f"{pattern!r} matches no operation of {self._contract.source}."

    def _matches(self, rule: "Rule") -> bool:
        if any(name in self._contract.operations for name in rule.operations):
            return True
        operations = self._contract.operations.values()
        return any(names(rule.operations, operation) for operation in operations)

    def _unknown(self, operation: str) -> str:
        near = nearest(operation, [*self._contract.operations, *self._names])
        return (
            f"{operation!r} is not an operation of {self._contract.source}.{near} "
            "If only some deployments have it, set optional = true."
        )

    def _is_request(self, name: str) -> bool:
        known = self._contract.operations
        return name in known or name in self._names or name in self._optional

    def _values(self, rule: "Rule") -> Iterator[str]:
        whole = [rule.path, rule.query, rule.headers, rule.body]
        for reference in references(whole):
            if is_from(reference) and not self._is_request(reference["from"]):
                yield self._unknown(reference["from"])
            if is_unique(reference) and reference.get("as", "text") not in UNIQUE_KINDS:
                kinds = ", ".join(UNIQUE_KINDS)
                yield f"unknown kind {reference['as']!r} of unique. Known: {kinds}."
        yield from self._placeholders(whole, IN_RULES)

    def _templates(self) -> Iterator[str]:
        """The placeholders of the sections that are not rules, each with its own values."""
        login, seed = self._rules.login, self._rules.seed
        renewing = [call.body for call in (login.renew, login.end) if call is not None]
        sections: list[tuple[str, Any, Placeholders]] = [
            ("login.body", [login.body, dict(login.headers)], IN_LOGIN),
            ("login", renewing, IN_RENEWAL),
            ("seed.body", seed.body if seed else None, IN_SEED),
        ]
        for key, value, allowed in sections:
            for problem in self._placeholders(value, allowed):
                yield f"{self._rules.place(key)}: {problem}"
        for sample in self._rules.samples:
            for problem in self._placeholders(sample.values, IN_RULES):
                yield f"{sample.place}: {problem}"

    def _placeholders(self, value: Any, allowed: Placeholders) -> Iterator[str]:
        named, bare = allowed
        world = [*self._rules.world, *self._rules.world_made]
        for name, argument in placeholders(value):
            written = "{" + name + (f":{argument}" if argument else "") + "}"
            known = world if name == "world" else list(self._rules.actors)
            if (name in bare and not argument) or (name == "env" and argument):
                continue
            if name == "env" or name not in named:
                near = nearest(name, [*named, *bare])
                yield (
                    f"unknown placeholder {written!r}.{near} "
                    f"Known: {', '.join([*named, *bare])}; '{{{{' is a brace."
                )
            elif argument not in known:
                near = nearest(argument, known)
                yield f"{written!r}: unknown name.{near} Known: {', '.join(known)}."

    def _parameters(self, rule: "Rule") -> Iterator[str]:
        """Path and query names that the operation lacks, for operations named by id."""
        # A pattern may match operations with and without a parameter, so only ids are checked.
        for operation_id in rule.operations:
            operation = self._contract.operations.get(operation_id)
            if operation is not None:
                yield from _unknown_names(operation, "path", rule.path)
                if not rule.undocumented:
                    yield from _unknown_names(operation, "query", rule.query)
                yield from _body_problems(operation, rule)
                if rule.own and not operation.id.parameters:
                    yield f"own = {rule.own!r}: the path of {operation.id!r} has no parameter."


def _unknown_names(operation: Operation, location: str, values: Any) -> Iterator[str]:
    known = [p.name for p in operation.parameters if p.location == location]
    for name in values:
        if name not in known:
            allowed = ", ".join(known) or "none"
            yield f"{operation.id!r} has no {location} parameter {name!r}; it has {allowed}." + (
                nearest(name, known)
            )


def _body_problems(operation: Operation, rule: "Rule") -> Iterator[str]:
    if rule.body is not None and not operation.request_bodies:
        yield f"{operation.id!r} takes no body."
    if rule.media_type is not None and rule.media_type not in operation.request_bodies:
        allowed = list(operation.request_bodies)
        yield (
            f"{operation.id!r} has no media type {rule.media_type!r}; it has "
            f"{', '.join(allowed) or 'none'}.{nearest(rule.media_type, allowed)}"
        )
