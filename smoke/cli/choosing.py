"""Choosing the checks of a quick run, by what a record of a full run says that they cost."""

import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.config.rules import Rules
from smoke.contract import Contract
from smoke.documents.toml import toml_key, toml_rule, toml_value
from smoke.errors import ConfigError
from smoke.plan import Plan
from smoke.plan.depth import REQUESTS_PER_OPERATION, Cost, Limit, Quick, Sent, choose
from smoke.results.lessons import UNKNOWN, Lesson, lessons
from smoke.results.record import Line, Record
from smoke.results.record_reader import read

if TYPE_CHECKING:
    from smoke.config.settings import Settings


def chosen(settings: "Settings", contract: Contract, plan: Plan, source: Path) -> Quick:
    """
    Return the checks of a quick run of a plan.

    Raises:
        ConfigError: the record is not of a green full run.
        DataError: the record cannot be read.
    """
    from smoke.config import rules as rules_of
    from smoke.pytest_plugin.items import fixtures_of
    from smoke.session.sign_in import called

    record, rules = read(source), rules_of.load(settings.rules)
    if record.verdict["exit"] or record.verdict["part"] or record.is_quick:
        raise ConfigError([f"{source}: not the record of a whole green run. Run: smoke run."])
    # Unlike `python -m`, a console script does not add the working directory.
    sys.path.insert(0, str(settings.root))
    sign_in = frozenset([called(rules.login)]) & frozenset(contract.operations)
    costs = costs_of(record, fixtures_of(settings.checks), sign_in, rules.actors)
    target = settings.target.name
    entries = [e for e in plan.entries if not (e.is_extra or e.problem or e.excepted_on(target))]
    always = _always(record, rules, sign_in)
    sent = Sent(plan, entries, always, _further(plan), sign_in)
    expected = sum(row["account"] == "succeeded" for row in record.ledger)
    limit = Limit(int(expected * REQUESTS_PER_OPERATION), max(len(rules.actors), 1))
    names = choose(sent, costs, limit)
    requests, sign_ins = sent.estimate(costs[name] for name in names)
    return Quick({name: costs[name].requests for name in names}, requests, sign_ins)


def _always(record: "Record", rules: Rules, sign_in: frozenset[str]) -> Cost:
    """What a run sends for itself: readiness, seeding, the key set, and a refusal per surface."""
    refusals = [c for c in record.checks if c["check"].startswith("refusals.anonymous_is_refused[")]
    seed, token = rules.seed, rules.login.token
    seen = [rules.ready, seed and seed.operation, token and f"GET {token.jwks}"]
    own = frozenset(operation for operation in seen if operation)
    return Cost(len(own) + bool(rules.live) + len(refusals), sees=own | sign_in)


def _further(plan: Plan) -> dict[str, int]:
    """The requests that follow an entry: they read back what it wrote, or remove what it made."""
    from smoke.session.readback import WRITTEN, pairs_of
    from smoke.session.session import removers_of

    found = {pair.entry.name: 1 for pair in pairs_of(plan) if pair.kind != WRITTEN or pair.is_list}
    removed = {name for e in plan.entries if e.destructive and not e.is_extra for name in e.needs}
    removers = removers_of(plan)
    for entry in plan.entries:
        if entry.creates is not None and entry.operation in removers and entry.name not in removed:
            found[entry.name] = found.get(entry.name, 0) + 1
    return found


def learned(settings: "Settings", contract: Contract, plan: Plan, record: Path) -> str:
    """
    The diff from the rules to the rules with what a record suggests; empty if it suggests nothing.

    Raises:
        DataError: the record cannot be read.
    """
    found = lessons(contract, plan, read(record).exchanges)
    old = settings.rules.read_text(encoding="utf-8")
    name = settings.rules.relative_to(settings.root).as_posix()
    lines = old.splitlines(keepends=True), with_lessons(old, found).splitlines(keepends=True)
    return "".join(unified_diff(*lines, f"a/{name}", f"b/{name}"))


def with_lessons(text: str, found: list[Lesson]) -> str:
    """Rules with samples below the table of samples, and the other lessons at the end."""
    samples = list(_samples(text, found))
    if samples:
        head, table, rest = text.partition("[samples]\n")
        # Without the table there, it comes last.
        head = head if table else f"{text.rstrip()}\n\n"
        text = "".join([head, "[samples]\n", *(f"{line}\n" for line in samples), rest])
    blocks = "".join(f"\n{_rule(one)}" for one in found if one.rule)
    return f"{text.rstrip()}\n{blocks}" if samples or blocks else text


def _samples(text: str, found: list[Lesson]) -> Iterator[str]:
    """One line for each name, with the number of operations that asked for it."""
    asked = Counter(name for one in found for name in one.samples)
    values = {name: value for one in found for name, value in one.samples.items()}
    for name, count in asked.most_common():
        line = f"{toml_key(name)} = {toml_value(values[name])}"
        if line not in text:
            yield f"{line}  # {count} refused requests name it"


def _rule(lesson: Lesson) -> str:
    """A rule; one that lacks a value is a comment to complete."""
    rule = toml_rule(lesson.operation, **lesson.rule)
    sign = "# " if UNKNOWN in rule else ""
    rows = "".join(f"{sign}{row}\n" for row in rule.splitlines())
    return f"# {lesson.evidence}\n{rows}"


# Costs come from the record of a full run: a quick run has sent only a part of what they are.
def costs_of(
    record: Record,
    checks: Mapping[str, frozenset[str]],
    sign_in: Collection[str],
    actors: Collection[str],
) -> dict[str, Cost]:
    """Return the cost of the checks that passed, in the record's order.

    `checks` has the project's fixtures of each check, by its name.
    """
    sees = defaultdict(set)
    for row in record.ledger:
        if row["account"] == "succeeded":
            for name in str(row["why"]).split(", "):
                sees[name].add(str(row["operation"]))
    # A check that failed or was skipped sent less than it costs.
    passed = [line["check"] for line in record.checks if line["outcome"] == "passed"]
    found = {}
    for name in passed:
        if name in checks:
            sent = record.sent_by.get(name, [])
            cost = _cost(record, sent, sign_in, actors)
            found[name] = replace(cost, sees=frozenset(sees[name]), fixtures=checks[name])
    return found


def _cost(
    record: Record, sent: Sequence[Line], sign_in: Collection[str], actors: Collection[str]
) -> Cost:
    signed_in = [one for one in sent if one["operation"] in sign_in and one["status"] == 200]
    # The sign-in of an actor belongs to the actor, whichever check needed it first.
    of_actors = [one for one in signed_in if one["actor"] in actors]
    return Cost(
        requests=len(sent) - len(of_actors),
        sign_ins=len(signed_in) - len(of_actors),
        actors=frozenset(one["actor"] for one in sent if one["actor"] in actors),
        refuses=frozenset(_refusals(record, sent)),
    )


def _refusals(record: Record, sent: Iterable[Line]) -> Iterator[str]:
    """The refusals that were expected: each operation with what it should answer."""
    for one in sent:
        for line in record.expected_of.get(one["number"], ()):
            if str(line["expected"]).startswith("4"):
                yield f"{one['operation']} {line['expected']}"
